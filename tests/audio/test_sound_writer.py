"""Sound files that are written: the same whenever they are made, of any size, and reasons why not."""

import errno
import subprocess
import time
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from manned.audio.reproducible import make_reproducible
from manned.audio.sound_writer import SUBTYPES, open_for_writing, why_not_written
from manned.errors import AudioError
from manned.render import sound_file

SOUND = np.random.default_rng(1).normal(0.0, 0.1, (30_000, 2)).astype(np.float32)
SESSION = SimpleNamespace(engine=SimpleNamespace(samplerate=44100.0, channels=2))


@pytest.mark.parametrize("name", [f"a{suffix}" for suffix in SUBTYPES] + ["long.wav", "A.OGG"])
def test_equal_sounds_make_equal_files_whenever_they_are_made(tmp_path, name):
    most_s = 1e6 if name == "long.wav" else 1.0
    contents = []
    for _ in range(2):
        time.sleep(1.01 * len(contents))  # a PEAK chunk counts seconds
        with sound_file(tmp_path / name, SESSION, most_s) as file:
            file.write(SOUND)
        contents.append((tmp_path / name).read_bytes())
    assert contents[0] == contents[1]
    heard, _ = soundfile.read(tmp_path / name)
    assert len(heard) == len(SOUND) and np.std(heard) == pytest.approx(np.std(SOUND), rel=0.3)


def test_an_ogg_file_without_its_number_is_one_that_others_read(tmp_path):
    with open_for_writing(tmp_path / "a.ogg", 44100, 2) as file:
        file.write(SOUND)
    before, _ = soundfile.read(tmp_path / "a.ogg")
    make_reproducible(tmp_path / "a.ogg")
    np.testing.assert_array_equal(soundfile.read(tmp_path / "a.ogg")[0], before)
    done = subprocess.run(["sox", tmp_path / "a.ogg", "-n", "stat"], capture_output=True, text=True)
    assert "Samples read:             60000" in done.stderr and "WARN" not in done.stderr


def test_a_wav_that_may_become_too_large_for_its_header_is_rf64(tmp_path):
    for frames, kind in ((9_000, "WAV"), (30_000, "RF64")):
        with open_for_writing(tmp_path / "a.wav", 44100, 2, frames, most_bytes=100_000) as file:
            file.write(SOUND)
        assert soundfile.info(tmp_path / "a.wav").format == kind
        np.testing.assert_array_equal(soundfile.read(tmp_path / "a.wav", dtype="float32")[0], SOUND)
    assert 4 * 2 * 12_000 * 44_100 < 2**32 < 4 * 2 * 12_200 * 44_100  # some 3 h 22 min of stereo
    for hours, kind in ((3.3, "WAV"), (3.4, "RF64")):
        open_for_writing(tmp_path / "a.wav", 44100, 2, round(hours * 3600 * 44_100)).close()
        assert soundfile.info(tmp_path / "a.wav").format == kind


def test_a_full_disk_is_told_in_words_and_leaves_nothing(full_disk):
    with (
        pytest.raises(AudioError, match=rf"sound file {full_disk}/a.wav: cannot be written .the disk is full."),
        sound_file(full_disk / "a.wav", SESSION) as file,
    ):
        for _ in range(20):
            file.write(SOUND)
    assert [*full_disk.iterdir()] == []


def test_reasons_are_for_people(tmp_path):
    assert why_not_written(OSError(errno.ENOSPC, "x"), tmp_path / "a.wav") == "the disk is full"
    assert why_not_written(OSError(errno.EACCES, "Permission denied"), tmp_path / "a.wav") == "Permission denied"
    with pytest.raises(soundfile.SoundFileError) as caught:
        open_for_writing(tmp_path / "nowhere" / "a.flac", 44100, 2)
    assert why_not_written(caught.value, tmp_path / "nowhere" / "a.flac") == f"no such folder as {tmp_path}/nowhere"
