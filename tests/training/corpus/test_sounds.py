"""Sounds rendered by the real amsynth and the real FluidSynth are the notes that were played."""

import csv
import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from manned.errors import ConfigError, CorpusError
from manned.model.pitch import note_to_hz
from training.cli.sounds import sounds
from training.corpus.sounds import audition
from training.corpus.sounds.render import render, render_take
from training.corpus.sounds.sound_folder import SoundFolder
from training.corpus.sounds.source_list import (
    Limits,
    Melodies,
    Notes,
    Selection,
    SourceList,
    Split,
    find_source_list,
    is_source_list,
    midi_note,
    read_source_list,
    shipped,
)
from training.corpus.sounds.takes import dealt, melody, takes
from training.corpus.sounds.tuning import measure
from training.corpus.sources import amsynth, fluidr3, zynaddsubfx
from training.corpus.sources.patch import Patch, Played
from training.corpus.sources.table import SYNTHESIZERS

SAMPLERATE = 44100
TWO_PATCHES = """
[notes]
first = "A2"
last = "E5"
classes = ["C", "E", "A"]
held_s = 0.4
spacing_s = 0.45

[[sources]]
name = "amsynth"
patches = "amsynth/BriansBank01/120 *"

[[sources]]
name = "fluidr3"
patches = "fluidr3/071 *"
"""
PLAYED = [45, 48, 52, 57, 60, 64, 69, 72, 76]


@pytest.fixture(scope="module")
def list_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("list") / "two.toml"
    path.write_text(TWO_PATCHES)
    return path


@pytest.fixture(scope="module")
def folder(list_path, tmp_path_factory):
    """Two patches, one of each source, rendered."""
    path = tmp_path_factory.mktemp("sounds")
    render(read_source_list(list_path), path)
    return path


def listed(folder: Path) -> list[dict]:
    with open(folder / "notes.csv", newline="") as file:
        return list(csv.DictReader(file))


def state_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in sorted(folder.rglob("*.flac"))}


def measured_frequency(sound: np.ndarray, note: int) -> float:
    """Where the spectrum peaks within a semitone of a note."""
    size = 2**19
    spectrum = np.abs(np.fft.rfft(sound * np.blackman(len(sound)), size))
    hertz = np.fft.rfftfreq(size, 1 / SAMPLERATE)
    near = (hertz > note_to_hz(note - 1)) & (hertz < note_to_hz(note + 1))
    return float(hertz[near][np.argmax(spectrum[near])])


def series(fundamental: float, partials: int = 8, length_s: float = 0.6) -> np.ndarray:
    time_s = np.arange(round(length_s * SAMPLERATE)) / SAMPLERATE
    return sum(np.sin(2 * np.pi * number * fundamental * time_s) / number for number in range(1, partials + 1))


def four_notes(shift_cents: float = 0.0) -> np.ndarray:
    """What a patch playing the audition's notes sounds like when it is out of tune by so much."""
    gap = np.zeros(round((audition.SPACING_S - audition.HELD_S) * SAMPLERATE))
    return np.concatenate(
        [
            np.concatenate([series(note_to_hz(note + shift_cents / 100), length_s=audition.HELD_S), gap])
            for note in audition.NOTES
        ]
    )


