"""Folders as people have them: any name, any format, headers that lie, lists from a Windows editor."""

import os
import shutil
import struct

import pytest
import soundfile
from click.testing import CliRunner
from tones import SAMPLERATE, tone, write_patches

from manned.errors import CorpusError
from training.cli import commands
from training.corpus.build import build_corpus
from training.corpus.recordings import find_recordings

HOLD_NOTHING_OUT = {"validation": 0, "test": 0}


def write(path, note=60, **options):
    soundfile.write(path, 0.5 * tone(note, 1.0), SAMPLERATE, **options)


def lie(path, rate):
    """Have the header of a WAV file give another sample rate."""
    content = bytearray(path.read_bytes())
    place = content.index(b"fmt ") + 12
    content[place : place + 8] = struct.pack("<II", rate, rate * 2)
    path.write_bytes(content)


def test_a_name_that_is_no_utf8_is_read_and_shown_with_its_bytes(tmp_path):
    write(tmp_path / "good.wav")
    strange = os.path.join(os.fsencode(tmp_path), b"\xfb.wav")
    write(tmp_path / "other.wav", 67)
    os.rename(tmp_path / "other.wav", strange)
    corpus = build_corpus([tmp_path], tmp_path / "corpus", **HOLD_NOTHING_OUT)
    assert set(corpus.classes) == {0, 7}
    assert f"{tmp_path.name}/\\xfb.wav" in [clip["name"] for clip in corpus.info["clips"]]


def test_a_damaged_file_whose_name_is_no_utf8_is_skipped_with_a_line(tmp_path):
    write(tmp_path / "good.wav")
    with open(os.path.join(os.fsencode(tmp_path), b"\xfb.wav"), "wb") as file:
        file.write(b"no sound at all")
    command = ["corpus", str(tmp_path), "-o", str(tmp_path / "corpus"), "--validation", "0", "--test", "0"]
    result = CliRunner().invoke(commands, command)
    assert result.exception is None
    assert f"skipped: sound file {tmp_path}/\\xfb.wav: cannot be read (Format not recognised)" in result.output


@pytest.mark.parametrize("rate", [1, 100])
@pytest.mark.parametrize("passage_s", [0.15, 30.0])
def test_a_rate_that_no_sound_has_is_skipped_with_a_line(tmp_path, rate, passage_s):
    for name in ("good.wav", "liar.wav"):
        write(tmp_path / name)
    lie(tmp_path / "liar.wav", rate)
    corpus = build_corpus([tmp_path], tmp_path / "corpus", passage_s=passage_s, **HOLD_NOTHING_OUT)
    assert corpus.info["skipped"] == [
        f"sound file {tmp_path}/liar.wav: its sample rate is {rate} Hz, allowed are 1000–768000"
    ]
    assert all("good.wav" in clip["name"] for clip in corpus.info["clips"])


def test_formats_are_taken_in_any_case_and_what_is_left_out_is_named(tmp_path):
    write(tmp_path / "plain.wav", 60)
    write(tmp_path / "TONE.AIFF", 62)
    write(tmp_path / "tone.caf", 64)
    write(tmp_path / "tone.FLAC", 65)
    shutil.copy(tmp_path / "plain.wav", tmp_path / "plain.bak")
    (tmp_path / "song.m4a").write_bytes(b"\0\0\0 ftypM4A ")
    (tmp_path / "readme.txt").write_text("four notes")
    corpus = build_corpus([tmp_path], tmp_path / "corpus", **HOLD_NOTHING_OUT)
    assert set(corpus.classes) == {0, 2, 4, 5}
    assert sorted(corpus.info["skipped"]) == [
        f"{tmp_path}/plain.bak: begins like a sound file, give it the suffix of its format, such as .wav",
        f"{tmp_path}/song.m4a: .m4a is a format that cannot be read, convert it to WAV or FLAC",
    ]


def test_strict_stops_at_what_would_be_left_out(tmp_path):
    write(tmp_path / "plain.wav")
    (tmp_path / "song.m4a").write_bytes(b"\0\0\0 ftypM4A ")
    with pytest.raises(CorpusError, match="song.m4a: .m4a is a format that cannot be read"):
        build_corpus([tmp_path], tmp_path / "corpus", strict=True, **HOLD_NOTHING_OUT)


def test_a_folder_of_nothing_but_unreadable_sound_says_why(tmp_path):
    (tmp_path / "song.m4a").write_bytes(b"\0\0\0 ftypM4A ")
    with pytest.raises(CorpusError, match="no audio found.*song.m4a: .m4a is a format that cannot be read"):
        find_recordings([tmp_path])


def test_notes_may_begin_with_a_byte_order_mark(tmp_path):
    folder = write_patches(tmp_path / "patches", 1, [60, 64])
    sheet = folder / "notes.csv"
    sheet.write_bytes(b"\xef\xbb\xbf" + sheet.read_bytes())
    (recording,) = find_recordings([folder])
    assert [note.note for note in recording.notes] == [60, 64]


def test_notes_that_are_no_utf8_are_refused_in_a_sentence(tmp_path):
    folder = write_patches(tmp_path / "patches", 1, [60])
    (folder / "notes.csv").write_bytes(b"file,clip,start_s,end_s,note\n\xfb.wav,a,0,1,60\n")
    with pytest.raises(CorpusError, match=r"notes.csv: cannot be read \(it is no text in UTF-8"):
        find_recordings([folder])


def test_a_pipe_is_no_recording(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(CorpusError, match=r"pipe.wav: no such file or folder"):
        find_recordings([tmp_path / "pipe.wav"])
    write(tmp_path / "plain.wav")
    assert [recording.path.name for recording in find_recordings([tmp_path])] == ["plain.wav"]
