"""Sound files of strangers: every format is read, and what no sound file says is refused in a sentence."""

import os
import struct

import numpy as np
import pytest
import soundfile
from tones import tone

from manned.errors import AudioError
from manned.sound_file import is_sound, left_out, open_sound

RATE = 16000
SIGNAL = 0.5 * tone(60, 0.5, samplerate=RATE)

FORMATS = [
    ("wav", "WAV", None), ("aiff", "AIFF", None), ("AIF", "AIFF", None), ("caf", "CAF", None), ("w64", "W64", None),
    ("au", "AU", None), ("rf64", "RF64", None), ("flac", "FLAC", None), ("ogg", "OGG", "VORBIS"),
    ("opus", "OGG", "OPUS"), ("MP3", "MP3", None), ("voc", "VOC", "PCM_16"), ("sf", "IRCAM", None),
]  # fmt: skip


@pytest.mark.parametrize(("suffix", "kind", "subtype"), FORMATS)
def test_every_format_of_libsndfile_is_sound(tmp_path, suffix, kind, subtype):
    path = tmp_path / f"tone.{suffix}"
    soundfile.write(path, SIGNAL, RATE, format=kind, subtype=subtype)
    assert is_sound(path)
    with open_sound(path) as sound:
        resample = sound.resampler(RATE)
        signal = np.concatenate([*(resample(block, False) for block in sound.blocks(1000)), resample(SIGNAL[:0], True)])
    assert len(signal) == pytest.approx(len(SIGNAL), abs=3000) and np.abs(signal).max() > 0.5 * np.abs(SIGNAL).max()


def with_rate(path, rate):
    """A WAV file whose header gives this sample rate, whatever it holds."""
    soundfile.write(path, SIGNAL, RATE)
    content = bytearray(path.read_bytes())
    place = content.index(b"fmt ") + 12
    content[place : place + 8] = struct.pack("<II", rate, rate * 2)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("rate", [1, 100, 999, 768_001])
def test_a_rate_that_no_sound_has_is_refused(tmp_path, rate):
    with pytest.raises(AudioError, match=f"its sample rate is {rate} Hz, allowed are 1000–768000"):
        open_sound(with_rate(tmp_path / "a.wav", rate)).__enter__()


def test_a_header_of_a_crashed_recorder_is_told_from_silence(tmp_path):
    path = tmp_path / "crashed.wav"
    soundfile.write(path, SIGNAL, RATE)
    content = bytearray(path.read_bytes())
    place = content.index(b"data") + 4
    size = len(content) - place - 4
    content[place : place + 4] = bytes(4)
    path.write_bytes(content)
    with pytest.raises(AudioError, match=f"its header says 0 bytes of sound, {size} follow"):
        open_sound(path).__enter__()
    path.write_bytes(content[: place + 4])
    with pytest.raises(AudioError, match="holds no sound"):
        open_sound(path).__enter__()


def test_a_name_may_be_any_bytes(tmp_path):
    path = os.path.join(os.fsencode(tmp_path), b"\xfb.wav")
    soundfile.write(tmp_path / "a.wav", SIGNAL, RATE)
    os.rename(tmp_path / "a.wav", path)
    with open_sound(os.fsdecode(path)) as sound:
        assert sound.frames == len(SIGNAL)
    with open(path, "wb") as file:
        file.write(b"no sound at all")
    with pytest.raises(AudioError, match=r"\\xfb.wav: cannot be read \(Format not recognised\)"):
        open_sound(os.fsdecode(path)).__enter__()


def test_a_file_that_was_cut_is_read_to_its_end_or_refused(tmp_path):
    for suffix in ("wav", "flac"):
        soundfile.write(tmp_path / f"cut.{suffix}", np.tile(SIGNAL, 20), RATE)
        path = tmp_path / f"cut.{suffix}"
        path.write_bytes(path.read_bytes()[:-2000])
    with open_sound(tmp_path / "cut.wav") as sound:
        assert sum(len(block) for block in sound.blocks(4096)) == 20 * len(SIGNAL) - 1000
    with open_sound(tmp_path / "cut.flac") as sound, pytest.raises(AudioError, match="cut.flac: cannot be read"):
        list(sound.blocks(4096))


def test_what_looks_like_sound_and_is_left_out_has_a_reason(tmp_path):
    soundfile.write(tmp_path / "tone.wav", SIGNAL, RATE)
    (tmp_path / "tone.wav").rename(tmp_path / "tone.bak")
    (tmp_path / "song.m4a").write_bytes(b"\0\0\0 ftypM4A ")
    (tmp_path / "notes.txt").write_text("RIFFs to practise")
    (tmp_path / "film.avi").write_bytes(b"RIFF\0\0\0\0AVI LIST")
    assert "give it the suffix of its format" in left_out(tmp_path / "tone.bak")
    assert ".m4a is a format that cannot be read" in left_out(tmp_path / "song.m4a")
    assert [left_out(tmp_path / name) for name in ("film.avi", "notes.txt", "missing")] == [None] * 3