class TestFolder:
    def test_holds_one_16_bit_mono_flac_per_patch(self, folder):
        files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.flac"))
        assert files == ["amsynth/BriansBank01/120-Tone1.flac", "fluidr3/071-Clarinet.flac"]
        for name in files:
            info = soundfile.info(folder / name)
            assert (info.samplerate, info.channels, info.subtype) == (SAMPLERATE, 1, "PCM_16")
            assert info.frames == len(PLAYED) * round(0.45 * SAMPLERATE)

    def test_lists_every_note_of_every_patch(self, folder):
        rows = listed(folder)
        assert list(rows[0]) == ["file", "clip", "start_s", "end_s", "note", "set"]
        for clip in ("amsynth/BriansBank01/120 Tone1", "fluidr3/071 Clarinet"):
            assert [int(row["note"]) for row in rows if row["clip"] == clip] == PLAYED

    def test_lists_the_sounding_part_within_the_held_note(self, folder):
        for row in listed(folder):
            onset = PLAYED.index(int(row["note"])) * 0.45
            assert onset + 0.01 <= float(row["start_s"]) < onset + 0.1
            assert float(row["start_s"]) + 0.1 <= float(row["end_s"]) <= onset + 0.4 + 1e-3

    def test_plays_each_note_at_its_pitch(self, folder):
        for row in listed(folder):
            first, last = (round(float(row[key]) * SAMPLERATE) for key in ("start_s", "end_s"))
            sound, _ = soundfile.read(folder / row["file"], start=first, stop=last)
            note = int(row["note"])
            cents = 1200 * np.log2(measured_frequency(sound, note) / note_to_hz(note))
            # An oscillator is exact, a sampled clarinet as good as its player.
            assert abs(cents) < (2 if row["clip"].startswith("amsynth") else 8), row

    def test_is_silent_before_each_note(self, folder):
        for path in folder.rglob("*.flac"):
            sound, _ = soundfile.read(path)
            for note_end in np.arange(1, len(PLAYED)) * round(0.45 * SAMPLERATE):
                assert np.abs(sound[note_end - 8 : note_end]).max() < 0.05 * np.abs(sound).max()

    def test_says_where_every_sound_comes_from(self, folder):
        sources = json.loads((folder / "SOURCES.json").read_text())
        assert sources["amsynth"]["clips"] == ["amsynth/BriansBank01/120 Tone1"]
        assert sources["fluidr3"]["clips"] == ["fluidr3/071 Clarinet"]
        assert "GPL" in sources["amsynth"]["licence"] and "MIT" in sources["fluidr3"]["licence"]
        installed = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "amsynth"], capture_output=True, text=True)
        assert sources["amsynth"]["packages"] == {"amsynth": installed.stdout}


class TestGoingOn:
    def test_renders_nothing_twice(self, folder, list_path):
        before = state_of(folder)
        render(read_source_list(list_path), folder)
        assert state_of(folder) == before

    def test_renders_again_just_what_is_missing(self, folder, list_path):
        before = state_of(folder)
        (folder / "fluidr3" / "071-Clarinet.flac").unlink()
        render(read_source_list(list_path), folder)
        after = state_of(folder)
        assert after["120-Tone1.flac"] == before["120-Tone1.flac"]
        assert after["071-Clarinet.flac"][1] == before["071-Clarinet.flac"][1]

    def test_a_killed_run_leaves_whole_files_and_goes_on(self, tmp_path):
        wanted = tmp_path / "bank.toml"
        wanted.write_text(TWO_PATCHES.replace("BriansBank01/120 *", "BriansBank01/12[0-3] *"))
        folder = tmp_path / "sounds"
        command = [sys.executable, "-m", "training.cli", "sounds", "render", str(wanted), "-o", str(folder)]
        first = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        while first.poll() is None and not list(folder.rglob("[!.]*.flac")):
            time.sleep(0.002)
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert not (folder / "notes.csv").exists()
        for path in folder.rglob("[!.]*.flac"):
            assert len(soundfile.read(path)[0]) == len(PLAYED) * round(0.45 * SAMPLERATE)
        again = subprocess.run(command, capture_output=True, text=True)
        assert again.returncode == 0, again.stderr
        assert len(list(folder.rglob("*.flac"))) == 5
        assert all((folder / row["file"]).is_file() for row in listed(folder))

    def test_refuses_a_folder_of_another_list(self, folder, list_path):
        wanted = read_source_list(list_path)
        with pytest.raises(ConfigError, match="another source list"):
            render(replace(wanted, notes=replace(wanted.notes, last="C6")), folder)


class TestMissingPackages:
    def test_names_amsynth(self, monkeypatch, list_path, tmp_path):
        monkeypatch.setattr(amsynth, "PLUGIN", tmp_path / "amsynth_dssi.so")
        with pytest.raises(CorpusError, match="apt install amsynth"):
            render(read_source_list(list_path), tmp_path)

    def test_names_the_soundfont(self, monkeypatch, list_path, tmp_path):
        monkeypatch.setattr(fluidr3, "SOUNDFONT", tmp_path / "FluidR3_GM.sf2")
        with pytest.raises(CorpusError, match="apt install fluid-soundfont-gm"):
            render(read_source_list(list_path), tmp_path)

    def test_names_fluidsynth(self, monkeypatch, list_path, tmp_path):
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(CorpusError, match="apt install fluidsynth"):
            render(read_source_list(list_path), tmp_path)


