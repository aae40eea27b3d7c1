"""A rendered score is what the instrument plays, sample for sample."""

import os
import re
import threading

import jack
import mido
import numpy as np
import pytest
import soundfile
from running import RunningManned, command
from small_decoder import small_decoder_file

import manned.render
from manned.config import load_config, with_model_of
from manned.control.score import Score
from manned.errors import AudioError, ConfigError, ModelError, ScoreError
from manned.render import render
from manned.state.preset import Preset
from manned.state.preset_folder import PresetFolder

SCORE = """
0.0  /latents 0.2 0.7
0.0  /env/release 0.3
0.01 /gate 1
0.1  /mnote 57 100
0.3  /glide 0.2
0.3  /xy 0.9 0.1
0.4  /mnote/rel 57
0.4  /fnote 329.63 80
0.5  /bend 0.5
0.7  /chroma F#
0.8  /gate 0
0.9  /allnotesoff
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("render")
    small_decoder_file(folder)
    small_decoder_file(folder, "other")
    return folder


@pytest.fixture
def sound(folder, tmp_path):
    """Renders the text of a score; its sound [shape=(frames, channels)]."""

    def make(text, name="out.wav", tail_s=30.0, **settings):
        path = tmp_path / "score.txt"
        path.write_text(text)
        return heard(Score.load(path), tmp_path / name, folder, tail_s, **settings)

    return make


def configured(folder, **settings):
    settings = {"model.folders": folder, "model.name": "small", **settings}
    return load_config(None, [f"{name}={value}" for name, value in settings.items()], environment={})


def heard(score, path, folder, tail_s=30.0, **settings):
    rendered = render(score, path, configured(folder, **settings), tail_s)
    sound, samplerate = soundfile.read(path, dtype="float32", always_2d=True)
    assert rendered.seconds == pytest.approx(len(sound) / samplerate)
    assert (rendered.left_out, rendered.failures) == (0, 0)
    return sound


def test_a_render_can_be_repeated_bit_for_bit(sound):
    first = sound(SCORE)
    assert np.abs(first).max() > 0.05
    np.testing.assert_array_equal(sound(SCORE), first)


def test_the_sound_does_not_depend_on_how_time_is_cut_into_blocks(sound, monkeypatch):
    whole = sound(SCORE)
    monkeypatch.setattr(manned.render, "CHUNK", 53)
    np.testing.assert_array_equal(sound(SCORE), whole)


@pytest.mark.parametrize("blocksize", [0, 256])
def test_what_jack_is_played_and_what_is_recorded_equal_the_render_bit_for_bit(jack_server, sound, tmp_path, blocksize):
    lines = [line.split(maxsplit=1) for line in SCORE.strip().splitlines()]
    later = "".join(f"{float(seconds) + 2} {message}\n" for seconds, message in lines)
    rendered = from_first_sound(sound(later))
    options = ("--device", "jack", "--score", tmp_path / "score.txt", "--set", f"audio.blocksize={blocksize}")
    captured, recorded = a_timely_take(tmp_path, options, 3 * jack_server.samplerate + len(rendered))
    for heard in (captured, recorded):
        heard = from_first_sound(heard)
        np.testing.assert_array_equal(heard[: len(rendered)], rendered)
        assert not heard[len(rendered) :].any()


def a_timely_take(folder, options, frames):
    """What JACK is played and what `--record` writes; again when the machine kept the decode thread waiting.

    In real time a spectrum that is late is held, and counted: that is no fault of the score.
    """
    for number in range(5):
        take = folder / f"take{number}.w64"  # floats, as they were played
        with RunningManned(folder, *options, "--record", take) as running:
            captured = capture(frames)
            words = running.send("/status").stdout.split()
            late = [int(words[words.index(name) + 1]) for name in ("late_spectra", "late_onsets")]
            assert running.end() == 0
        recorded, samplerate = soundfile.read(take, dtype="float32", always_2d=True)
        assert samplerate == 44100
        if late == [0, 0]:
            return captured, recorded
    pytest.fail("five takes in a row were late: this machine is too busy")


def capture(frames):
    """What `manned` plays into JACK from now on [shape=(frames, 2)]."""
    client = jack.Client("manned-test-capture")
    ports = [client.inports.register(f"in_{number}") for number in (1, 2)]
    blocks, full = [], threading.Event()

    @client.set_process_callback
    def process(count):
        blocks.append(np.stack([port.get_array().copy() for port in ports], axis=1))
        if len(blocks) * count >= frames:
            full.set()

    with client:
        for number, port in enumerate(ports):
            client.connect(f"manned:out_{number}", port)
        assert full.wait(60)
    return np.concatenate(blocks)


def from_first_sound(sound):
    return sound[np.flatnonzero(sound.any(axis=1))[0] :]


def test_a_text_score_sounds_as_an_equal_midi_file(sound, folder, tmp_path):
    track = mido.MidiTrack([
        mido.Message("control_change", control=21, value=127),
        mido.Message("note_on", note=64, velocity=100, time=96),
        mido.Message("note_off", note=64, time=480),
    ])  # fmt: skip
    mido.MidiFile(ticks_per_beat=480, tracks=[track]).save(tmp_path / "score.mid")
    from_midi = heard(Score.load(tmp_path / "score.mid"), tmp_path / "midi.wav", folder)
    np.testing.assert_array_equal(sound("0 /macro/1 1\n0.1 /mnote 64 100\n0.6 /mnote/rel 64\n"), from_midi)


def test_a_note_sounds_at_its_time_and_at_its_pitch(sound):
    mono = sound("0.5 /mnote 69 100\n1.5 /mnote/rel 69\n")[:, 0]
    assert not mono[:22050].any()
    assert np.abs(mono[22050:22150]).max() > 0
    spectrum = np.abs(np.fft.rfft(mono[30000:52050] * np.hanning(22050)))
    assert spectrum.argmax() * 2 == pytest.approx(440, abs=2)


def test_what_is_still_held_at_the_end_is_released_and_the_file_ends_with_the_sound(sound):
    held = sound("0 /env/release 0.25\n0 /gate 1\n0.1 /mnote 40 90\n1 /gate 1\n")
    assert held[-1].any()
    assert len(held) == pytest.approx(1.25 * 44100, abs=300)


def test_silence_at_the_end_of_a_score_is_kept(sound):
    quiet = sound("0 /mnote 60 100\n0.1 /mnote/rel 60\n1 /gate 0\n")
    assert len(quiet) == 44100


def test_a_note_without_length_at_the_very_end_is_heard(sound, folder, tmp_path):
    track = mido.MidiTrack([
        mido.Message("note_on", note=60, velocity=100),
        mido.Message("note_off", note=60, time=480),
        mido.Message("note_on", note=72, velocity=100, time=480),
        mido.Message("note_off", note=72),
    ])  # fmt: skip
    for name, messages in (("off", track), ("no off", track[:-1])):
        mido.MidiFile(ticks_per_beat=480, tracks=[mido.MidiTrack(messages)]).save(tmp_path / "score.mid")
        heard_sound = heard(Score.load(tmp_path / "score.mid"), tmp_path / f"{name}.wav", folder)
        assert len(heard_sound) / 44100 == pytest.approx(1.16, abs=0.02)
        assert np.abs(heard_sound[44100:]).max() > 0.1 * np.abs(heard_sound).max()
    text = sound("0 /mnote 60 100\n0.5 /mnote/rel 60\n1 /mnote 72 100\n1 /mnote/rel 72\n")
    np.testing.assert_array_equal(text, heard_sound)


def test_a_score_goes_on_when_a_model_ends_a_travel(sound, folder, tmp_path, caplog):
    for name, latent in (("a", 0.1), ("b", 0.9)):
        PresetFolder(tmp_path / "presets").write(Preset(name, "small", 2, {"latent/1": latent}))
    text = "0 /gate 1\n0 /morph a b 0\n0.1 /morph a b 1 3\n0.5 /model other\n0.5 /model small\n1 /model other\n"
    assert len(sound(text + "2 /gate 0\n", **{"state.folder": tmp_path})) >= 2 * 44100
    (record,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert re.fullmatch(r"score .*/score.txt, line 3: /morph: it ends on the way, .*", record.getMessage())


def test_the_tail_is_at_most_what_was_asked_for(sound):
    assert len(sound("0 /env/release 10\n0 /gate 1\n0.5 /gate 1\n", tail_s=0.25)) == 0.75 * 44100


def test_the_tail_of_a_reverb_is_waited_for_even_before_it_is_heard(sound):
    """Between a short note and the reverb alone lies a quarter of a second of exact silence."""
    score = "0 /reverb/mix 1\n0 /reverb/predelay 0.25\n0 /reverb/time 0.5\n0 /env/release 0\n0.1 /mnote 60 127\n"
    heard = sound(score + "0.12 /mnote/rel 60\n")
    assert not heard[int(0.15 * 44100) : int(0.35 * 44100)].any()
    assert 0.7 < len(heard) / 44100 < 2.0 and heard[-1].any()


def test_start_values_rate_and_channels_come_from_the_config(sound):
    text = "0 /mnote 60 100\n0.2 /mnote/rel 60\n"
    loud = sound(text)
    soft = sound(text, **{"start.gain": 0.07, "audio.samplerate": 48000, "audio.channels": 1})
    assert soft.shape[1] == 1
    assert len(soft) == pytest.approx(len(loud) * 48000 / 44100, rel=0.01)
    assert np.abs(soft).max() == pytest.approx(np.abs(loud).max() / 10, rel=0.05)


def test_a_score_may_load_another_model(sound, folder):
    assert sound("0 /model other\n0 /mnote 60 100\n0.2 /mnote/rel 60\n").any()
    with pytest.raises(ScoreError, match="line 2: /model: .*no such model"):
        sound("0 /gate 1\n0.1 /model nobody\n0.5 /gate 0\n")


@pytest.mark.parametrize("suffix", [".flac", ".ogg", ".w64"])
def test_the_suffix_chooses_the_format(sound, suffix):
    assert np.abs(sound("0 /mnote 60 100\n0.2 /mnote/rel 60\n", f"out{suffix}")).max() > 0.01


def test_a_name_that_is_no_utf8_is_taken(folder, tmp_path):
    score, output = (os.path.join(os.fsencode(tmp_path), name) for name in (b"\xfb.txt", b"\xfb.wav"))
    with open(score, "w", encoding="utf-8") as file:
        file.write(SCORE)
    settings = (f"--set=model.folders={folder}", "--set=model.name=small")
    done = command("render", os.fsdecode(score), "-o", os.fsdecode(output), *settings)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{tmp_path}/\\xfb.wav: ")
    assert soundfile.info(output).frames > 0


def test_an_unknown_suffix_is_refused_with_those_allowed(sound):
    with pytest.raises(AudioError, match=r"out.mp4: its suffix is '.mp4', allowed are .wav"):
        sound(SCORE, "out.mp4")


def test_a_folder_that_is_not_there_is_named(sound):
    with pytest.raises(AudioError, match="nowhere/out.wav: cannot be written"):
        sound(SCORE, "nowhere/out.wav")


def test_a_line_that_cannot_be_played_ends_the_render_and_leaves_an_older_file_alone(sound, tmp_path):
    (tmp_path / "out.wav").write_bytes(b"older")
    with pytest.raises(ScoreError, match="score.txt, line 2: /latent/9: no such address"):
        sound("0 /gate 1\n0.5 /latent/9 1\n")
    assert (tmp_path / "out.wav").read_bytes() == b"older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.wav", "score.txt"]


BAD_LINES = "0 /gate 1\n0.2 /latent/9 1\n0.3 /model nobody\n0.4 /mnote 60\n0.5 /gate 0\n"


def test_what_cannot_be_played_is_left_out_when_asked_with_a_line_each(folder, sound, tmp_path, caplog):
    good = sound("0 /gate 1\n0.5 /gate 0\n")
    (tmp_path / "score.txt").write_text(BAD_LINES)
    score = Score.load(tmp_path / "score.txt")
    rendered = render(score, tmp_path / "out.wav", configured(folder), keep_going=True)
    assert (rendered.left_out, rendered.failures) == (0, 3)
    said = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert [re.search(r"score.txt, line (\d): (/[^:]*): .*; it is left out$", line).groups() for line in said] == [
        ("2", "/latent/9"), ("3", "/model"), ("4", "/mnote"),
    ]  # fmt: skip
    np.testing.assert_array_equal(soundfile.read(tmp_path / "out.wav", dtype="float32")[0], good)


def test_more_notes_at_one_instant_than_there_is_room_for_are_left_out_and_counted(folder, tmp_path, caplog):
    chord = "".join(f"0 /mnote {1 + number % 120} 100 {number}\n" for number in range(300))
    later = "0.5 /allnotesoff\n1 /mnote 60 100\n1.2 /mnote/rel 60\n"
    (tmp_path / "score.txt").write_text(chord + later)
    rendered = render(Score.load(tmp_path / "score.txt"), tmp_path / "out.wav", configured(folder))
    assert (rendered.left_out, rendered.failures) == (300 - 128, 0)
    heard, _ = soundfile.read(tmp_path / "out.wav")
    assert np.abs(heard[:4410]).max() > 0.01 and np.abs(heard[45_000:50_000]).max() > 0.01
    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert "score.txt, line 129: /mnote: engine: no room" in line and line.endswith("as long as that is so")


def test_two_renders_of_a_score_are_the_same_file(folder, tmp_path):
    (tmp_path / "score.txt").write_text(SCORE)
    for name in ("a.wav", "b.wav"):
        render(Score.load(tmp_path / "score.txt"), tmp_path / name, configured(folder))
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


def test_drums_are_played_when_asked_and_what_was_left_out_is_said(folder, tmp_path):
    drums = mido.MidiTrack([mido.Message("note_on", channel=9, note=36), mido.Message("note_off", note=36, time=480)])
    notes = mido.MidiTrack([mido.Message("note_on", note=60), mido.Message("note_off", note=60, time=480)])
    mido.MidiFile(tracks=[notes, drums]).save(tmp_path / "score.mid")
    settings = (f"--set=model.folders={folder}", "--set=model.name=small")
    done = command("render", tmp_path / "score.mid", "-o", tmp_path / "out.wav", *settings)
    assert done.returncode == 0
    said = f"manned: score {tmp_path}/score.mid: 1 notes of channel 10 are drums and left out, --drums plays them\n"
    assert said in done.stderr


def test_a_missing_model_is_named(sound):
    with pytest.raises(ModelError, match="'nobody'"):
        sound(SCORE, **{"model.name": "nobody"})


def test_progress_runs_from_nothing_to_all(folder, tmp_path):
    (tmp_path / "score.txt").write_text(SCORE)
    parts = []
    render(Score.load(tmp_path / "score.txt"), tmp_path / "out.wav", configured(folder), progress=parts.append)
    assert parts == sorted(parts)
    assert parts[0] < 0.1 and parts[-1] == 1.0


def test_a_start_value_that_the_model_has_not_is_an_error_of_the_configuration(sound, tmp_path):
    with pytest.raises(ConfigError, match="^config: start.latent/9: model small has 2 latents$"):
        sound(SCORE, **{"start.latent/9": 1})
    assert [path.name for path in tmp_path.iterdir()] == ["score.txt"]


def test_a_score_in_which_nothing_is_heard_is_told_and_writes_no_file(sound, tmp_path):
    with pytest.raises(ScoreError, match=r"score .*score\.txt: nothing in it is heard, so no file is written"):
        sound("0 /gate 1\n")
    assert [path.name for path in tmp_path.iterdir()] == ["score.txt"]


def test_a_preset_is_played_on_the_model_that_it_was_made_on_if_that_is_there(folder, tmp_path):
    presets = PresetFolder(tmp_path / "presets")
    presets.write(Preset("here", "other", 2, {}))
    presets.write(Preset("gone", "nowhere", 2, {}))
    config = configured(folder, **{"state.folder": tmp_path})
    assert [with_model_of(config, name).model.name for name in ("here", "gone")] == ["other", "small"]
