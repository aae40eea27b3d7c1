"""What is no music, too long or too much for the disk: one clear sentence, and nothing half-written left behind."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tones import SAMPLERATE, tone, write_patches

from manned.errors import CorpusError
from training.corpus.build import build_corpus
from training.corpus.sounds.render import render
from training.corpus.sounds.source_list import read_source_list

ROOT = Path(__file__).parents[3]
TWO_HOURS_S = 7200
HOLD_NOTHING_OUT = {"validation": 0, "test": 0}


def sentence(error) -> str:
    """The message, which must be one line."""
    text = str(error.value)
    assert len(text.splitlines()) == 1
    return text


def test_a_folder_without_sound_is_refused(tmp_path):
    (tmp_path / "sounds").mkdir()
    with pytest.raises(CorpusError) as error:
        build_corpus([tmp_path / "sounds"], tmp_path / "corpus")
    assert "no audio found" in sentence(error) and ".flac" in sentence(error)
    assert [path.name for path in tmp_path.iterdir()] == ["sounds"]


def test_a_text_file_named_wav_is_named_and_its_trouble_said(tmp_path):
    (tmp_path / "lyrics.wav").write_text("Es war einmal")
    with pytest.raises(CorpusError) as error:
        build_corpus([tmp_path / "lyrics.wav"], tmp_path / "corpus")
    assert "lyrics.wav" in sentence(error) and "cannot be read (Format not recognised)" in sentence(error)
    assert [path.name for path in tmp_path.iterdir()] == ["lyrics.wav"]


def test_a_file_that_breaks_off_in_its_middle_leaves_nothing_in_the_corpus(tmp_path):
    good, bad = tmp_path / "sounds" / "a.wav", tmp_path / "sounds" / "b.wav"
    good.parent.mkdir()
    soundfile.write(good, tone(60, 1.0), SAMPLERATE)
    broken = np.concatenate([tone(64, 2.0), np.full(100, np.nan, dtype=np.float32)])
    soundfile.write(bad, broken, SAMPLERATE, subtype="FLOAT")
    alone = build_corpus([good], tmp_path / "alone", **HOLD_NOTHING_OUT)
    both = build_corpus([good.parent], tmp_path / "both", passage_s=0.5, **HOLD_NOTHING_OUT)
    assert set(both.classes) == set(alone.classes) == {0}
    assert [clip["name"] for clip in both.info["clips"]] == ["sounds/a.wav#1", "sounds/a.wav#2"]
    assert both.info["skipped"] == [f"sound file {bad}: holds NaN or infinite samples"]
    assert both.info["peak_db"] == pytest.approx(alone.info["peak_db"], abs=0.1)


def test_samples_that_would_overflow_are_named(tmp_path):
    soundfile.write(tmp_path / "loud.wav", 1e30 * tone(60, 1.0), SAMPLERATE, subtype="FLOAT")
    with pytest.raises(CorpusError) as error:
        build_corpus([tmp_path / "loud.wav"], tmp_path / "corpus")
    assert "loud.wav: holds samples above 1e+06, where 1 is full scale" in sentence(error)


def test_recordings_that_add_nothing_are_named(tmp_path):
    for name, sound in (("a", tone(60, 1.0)), ("short", tone(60, 0.01)), ("silent", 0 * tone(60, 1.0))):
        soundfile.write(tmp_path / f"{name}.wav", sound, SAMPLERATE)
    corpus = build_corpus([tmp_path], tmp_path / "corpus", **HOLD_NOTHING_OUT)
    assert [remark.split(":")[0] for remark in corpus.info["remarks"]] == [
        str(tmp_path / name) for name in ("short.wav", "silent.wav")
    ]
    assert all("adds nothing" in remark for remark in corpus.info["remarks"])


def test_telephone_audio_is_taken_and_said_to_be_dull(tmp_path):
    path = tmp_path / "telephone.wav"
    soundfile.write(path, tone(60, 2.0, samplerate=8000), 8000, subtype="ULAW")
    corpus = build_corpus([path], tmp_path / "corpus", **HOLD_NOTHING_OUT)
    assert set(corpus.classes) == {0}
    (remark,) = corpus.info["remarks"]
    assert remark == (
        f"{path}: is sampled at 8000 Hz and holds nothing above 4000 Hz; a decoder learns dull sounds from it"
    )
    assert f"note: {remark}" in corpus.summary()
    above = np.arange(2049) * SAMPLERATE / 4096 > 4500
    assert corpus.frames[:, above].max() < 0.01


def test_an_offset_changes_nothing(tmp_path):
    for name, offset in (("plain", 0.0), ("offset", 0.3)):
        soundfile.write(tmp_path / f"{name}.wav", tone(60, 1.0) + offset, SAMPLERATE, subtype="FLOAT")
    plain, shifted = (
        build_corpus([tmp_path / f"{name}.wav"], tmp_path / name, **HOLD_NOTHING_OUT) for name in ("plain", "offset")
    )
    np.testing.assert_allclose(shifted.frames, plain.frames, atol=1e-3)


def test_a_copy_of_a_file_is_named_and_skipped(tmp_path):
    for name in ("a.wav", "b.wav"):
        soundfile.write(tmp_path / name, tone(60, 1.0), SAMPLERATE)
    corpus = build_corpus([tmp_path / "a.wav", tmp_path], tmp_path / "corpus", **HOLD_NOTHING_OUT)
    assert [clip["name"] for clip in corpus.info["clips"]] == ["a.wav"]
    assert corpus.info["skipped"] == [f"{tmp_path / 'b.wav'}: is a copy of {tmp_path / 'a.wav'}"]


@pytest.mark.parametrize("content", ["{", "[]", '{"amsynth": {}}'])
def test_a_damaged_list_of_origins_is_refused(tmp_path, content):
    folder = write_patches(tmp_path / "sounds", 1, [60])
    (folder / "SOURCES.json").write_text(content)
    with pytest.raises(CorpusError) as error:
        build_corpus([folder], tmp_path / "corpus", **HOLD_NOTHING_OUT)
    assert "SOURCES.json: cannot be read" in sentence(error)


LONG = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (800 << 20, 800 << 20))
from manned.model.topology import Topology
from training.corpus.build import build_corpus
corpus = build_corpus([sys.argv[1]], sys.argv[2], topology=Topology(hop=22050))
print(len(corpus.frames), len(corpus.info["clips"]))
"""