class TestTuning:
    @pytest.mark.parametrize("note", [36, 48, 60, 79, 95])
    @pytest.mark.parametrize("cents", [-9.0, 0.0, 6.0])
    def test_measures_a_deviation_in_cents(self, note, cents):
        tuning = measure(series(note_to_hz(note + cents / 100)), note, SAMPLERATE)
        assert tuning.cents == pytest.approx(cents, abs=0.7)
        assert tuning.harmonic > 0.97

    def test_of_an_octave_higher_has_no_odd_harmonics(self):
        assert measure(series(note_to_hz(72)), 60, SAMPLERATE).odd < 0.001

    def test_of_an_octave_lower_has_something_below_the_fundamental(self):
        assert measure(series(note_to_hz(48)), 60, SAMPLERATE).below_db > -3

    def test_of_a_loud_third_harmonic_tells_another_pitch_class(self):
        time_s = np.arange(26000) / SAMPLERATE
        fifth = 4 * np.sin(2 * np.pi * 3 * note_to_hz(60) * time_s)
        assert measure(series(note_to_hz(60)), 60, SAMPLERATE).class_db > 6
        assert measure(series(note_to_hz(60))[:26000] + fifth, 60, SAMPLERATE).class_db < -6

    def test_of_noise_is_not_harmonic(self):
        noise = np.random.default_rng(1).standard_normal(26000)
        assert measure(noise, 60, SAMPLERATE).harmonic < 0.3


class TestAudition:
    limits = Limits(cents=6.0)

    def test_passes_notes_in_tune(self):
        assert audition.is_melodic(audition.analyse(four_notes(), SAMPLERATE), self.limits)

    @pytest.mark.parametrize("cents", [15, -25, 100, 700, 1200, -1200, 1900])
    def test_fails_what_is_shifted(self, cents):
        assert not audition.is_melodic(audition.analyse(four_notes(cents), SAMPLERATE), self.limits)

    def test_fails_two_voices_out_of_tune_with_one_another(self):
        assert not audition.is_melodic(audition.analyse(four_notes(-20) + four_notes(20), SAMPLERATE), self.limits)

    def test_fails_silence(self):
        assert not audition.is_melodic(audition.analyse(np.zeros_like(four_notes()), SAMPLERATE), self.limits)

    def test_keeps_one_of_two_copies_that_differ_in_volume(self):
        sound = four_notes()
        auditions = {
            Patch("amsynth", "original"): audition.analyse(sound, SAMPLERATE),
            Patch("amsynth", "copy"): audition.analyse(0.5 * sound, SAMPLERATE),
        }
        selection = Selection("amsynth", apart_db=1.0, melodic=self.limits)
        chosen, further = audition.choose(auditions, selection, seed=1)
        assert [patch.name for patch in chosen] == ["original"] and not further

    def test_draws_further_patches_beside_the_same_ones(self):
        sound = audition.analyse(four_notes(), SAMPLERATE)
        auditions = {Patch("amsynth", str(number)): sound for number in range(40)}
        chosen, further = audition.choose(auditions, Selection("amsynth", count=8, melodic=self.limits), seed=1)
        same, more = audition.choose(auditions, Selection("amsynth", count=8, more=20, melodic=self.limits), seed=1)
        assert len(chosen) == 8 and not further
        assert same == chosen and len(more) == 20 and not {*more} & {*chosen}

    def test_draws_the_same_patches_from_a_bank_again(self, tmp_path):
        wanted = SourceList(
            notes=Notes("C4", "D4"),
            sources=(Selection("amsynth", "amsynth/BriansBank01/12*", count=2, melodic=self.limits),),
        )
        clips = [sorted({row["clip"] for row in render(wanted, tmp_path / name)}) for name in ("one", "two")]
        assert len(clips[0]) == 2
        assert clips[0] == clips[1]


