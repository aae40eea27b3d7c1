"""``manned-train corpus``: recordings, source lists and libraries, each in one line."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from tones import SAMPLERATE, tone

from manned.errors import ConfigError, CorpusError
from training.cli import commands
from training.corpus.corpus import Corpus

SOURCE_LIST = """
[notes]
first = "C4"
last = "D4"
held_s = 0.3
spacing_s = 0.35
[split]
validation = 1
test = 1
[[sources]]
name = "amsynth"
patches = "amsynth/BriansBank01/12*"
"""


def run(*arguments):
    result = CliRunner().invoke(commands, ["corpus", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_a_source_list_becomes_a_corpus_with_the_sets_it_says(tmp_path):
    wanted, output = tmp_path / "three.toml", tmp_path / "corpora" / "three"
    wanted.write_text(SOURCE_LIST)
    message = run(wanted, "-o", output)
    corpus = Corpus(output)
    sets = [clip["set"] for clip in corpus.info["clips"]]
    assert [sets.count(name) for name in ("train", "validation", "test")] == [2, 1, 1]
    assert "validation: 1 clips" in message and "test: 1 clips" in message
    assert "GPL" in corpus.info["origins"]["amsynth"]["licence"]
    assert (tmp_path / "corpora" / "three-sounds" / "notes.csv").is_file()


def test_it_tells_what_the_corpus_holds(tmp_path):
    soundfile.write(tmp_path / "a.wav", 0.5 * tone(69, 3.0), SAMPLERATE)
    message = run(tmp_path / "a.wav", "-o", tmp_path / "corpus", "--validation", 0, "--test", 0)
    corpus = Corpus(tmp_path / "corpus")
    frames = len(corpus.frames)
    assert message.startswith(f"{frames} frames (0.0 minutes at one frame each 1024 samples), peak -12.0 dBFS")
    assert f"  A {frames}  A# 0" in message
    assert "left out: 0 silent frames (0.0 minutes)" in message


def begun(tmp_path):
    """A process that is gathering a corpus ``out`` of a long recording, in many passages."""
    (tmp_path / "sounds").mkdir()
    soundfile.write(tmp_path / "sounds" / "long.wav", np.tile(0.5 * tone(60, 1.0), 600), SAMPLERATE)
    command = [sys.executable, "-m", "training.cli", "corpus", tmp_path / "sounds", "-o", tmp_path / "out"]
    process = subprocess.Popen([*map(str, command), "--passage", "1"], env=os.environ, stderr=subprocess.PIPE)
    while not list(tmp_path.glob(".out.*/frames.npy")):
        assert process.poll() is None
        time.sleep(0.01)
    return process


def test_ended_from_outside_it_leaves_nothing(tmp_path):
    process = begun(tmp_path)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert [path.name for path in tmp_path.iterdir()] == ["sounds"]


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path):
    process = begun(tmp_path)
    soundfile.write(tmp_path / "silent.wav", np.zeros(SAMPLERATE), SAMPLERATE)
    with pytest.raises(CorpusError, match="no audible frame"):  # while the other still works
        run(tmp_path / "silent.wav", "-o", tmp_path / "out")
    assert process.poll() is None and list(tmp_path.glob(".out.*/frames.npy"))
    process.kill()
    process.communicate(timeout=60)
    assert list(tmp_path.glob(".out.*"))
    with pytest.raises(CorpusError, match="no audible frame"):
        run(tmp_path / "silent.wav", "-o", tmp_path / "out")
    assert not list(tmp_path.glob(".out.*"))


def test_a_folder_that_is_not_the_library_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="is not the folder of the TU-Note Violin Sample Library"):
        run(tmp_path, "-o", tmp_path / "corpus", "--library", "tu-note-violin")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--library", "nobody"], "no library 'nobody'; allowed are tu-note-violin"),
        (["--library", "tu-note-violin", "--microphone", "tin"], "no microphone 'tin'; allowed are DPA, BuK"),
    ],
)
def test_a_library_or_microphone_that_is_not_known_is_named(tmp_path, options, named):
    with pytest.raises(CorpusError, match=named):
        run(tmp_path, "-o", tmp_path / "corpus", *options)


def test_a_source_list_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(ConfigError, match="nothing.toml: no such file, and none that comes with the program"):
        run(tmp_path / "nothing.toml", "-o", tmp_path / "corpus")