def test_a_recording_of_two_hours_takes_little_memory(tmp_path):
    path, block = tmp_path / "long.wav", tone(57, 10.0)
    with soundfile.SoundFile(path, "w", SAMPLERATE, 1, subtype="PCM_U8") as file:
        for _ in range(TWO_HOURS_S // 10):
            file.write(block)
    assert TWO_HOURS_S * SAMPLERATE * 4 > 800 << 20  # as one array it would not fit
    done = subprocess.run(
        [sys.executable, "-c", LONG, str(path), str(tmp_path / "corpus")],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    frames, clips = map(int, done.stdout.split())
    assert clips == TWO_HOURS_S // 30 and frames == pytest.approx(2 * TWO_HOURS_S, rel=0.02)
    path.unlink()


def test_a_corpus_that_fills_the_disk_is_taken_away_again(full_disk, tmp_path):
    path = tmp_path / "long.wav"
    soundfile.write(path, tone(60, 10.0), SAMPLERATE)
    with pytest.raises(CorpusError) as error:
        build_corpus([path], full_disk / "corpus", **HOLD_NOTHING_OUT)
    assert sentence(error) == f"corpus {full_disk}/corpus: cannot be written (No space left on device)"
    assert list(full_disk.iterdir()) == []


def test_sounds_that_fill_the_disk_leave_no_part_of_a_file(full_disk, tmp_path):
    wanted = tmp_path / "list.toml"
    wanted.write_text(
        '[notes]\nfirst = "C4"\nlast = "C6"\n[[sources]]\nname = "amsynth"\npatches = "amsynth/BriansBank01/12*"\n'
    )
    with pytest.raises(CorpusError) as error:
        render(read_source_list(wanted), full_disk / "sounds")
    assert sentence(error) == f"{full_disk}/sounds: sounds cannot be written (No space left on device)"
    left = [path for path in (full_disk / "sounds").rglob("*") if path.is_file()]
    assert not [path for path in left if ".part" in path.name]
    for path in left:
        assert path.suffix != ".flac" or len(soundfile.read(path)[0])