class TestAmsynth:
    def test_offers_every_factory_patch_once(self):
        patches = amsynth.patches()
        assert len({patch.name for patch in patches}) == len(patches) > 3000
        assert len({tuple(patch.settings.items()) for patch in patches}) == len(patches)

    def test_a_note_carries_nothing_of_the_one_before(self):
        patch = next(patch for patch in amsynth.patches() if patch.name.endswith("120 Tone1"))
        before, note = Played(40, 127, 10000, 12000), Played(60, 100, 10000, 12000)
        after_another = amsynth.render(patch, [before, note], SAMPLERATE)
        alone = amsynth.render(patch, [note], SAMPLERATE)
        assert np.array_equal(after_another[12000:], alone)

    @pytest.mark.parametrize("waveform", [1.0, 3.0, 4.0], ids=["pulse", "noise", "random"])
    def test_a_patch_sounds_the_same_whatever_was_played_before(self, waveform):
        patch = next(patch for patch in amsynth.patches() if patch.name.endswith("009 Pianola"))
        other = Patch("amsynth", "other", patch.settings | {"osc1_waveform": waveform, "osc2_waveform": waveform})
        notes = [Played(60, 100, 10000, 12000), Played(64, 100, 10000, 12000)]
        for each in (patch, other):
            once = amsynth.render(each, notes, SAMPLERATE)
            amsynth.render(other, notes[:1], SAMPLERATE)
            assert once.any() and np.array_equal(amsynth.render(each, notes, SAMPLERATE), once)

    def test_a_note_out_of_tune_is_not_listed(self, tmp_path):
        patch = next(patch for patch in amsynth.patches() if patch.name.endswith("120 Tone1"))
        second_oscillator_a_fifth_up = patch.settings | {
            "osc_mix": 1.0,
            "osc2_pitch": 7.0,
            "osc2_range": 0.0,
            "osc2_sync": 0.0,
            "osc2_detune": 0.0,
        }
        wanted = SourceList(notes=Notes("C4", "D4"), sources=(Selection("amsynth"),))
        for name, settings in (("in-tune", patch.settings), ("fifth", second_oscillator_a_fifth_up)):
            render_take(takes([Patch("amsynth", name, settings)], wanted)[0], wanted, SoundFolder(tmp_path))
        assert len(json.loads((tmp_path / ".rendered" / "in-tune.json").read_text())) == 3
        assert json.loads((tmp_path / ".rendered" / "fifth.json").read_text()) == []


@pytest.mark.parametrize("name", SYNTHESIZERS)
def test_a_row_of_the_table_of_sources_is_a_source(name):
    """The key, the patches and the packages of each belong together, and two patches never share a clip."""
    source = SYNTHESIZERS[name]
    patches = source.patches()
    assert {patch.source for patch in patches} == {name}
    assert all(patch.name.startswith(f"{name}/") for patch in patches)
    assert len({patch.name for patch in patches}) == len(patches)
    assert source.PACKAGES and source.LICENCE


