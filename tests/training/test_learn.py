"""Learning the paper's kind in one line: from recordings to a decoder that plays, with nothing else left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tones import SAMPLERATE, tone
from train_command import largest_file, run

from manned.errors import CorpusError, MannedError, TrainingError
from manned.model import analysis
from manned.model.decoder_file import load_decoder
from manned.model.encoder_file import load_encoder
from manned.model.forward import decode
from training.learn import learn

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """A scale over two octaves played thrice, 22 seconds without any label."""
    folder = tmp_path_factory.mktemp("learn") / "my-recordings"
    folder.mkdir()
    for take in range(3):
        notes = [tone(note, 0.6, decay=1.0 + 0.3 * take, seed=take) for note in range(48, 72, 2)]
        soundfile.write(folder / f"take {take}.wav", np.concatenate(notes), SAMPLERATE)
    return folder


def test_too_little_sound_is_one_sentence_and_leaves_nothing(tmp_path):
    (tmp_path / "short").mkdir()
    soundfile.write(tmp_path / "short" / "a.wav", tone(60, 2.0), SAMPLERATE)
    with pytest.raises(CorpusError, match="short: holds too little sound to learn from"):
        learn([tmp_path / "short"], tmp_path / "out" / "mine.safetensors")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.fixture(scope="module")
def learned(recordings, tmp_path_factory):
    """A home after ``learn``, and its messages."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HOME", str(home))
        return home, run("learn", "--kind", "spectrum", recordings, "-o", "mine", "--steps", 100, "--licence", "CC0")


def test_the_decoder_lies_where_the_instrument_looks_and_nothing_beside_it(learned):
    home, message = learned
    folder = home / ".local/share/manned/decoders"
    assert sorted(path.name for path in folder.iterdir()) == ["mine.encoder.safetensors", "mine.safetensors"]
    load_encoder(folder / "mine.safetensors", load_decoder(folder / "mine.safetensors"))
    assert "manned run --model mine" in message and "test set" in message
    environment = {**os.environ, "HOME": str(home)}
    command = [sys.executable, "-m", "manned", "models"]
    models = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=120)
    assert "mine" in models.stdout


def test_the_decoder_plays_the_octaves_and_classes_that_it_heard(learned):
    decoder = load_decoder(learned[0] / ".local/share/manned/decoders/mine.safetensors")
    assert (decoder.name, decoder.topology.octaves, decoder.info["licence"]) == ("mine", (3, 4), "CC0")
    frames = np.array([decode(decoder, [0.5, 0.5], pitch_class, 4) for pitch_class in (0, 4, 8)])
    assert analysis.pitch_classes(frames).tolist() == [0, 4, 8]
    assert decoder.info["test"]["test_mse"] > 0


def test_a_decoder_can_be_the_start(learned, recordings, tmp_path):
    start = load_decoder(learned[0] / ".local/share/manned/decoders/mine.safetensors")
    messages = []
    again = learn([recordings], tmp_path / "again.safetensors", start=start, steps=1, log=messages.append)
    assert again.topology == start.topology
    # One step moves no weight by more than the learning rate, and the file rounds to 2⁻¹¹ of each.
    for (weight, bias), (before, bias_before) in zip(again.weights, start.weights):
        np.testing.assert_allclose(weight, before, atol=2.1e-3, rtol=1e-3)
        np.testing.assert_allclose(bias, bias_before, atol=2.1e-3, rtol=1e-3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again.encoder.safetensors", "again.safetensors"]


def test_a_standing_decoder_is_never_overwritten(recordings, tmp_path):
    (tmp_path / "mine.safetensors").write_bytes(b"precious")
    with pytest.raises(TrainingError, match="exists already"):
        learn([recordings], tmp_path / "mine.safetensors")
    assert (tmp_path / "mine.safetensors").read_bytes() == b"precious"


def test_stopped_it_leaves_nothing(recordings, tmp_path):
    out = tmp_path / "out" / "mine"
    command = [sys.executable, "-m", "training.cli", "learn", "--kind", "spectrum", recordings, "-o", out]
    process = subprocess.Popen([*command, "--steps", "100000"], stderr=subprocess.PIPE, text=True, cwd=ROOT)
    while not list((tmp_path / "out").glob(".mine.*/fit/log.csv")):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    errors = process.communicate(timeout=60)[1]
    assert process.returncode == 128 + signal.SIGTERM
    assert "mine.safetensors: stopped while learning, nothing was written" in errors
    assert list((tmp_path / "out").iterdir()) == []


def test_a_full_disk_is_one_sentence_and_leaves_nothing(recordings, tmp_path):
    out = tmp_path / "out"
    with largest_file(2**24), pytest.raises(MannedError, match="cannot be written") as full:
        run("learn", "--kind", "spectrum", recordings, "-o", out / "mine")
    assert full.value.exit_code == 1 and "\n" not in str(full.value)
    assert list(out.iterdir()) == []
