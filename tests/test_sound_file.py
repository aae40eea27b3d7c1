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


def mono(path):
    """What is read of a file, and what is said of it."""
    with open_sound(path) as sound:
        return np.concatenate([*sound.blocks(5000)]), sound.remark


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg"])
def test_channels_that_cancel_each_other_are_not_taken_for_silence(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, np.stack([0.4 * SIGNAL, -0.42 * SIGNAL], axis=1), RATE)
    heard, remark = mono(path)
    assert np.std(heard) == pytest.approx(0.42 * np.std(SIGNAL), rel=0.02)
    assert remark == f"sound file {path}: its channels cancel each other, channel 2 alone is read"


def test_channels_that_cancel_only_at_the_start_or_not_at_all_are_mixed(tmp_path):
    other = 0.5 * tone(67, 0.5, samplerate=RATE)
    long = np.tile(SIGNAL, 40)
    turned = long.copy()
    turned[: 1 << 14] *= -1
    for channels in ([SIGNAL, SIGNAL], [SIGNAL, 0 * SIGNAL], [SIGNAL, other], [SIGNAL] * 5 + [-SIGNAL], [long, turned]):
        soundfile.write(tmp_path / "a.wav", np.stack(channels, axis=1), RATE, subtype="FLOAT")
        heard, remark = mono(tmp_path / "a.wav")
        np.testing.assert_allclose(heard, np.mean(channels, axis=0), atol=1e-6)
        assert remark == ""
    soundfile.write(tmp_path / "a.wav", np.zeros((500, 2)), RATE)
    assert mono(tmp_path / "a.wav")[1] == ""


def test_a_header_that_does_not_say_how_long_its_sound_is_is_no_riddle(tmp_path):
    """A FLAC encoder that was killed, or wrote into a pipe, leaves a length of 0, which means unknown."""
    path = tmp_path / "a.flac"
    soundfile.write(path, np.tile(SIGNAL, 9), RATE)
    content = bytearray(path.read_bytes())
    content[21] &= 0xF0  # 36 bits of STREAMINFO
    content[22:26] = bytes(4)
    path.write_bytes(content)
    assert soundfile.info(path).frames > 1 << 62
    with open_sound(path) as sound:
        assert sound.frames == 9 * len(SIGNAL)
        whole = np.concatenate([*sound.blocks(4096)])
        assert len(whole) == 9 * len(SIGNAL)
        for place in (0, 50_000, 10):
            sound.seek(place)
            np.testing.assert_array_equal(sound.read(1000), whole[place : place + 1000])
