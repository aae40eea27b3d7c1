"""Learning in one line: what is heard in recordings, the decoder that comes of it, and the verdict in words."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from harmonic_tones import RATE, harmonic_tone
from tones import tone, write_patches
from train_command import run

from manned.errors import CorpusError, ModelError, TrainingError
from manned.model.harmonic.decoder_file import load_decoder, load_encoder
from manned.model.pitch import note_to_hz
from training.corpus.harmonic.heard import NOISE, PITCHED, SEVERAL, SILENT, UNLIKE, Heard, listen
from training.corpus.recordings import find_recordings
from training.harmonic_learn import learn
from training.measure.timbre.verdict import verdict

ROOT = Path(__file__).parents[2]
SCALE = (57, 59, 60, 62, 64)


def noise(seconds: float) -> np.ndarray:
    return 0.1 * np.random.default_rng(0).standard_normal(int(seconds * RATE))


def heard_in(folder: Path, sound: np.ndarray, samplerate: int = RATE) -> Heard:
    """What is heard in one sound."""
    soundfile.write(folder / "sound.wav", sound, samplerate)
    return listen(find_recordings([folder / "sound.wav"]))[0]


def notes_of(heard: Heard) -> list[int]:
    return [stretch.note for stretch in heard.stretches]


def test_channels_that_cancel_each_other_are_heard_and_told_of(tmp_path):
    one = harmonic_tone(note_to_hz(57), [0.2, 0.1, 0.05], 0.8)
    heard = heard_in(tmp_path, np.column_stack([one, -one]))
    assert set(notes_of(heard)) == {57}
    assert any("its channels cancel each other" in line for line in verdict([heard], MEASURED))


@pytest.mark.parametrize(
    ("amplitudes", "note"),
    [
        ([0.2, 0.1, 0.05], 57),
        ([0.0, 0.0, 0.2], 57 + 19),  # a sine
        ([0.02, 0.2, 0.1, 0.2, 0.1], 57),
        ([0.2, 0.0, 0.2, 0.0, 0.1], 57),
    ],
)
def test_a_stretch_is_learned_at_the_pitch_that_it_sounds(tmp_path, amplitudes, note):
    heard = heard_in(tmp_path, harmonic_tone(note_to_hz(57), amplitudes, 0.8))
    assert set(notes_of(heard)) == {note} and heard.seconds[PITCHED] == pytest.approx(0.8, abs=0.1)
    for stretch in heard.stretches:
        assert np.abs(1200.0 * np.log2(stretch.frames.f0_hz / note_to_hz(note))).max() < 10.0
        assert stretch.spectra.shape == (len(stretch.frames), 2049)


def test_legato_notes_are_stretches_of_their_own_at_any_sample_rate(tmp_path):
    played = [tone(note, 0.5, samplerate=22050) for note in (60, 61, 63)]
    assert notes_of(heard_in(tmp_path, np.concatenate(played), 22050)) == [60, 61, 63]


def test_a_vibrato_is_one_note(tmp_path):
    wander = note_to_hz(69) * 2.0 ** (0.5 / 12.0 * np.sin(2.0 * np.pi * 5.5 * np.arange(RATE) / RATE))
    phase = 2.0 * np.pi * np.cumsum(wander) / RATE
    heard = heard_in(tmp_path, sum(0.1 / number * np.sin(number * phase) for number in range(1, 6)))
    assert notes_of(heard) == [69] and heard.gliding_s == 0.0


@pytest.mark.parametrize(
    ("sound", "finding"),
    [
        (noise(1.0), NOISE),
        (sum(tone(note, 1.0, seed=note) for note in (60, 64, 67)) / 3.0, SEVERAL),
        (sum(tone(note, 1.0, decay=0.7, seed=note) for note in (48, 55)) / 2.0, SEVERAL),
        (np.zeros(RATE), SILENT),
    ],
)
def test_what_is_no_single_note_teaches_nothing_and_is_told(tmp_path, sound, finding):
    heard = heard_in(tmp_path, sound)
    assert max(heard.seconds, key=lambda name: heard.seconds[name]) == finding
    assert sum(len(stretch.frames) for stretch in heard.stretches) < 8


def test_notes_that_are_listed_are_taken_and_those_that_do_not_sound_are_told(tmp_path):
    write_patches(tmp_path, 2, SCALE)
    sheet = (tmp_path / "notes.csv").read_text().splitlines()
    sheet[1] = sheet[1].removesuffix("57") + "66"
    (tmp_path / "notes.csv").write_text("\n".join(sheet))
    one, other = listen(find_recordings([tmp_path]))
    assert notes_of(one) == list(SCALE[1:]) and notes_of(other) == list(SCALE)
    assert one.seconds[UNLIKE] == pytest.approx(0.3, abs=0.05)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """A scale played by two instruments, labelled by nothing, beside noise and a copy."""
    folder = tmp_path_factory.mktemp("learn") / "my-recordings"
    folder.mkdir()
    for take, decay in enumerate((0.8, 2.0)):
        notes = [tone(note, 0.35, decay=decay, seed=take) for note in SCALE * 2]
        soundfile.write(folder / f"take {take}.wav", np.concatenate(notes), RATE)
    soundfile.write(folder / "wind.wav", noise(1.0), RATE)
    (folder / "copy.wav").write_bytes((folder / "take 0.wav").read_bytes())
    (folder / "text.wav").write_text("no sound")
    return folder


@pytest.fixture(scope="module")
def learned(recordings, tmp_path_factory):
    """A decoder file, and what was told."""
    path = tmp_path_factory.mktemp("learned") / "mine.safetensors"
    return path, run("learn", recordings, "-o", path, "--steps", 150, "--licence", "CC0", "--latents", 3)


def test_decoder_and_encoder_are_written_and_nothing_beside_them(learned):
    path, _ = learned
    assert sorted(each.name for each in path.parent.iterdir()) == ["mine.encoder.safetensors", "mine.safetensors"]
    decoder = load_decoder(path)
    encoder = load_encoder(path, decoder)
    assert (decoder.name, decoder.info["licence"], decoder.topology.latents) == ("mine", "CC0", 3)
    assert encoder.topology == decoder.topology
    assert decoder.chart is not None and decoder.timbres is not None
    levels = [decoder.frames(np.array([[fader, 0.5, 0.5]]), np.array([220.0]))[0] for fader in (0.0, 1.0)]
    assert np.abs(levels[1] - levels[0])[:, :8].mean() > 3.0


def test_the_verdict_stands_at_the_end(learned, recordings):
    path, told = learned
    assert "Pitched: 7 s of the 8 s that can be heard" in told and "A3–E4" in told
    measured = load_decoder(path).info["measured"]
    assert measured["nearness"]["harmonic"]["harm_db"] > measured["nearness"]["analysis"]["harm_db"]
    assert f"off by {measured['nearness']['harmonic']['harm_db']:.1f} dB a harmonic" in told
    assert "3 faders (brightness" in told and measured["correlation"] < 0.3
    assert "wind.wav: taught nothing, it holds 1 s of noise" in told
    assert "is a copy of" in told and "text.wav: cannot be read" in told
    assert f"{path}: written" in told


def test_a_decoder_can_be_the_start(learned, recordings, tmp_path):
    start = load_decoder(learned[0])
    again = learn([recordings], tmp_path / "again.safetensors", start=start, steps=1, log=str)
    assert again.topology == start.topology
    # Behind the first layer, which is turned, one step moves no weight by more than the learning rate.
    for (weight, bias), (before, bias_before) in zip(again.weights[1:], start.weights[1:]):
        np.testing.assert_allclose(weight, before, atol=2.1e-3, rtol=1e-3)
        np.testing.assert_allclose(bias, bias_before, atol=2.1e-3, rtol=1e-3)


def test_a_start_of_another_kind_and_an_unknown_one_are_refused(recordings, tmp_path):
    with pytest.raises(ModelError, match="--from atlas-spectrum: allowed is a decoder of the kind harmonic"):
        run("learn", recordings, "-o", tmp_path / "mine", "--from", "atlas-spectrum")
    with pytest.raises(ModelError, match="model 'nobody': no such decoder"):
        run("learn", recordings, "-o", tmp_path / "mine", "--from", "nobody")
    with pytest.raises(ModelError, match="--from atlas: allowed is a decoder of the kind spectrum"):
        run("learn", recordings, "-o", tmp_path / "mine", "--kind", "spectrum", "--from", "atlas")
    assert "17 is not in the range" in run("learn", recordings, "-o", tmp_path / "mine", "--latents", 17, code=2)


def test_noise_alone_is_refused_in_one_sentence_and_leaves_nothing(tmp_path):
    soundfile.write(tmp_path / "drums.wav", noise(2.0), RATE)
    with pytest.raises(
        CorpusError, match=r"no instrument to learn, heard was 2 s of noise.*wanted are 5 seconds"
    ) as no:
        run("learn", tmp_path / "drums.wav", "-o", tmp_path / "out" / "mine")
    assert "\n" not in str(no.value) and no.value.exit_code == 1
    assert list((tmp_path / "out").iterdir()) == []


MEASURED = {
    "nearness": {"harmonic": {"harm_db": 5.0, "erb_db": 4.0}, "lookup": {"harm_db": 2.0, "erb_db": 3.0}},
    "unheard_frames": 10,
    "latents": ["brightness", ""],
    "correlation": 0.4,
    "chart_occupied": 0.3,
}


def test_what_is_no_instrument_is_called_none(tmp_path):
    heard = heard_in(tmp_path, tone(60, 1.0))
    heard.seconds = {PITCHED: 10.0, SEVERAL: 1.0, NOISE: 30.0, UNLIKE: 0.0, SILENT: 5.0}
    told = " ".join(verdict([heard], MEASURED))
    assert "NOT AN INSTRUMENT: only 10 s of the 41 s" in told and "30 s of noise, drums or speech" in told
    assert "no better than looking up" in told
    assert "two faders do nearly the same and the chart is thin" in told
    heard.seconds, heard.gliding_s = {**heard.seconds, NOISE: 0.0}, 9.0
    assert (
        "NOT AN INSTRUMENT" in verdict([heard], MEASURED)[0] and "moves all the time" in verdict([heard], MEASURED)[0]
    )
    heard.gliding_s = 0.0
    assert verdict([heard], {**MEASURED, "nearness": {}})[0].startswith("Pitched: 10 s of the 11 s")


def command(*arguments, home, options=(), largest_file=None):
    """Run the command in a process of its own, with no room for a file above so many bytes."""
    line = [sys.executable, *options, "-m", "training.cli", "learn", *map(str, arguments)]
    limit = (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))) if largest_file else None
    return subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, "HOME": str(home)}, preexec_fn=limit,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["harmonic", "spectrum"])
def test_a_standing_decoder_is_refused_before_anything_heavy_is_loaded(recordings, tmp_path, kind):
    (tmp_path / "mine.safetensors").write_bytes(b"precious")
    process = command(recordings, "-o", tmp_path / "mine", "--kind", kind, home=tmp_path, options=("-X", "importtime"))
    errors = process.communicate(timeout=60)[1]
    loaded = {line.rpartition("|")[2].strip() for line in errors.splitlines() if line.startswith("import time:")}
    assert process.returncode == 1 and "mine.safetensors: exists already" in errors
    assert "click" in loaded and not {"tensorflow", "keras", "librosa"} & loaded
    assert (tmp_path / "mine.safetensors").read_bytes() == b"precious"


def test_stopped_it_leaves_nothing_but_one_sentence(recordings, tmp_path):
    process = command(recordings, "-o", tmp_path / "out/mine", "--steps", 100_000, home=tmp_path)
    while not list((tmp_path / "out").glob(".mine.*/fit/fit.json")):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    errors = process.communicate(timeout=60)[1]
    assert process.returncode == 128 + signal.SIGTERM
    assert errors.strip().splitlines()[-1].endswith("mine.safetensors: stopped while learning, nothing was written")
    assert list((tmp_path / "out").iterdir()) == []


def test_stopped_at_its_very_end_it_leaves_nothing(recordings, tmp_path):
    def stop(line: str) -> None:
        if "faders" in line:
            raise KeyboardInterrupt

    with pytest.raises(TrainingError, match="stopped while learning, nothing was written") as stopped:
        learn([recordings], tmp_path / "mine.safetensors", steps=1, log=stop)
    assert stopped.value.exit_code == 128 + signal.SIGINT and list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_sentence_and_leaves_nothing(recordings, tmp_path):
    process = command(recordings, "-o", tmp_path / "out/mine", home=tmp_path, largest_file=2**19)
    errors = process.communicate(timeout=120)[1]
    assert process.returncode == 1 and "cannot be written" in errors and len(errors.splitlines()) == 1
    assert list((tmp_path / "out").iterdir()) == []


def test_a_set_that_the_notes_name_is_kept_apart(tmp_path):
    write_patches(tmp_path / "sounds", 4, SCALE * 2)
    sheet = (tmp_path / "sounds" / "notes.csv").read_text().splitlines()
    rows = [sheet[0] + ",set", *(row + (",test" if "patch 3" in row else ",train") for row in sheet[1:])]
    (tmp_path / "sounds" / "notes.csv").write_text("\n".join(rows))
    decoder = learn([tmp_path / "sounds"], tmp_path / "mine.safetensors", steps=1, log=str)
    assert {name.partition(",")[0].rpartition("/")[2] for name, *_ in decoder.info["places"]} == {
        "patch 0", "patch 1", "patch 2",
    }  # fmt: skip
    assert json.dumps(decoder.info["measured"])