class TestSourceLists:
    @pytest.mark.parametrize("name", shipped())
    def test_that_come_with_the_program_are_readable_by_name(self, name):
        assert read_source_list(name).notes.played()

    def test_are_found_by_name_unless_something_of_that_name_lies_here(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert is_source_list("one-octave") and is_source_list("MINE.TOML") and not is_source_list("recordings")
        (tmp_path / "one-octave").mkdir()
        assert not is_source_list("one-octave")
        with pytest.raises(ConfigError, match="two-octaves: no such file.*those are chromatic, five-octaves"):
            find_source_list("two-octaves")

    def test_may_begin_with_a_byte_order_mark(self, tmp_path):
        (tmp_path / "notepad.toml").write_bytes(b"\xef\xbb\xbf" + TWO_PATCHES.encode())
        assert read_source_list(tmp_path / "notepad.toml").notes.last == "E5"

    def test_name_notes_as_musicians_do(self):
        assert [midi_note(name) for name in ("C-1", "C4", "F#3", "A4", "G9")] == [0, 60, 54, 69, 127]

    @pytest.mark.parametrize(
        ("found", "instead", "message"),
        [
            ("held_s", "hold_s", "no key 'hold_s'"),
            ('first = "A2"', 'first = "H2"', "'H2'"),
            ("held_s = 0.4", "held_s = 0.44", "ends 0.02 s before the next"),
            ('"C", "E"', '"C", "Es"', "'Es'"),
            ('last = "E5"', 'last = "A1"', "no note"),
            ('last = "E5"', "", "lacks last"),
            ("held_s = 0.4", 'held_s = "long"', "'long'"),
            ("[[sources]]", "[sources]", "cannot be read|sources"),
            ('name = "amsynth"', 'name = "moog"', "the sources are amsynth, fluidr3, zynaddsubfx"),
            ("120 *", "999 *", "named like"),
            ("[[sources]]", "[split]\ntest = -1\n[[sources]]", "negative"),
            ("[[sources]]", "[split]\ntest = 1\n[melodies]\ntest_s = 1\n[[sources]]", "cannot both"),
            ("[[sources]]", "[melodies]\nshortest_s = 0.01\n[[sources]]", "0.15 s at least"),
        ],
    )
    def test_with_a_mistake_say_which(self, tmp_path, found, instead, message):
        path = tmp_path / "wrong.toml"
        path.write_text(TWO_PATCHES.replace(found, instead, 1))
        with pytest.raises(ConfigError, match=message):
            render(read_source_list(path), tmp_path / "sounds")


class TestZynAddSubFX:
    def test_offers_every_instrument_once(self):
        patches = zynaddsubfx.patches()
        assert len({patch.name for patch in patches}) == len(patches) > 1200
        assert len({Path(patch.settings["path"]).read_bytes() for patch in patches}) == len(patches)

    def test_plays_the_patch_and_the_notes_asked_for(self):
        reed, bass = (self.patch(name) for name in ("Laba170bank/0008 BrassyFlute", "Bass/0001 Bass 1"))
        notes = [Played(note, 100, 16000, 18000) for note in (48, 60, 69)]
        for patch in (reed, bass):
            sound = zynaddsubfx.render(patch, notes, SAMPLERATE)
            assert sound.dtype == np.float32 and len(sound) == 3 * 18000
            for number, each in enumerate(notes):
                tuning = measure(sound[number * 18000 + 2000 : number * 18000 + 16000], each.note, SAMPLERATE)
                assert abs(tuning.cents) < 10 and tuning.harmonic > 0.9
        assert audition_of(reed) != audition_of(bass)

    def test_a_note_carries_nothing_of_the_one_before(self):
        patch = self.patch("Laba170bank/0008 BrassyFlute")
        loud, silent = Played(40, 127, 10000, 12000), Played(60, 1, 100, 12000)
        sound = zynaddsubfx.render(patch, [loud, silent], SAMPLERATE)
        assert np.abs(sound[12000:]).max() < 0.05 * np.abs(sound[:12000]).max()

    def test_leaves_the_caller_the_smallest_numbers(self):
        # The plugin is compiled with -ffast-math, which would make them zero in this thread.
        zynaddsubfx.render(self.patch("Bass/0001 Bass 1"), [Played(60, 100, 100, 200)], SAMPLERATE)
        assert float.fromhex("0x1p-1074") + 0.0 > 0

    def test_names_the_package_that_is_missing(self, monkeypatch, tmp_path):
        monkeypatch.setattr(zynaddsubfx, "PLUGIN", tmp_path / "libzynaddsubfx_dssi.so")
        wanted = SourceList(notes=Notes("C4", "D4"), sources=(Selection("zynaddsubfx"),))
        with pytest.raises(CorpusError, match="apt install zynaddsubfx-dssi zynaddsubfx-data"):
            render(wanted, tmp_path / "sounds")
        assert not (tmp_path / "sounds").exists()

    def test_is_rendered_with_its_licence(self, tmp_path):
        wanted = SourceList(
            notes=Notes("C4", "D4"), sources=(Selection("zynaddsubfx", "zynaddsubfx/Laba170bank/0008*"),)
        )
        rows = render(wanted, tmp_path)
        assert [row["note"] for row in rows] == [60, 61, 62]
        assert "GPL" in json.loads((tmp_path / "SOURCES.json").read_text())["zynaddsubfx"]["licence"]

    @staticmethod
    def patch(name):
        return next(patch for patch in zynaddsubfx.patches() if patch.name == f"zynaddsubfx/{name}")


def audition_of(patch: Patch) -> tuple[float, ...]:
    """Levels of the partials of A4, by which patches are told apart."""
    return measure(
        zynaddsubfx.render(patch, [Played(69, 100, 16000, 18000)], SAMPLERATE)[2000:16000], 69, SAMPLERATE
    ).partials_db


class TestSets:
    patches = tuple(Patch("amsynth", f"amsynth/bank/{number:03d}") for number in range(80))
    notes = Notes("C4", "C5", velocities=(20, 125))

    def test_of_a_split_are_dealt_by_patch(self):
        wanted = SourceList(self.notes, (Selection("amsynth"),), split=Split(5, 5))
        clips = [patch.name for patch in self.patches]
        sets = dealt(clips, wanted)
        assert list(sets) != clips and sorted(sets) == clips
        assert [list(sets.values()).count(name) for name in ("train", "validation", "test")] == [70, 5, 5]
        assert sets == dealt(clips, wanted)
        assert sets != dealt(clips, replace(wanted, seed=2))

    def test_of_further_patches_are_for_training(self):
        wanted = SourceList(self.notes, (Selection("amsynth"),), split=Split(5, 5))
        few = takes(self.patches[:40], wanted)
        more = takes(self.patches[:40], wanted, self.patches[40:])
        assert more[:40] == few and {take.into for take in more[40:]} == {"train"}

    def test_of_too_few_patches_are_refused(self):
        wanted = SourceList(self.notes, (Selection("amsynth"),), split=Split(5, 5))
        with pytest.raises(CorpusError, match="10 patches play notes in tune, too few"):
            dealt([patch.name for patch in self.patches[:10]], wanted)

    def test_of_melodies_are_notes_for_training_and_melodies_for_the_rest(self):
        wanted = SourceList(self.notes, (Selection("amsynth"),), melodies=Melodies(6.0, 9.0))
        scale, validation, test = takes(self.patches[:1], wanted)
        assert (scale.into, validation.into, test.into) == ("train", "validation", "test")
        assert len(scale.notes) == 26
        for take, seconds in ((validation, 6.0), (test, 9.0)):
            assert seconds <= sum(each.spacing for each in take.notes) / SAMPLERATE < seconds + 1.5
        assert validation.notes != test.notes[: len(validation.notes)]

    def test_of_a_melody_keep_to_the_list(self):
        wanted = SourceList(self.notes, (Selection("amsynth"),), melodies=Melodies(600.0))
        notes = melody(wanted, 600.0, np.random.default_rng(1))
        assert {each.note for each in notes} == set(range(60, 73))
        assert {each.velocity for each in notes} <= set(range(20, 126))
        lengths = [each.spacing / SAMPLERATE for each in notes]
        assert 0.25 <= min(lengths) and max(lengths) <= 1.5

    def test_are_written_beside_each_note(self, tmp_path):
        wanted = SourceList(
            Notes("G4", "A4"),
            (Selection("fluidr3", "fluidr3/040 *"),),
            melodies=Melodies(1.0, 1.0),
            check=Limits(cents=50.0, harmonic=0.1, below_db=0.0),
        )
        render(wanted, tmp_path)
        sets = {row["clip"]: row["set"] for row in listed(tmp_path)}
        assert sets == {
            "fluidr3/040 Violin": "train",
            "fluidr3/040 Violin validation": "validation",
            "fluidr3/040 Violin test": "test",
        }


class TestCommand:
    def test_lists_sources_with_their_licences_and_what_is_missing(self, monkeypatch, tmp_path):
        monkeypatch.setattr(amsynth, "PLUGIN", tmp_path / "amsynth_dssi.so")
        lines = CliRunner().invoke(sounds, ["sources"]).output.splitlines()
        assert "apt install amsynth" in lines[0] and "GPL" in lines[1]
        assert lines[2] == "fluidr3: 128 patches" and "MIT" in lines[3]
        assert lines[4].startswith("zynaddsubfx: 1") and "GPL" in lines[5]
