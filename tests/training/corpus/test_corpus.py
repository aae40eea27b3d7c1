"""From recordings to a corpus: what becomes a frame, what is left out, and which set a clip falls into."""

import json

import numpy as np
import pytest
import soundfile
from tones import SAMPLERATE, tone, write_patches

from manned.errors import CorpusError
from manned.model import analysis
from training.corpus.build import build_corpus
from training.corpus.corpus import Corpus
from training.corpus.split import split_clips

HOLD_NOTHING_OUT = {"validation": 0, "test": 0}


def write(path, *signals, samplerate=SAMPLERATE, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.concatenate(signals), samplerate, **options)
    return path


def test_frames_of_a_recording_are_its_normalised_magnitudes(tmp_path):
    signal = tone(69, 1.0)
    path = write(tmp_path / "a.wav", signal, subtype="FLOAT")
    corpus = build_corpus([path], tmp_path / "corpus", **HOLD_NOTHING_OUT)
    expected = analysis.normalise(analysis.magnitudes(signal))
    assert corpus.frames.dtype == np.float16
    np.testing.assert_allclose(corpus.frames, expected, atol=5e-4)
    assert set(corpus.classes) == {9} and set(corpus.octaves) == {4}


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
@pytest.mark.parametrize("samplerate", [22050, 48000])
def test_any_format_and_rate_gives_the_same_pitch(tmp_path, suffix, samplerate):
    stereo = np.stack([tone(64, 1.0, samplerate=samplerate)] * 2, axis=1)
    path = write(tmp_path / f"e.{suffix}", stereo, samplerate=samplerate)
    corpus = build_corpus([path], tmp_path / "corpus", **HOLD_NOTHING_OUT)
    assert abs(len(corpus.frames) - 40) <= 3
    assert set(corpus.classes) == {4} and set(corpus.octaves) == {4}


def test_channels_are_mixed(tmp_path):
    left, right = tone(60, 0.5), 0.5 * tone(67, 0.5)
    path = write(tmp_path / "both.wav", np.stack([left, right], axis=1), subtype="FLOAT")
    corpus = build_corpus([path], tmp_path / "corpus", **HOLD_NOTHING_OUT)
    expected = analysis.normalise(analysis.magnitudes((left + right) / 2))
    np.testing.assert_allclose(corpus.frames, expected, atol=5e-4)


def test_a_long_recording_is_read_in_passages_that_are_clips(tmp_path):
    path = write(tmp_path / "long.wav", *(tone(note, 1.0) for note in range(60, 70)))
    corpus = build_corpus([path], tmp_path / "corpus", passage_s=2.0, validation=1, test=1)
    assert [clip["name"] for clip in corpus.info["clips"]] == [f"long.wav#{number}" for number in range(1, 6)]
    assert sorted(clip["set"] for clip in corpus.info["clips"]) == ["test", "train", "train", "train", "validation"]
    assert set(corpus.classes[corpus.clips == 2]) == {4, 5}


def test_silence_is_left_out_and_counted(tmp_path):
    silence = np.zeros(SAMPLERATE, dtype=np.float32)
    path = write(tmp_path / "a.wav", silence, tone(60, 0.5), silence)
    corpus = build_corpus([path], tmp_path / "corpus", **HOLD_NOTHING_OUT)
    assert corpus.info["silent"] > 70
    assert 18 < len(corpus.frames) < 26
    assert f"left out: {corpus.info['silent']} silent frames" in corpus.summary()


def test_notes_give_class_octave_and_clip(corpus):
    assert len(corpus.frames) == 6 * 6 * 8
    assert np.bincount(corpus.classes, minlength=12).tolist() == [96, 0, 0, 0, 96, 0, 0, 96, 0, 0, 0, 0]
    assert sorted(set(corpus.octaves)) == [3, 4]
    assert sorted(clip["name"] for clip in corpus.info["clips"]) == [f"patches/patch {number}" for number in range(6)]


def test_no_frame_reaches_over_the_ends_of_its_note(tmp_path):
    folder = write_patches(tmp_path / "two", 1, [60, 66], seconds=0.2)
    corpus = build_corpus([folder], tmp_path / "corpus", labels="notes", frames_per_note=50, **HOLD_NOTHING_OUT)
    assert corpus.info["mislabelled"] == 0 and len(corpus.frames) == 100
    c, f_sharp = corpus.frames[:50].astype(np.float32), corpus.frames[50:].astype(np.float32)
    own_bins = [np.argsort(frames.mean(axis=0))[-3:] for frames in (c, f_sharp)]
    assert c[:, own_bins[1]].max() < 0.05 and f_sharp[:, own_bins[0]].max() < 0.05


def test_frames_that_sound_unlike_their_note_are_left_out_and_counted(tmp_path):
    folder = write_patches(tmp_path / "wrong", 1, [60, 64])
    sheet = folder / "notes.csv"
    sheet.write_text(sheet.read_text().replace(",64", ",65"))
    labelled = build_corpus([folder], tmp_path / "notes", labels="notes", **HOLD_NOTHING_OUT)
    assert set(labelled.classes) == {0} and labelled.info["mislabelled"] == len(labelled.frames)
    measured = build_corpus([folder], tmp_path / "measured", **HOLD_NOTHING_OUT)
    assert set(measured.classes) == {0, 4} and measured.info["mislabelled"] == 0


def test_the_same_seed_gives_the_same_corpus_and_another_another(patches, tmp_path):
    digests = [
        build_corpus([patches], tmp_path / str(number), frames_per_note=2, seed=seed).info["digest"]
        for number, seed in enumerate((1, 1, 2))
    ]
    assert digests[0] == digests[1] != digests[2]


def test_another_split_is_another_corpus(patches, tmp_path):
    """Or what one fit was trained on could be what it is tested on, without anyone noticing."""
    corpora = [build_corpus([patches], tmp_path / str(seed), validation=1, test=1, seed=seed) for seed in (0, 1)]
    assert corpora[0].info["clips"] != corpora[1].info["clips"]
    np.testing.assert_array_equal(corpora[0].frames, corpora[1].frames)
    assert corpora[0].info["digest"] != corpora[1].info["digest"]


def test_no_clip_is_in_two_sets(corpus):
    assert [len(set(corpus.clips[corpus.rows(name)])) for name in ("train", "validation", "test")] == [4, 1, 1]
    assert np.array_equal(
        np.sort(np.concatenate([corpus.rows(name) for name in ("train", "validation", "test")])), np.arange(288)
    )


def test_rows_can_be_of_some_octaves_only(corpus):
    assert set(corpus.octaves[corpus.rows("train", (4,))]) == {4}
    assert len(corpus.rows("train", (4,))) + len(corpus.rows("train", (3,))) == len(corpus.rows("train"))


@pytest.mark.parametrize(
    ("validation", "test", "counts"), [(5, 5, (5, 5)), (0.0625, 0.0625, (5, 5)), (0, 0.01, (0, 1))]
)
def test_sets_are_given_as_numbers_or_shares_of_clips(validation, test, counts):
    sets = split_clips([f"clip {number}" for number in range(80)], validation, test, seed=0)
    dealt = list(sets.values())
    assert (dealt.count("validation"), dealt.count("test"), len(dealt)) == (*counts, 80)


def test_too_few_clips_to_split_are_refused_and_leave_nothing(tmp_path):
    path = write(tmp_path / "sounds/one.wav", tone(60, 0.5))
    with pytest.raises(CorpusError, match="1 clips cannot be split"):
        build_corpus([path], tmp_path / "corpus")
    assert [entry.name for entry in tmp_path.iterdir()] == ["sounds"]


def damaged_sounds(folder):
    write(folder / "good.wav", tone(60, 0.5))
    (folder / "empty.wav").write_bytes(b"")
    (folder / "text.flac").write_text("not a sound")
    write(folder / "nothing.wav", np.zeros(0))
    write(folder / "nan.wav", np.full(9000, np.nan, dtype=np.float32), subtype="FLOAT")
    return folder


def test_files_that_cannot_be_read_are_named_and_skipped(tmp_path):
    corpus = build_corpus([damaged_sounds(tmp_path / "sounds")], tmp_path / "corpus", **HOLD_NOTHING_OUT)
    assert [clip["name"] for clip in corpus.info["clips"]] == ["sounds/good.wav"]
    problems = "\n".join(corpus.info["skipped"])
    for name in ("empty.wav", "text.flac", "nothing.wav", "nan.wav"):
        assert name in problems and name in corpus.summary()


def test_files_that_cannot_be_read_are_fatal_when_strict(tmp_path):
    with pytest.raises(CorpusError, match="empty.wav"):
        build_corpus([damaged_sounds(tmp_path / "sounds")], tmp_path / "corpus", strict=True, **HOLD_NOTHING_OUT)
    assert not (tmp_path / "corpus").exists()


def test_a_note_beyond_the_end_of_its_file_is_a_problem_of_that_file(tmp_path):
    folder = write_patches(tmp_path / "short", 2, [60])
    with open(folder / "notes.csv", "a") as sheet:
        sheet.write("1.flac,patch 1,8,9,60\n")
    corpus = build_corpus([folder], tmp_path / "corpus", **HOLD_NOTHING_OUT)
    assert len(corpus.info["skipped"]) == 1 and "starts at 8.0 s" in corpus.info["skipped"][0]


@pytest.mark.parametrize(
    ("sheet", "named"),
    [
        ("file,clip,start,end_s,note\n", "start_s is missing"),
        ("file,clip,start_s,end_s,note\n0.flac,p,0,1,200\n", "line 2"),
        ("file,clip,start_s,end_s,note\n0.flac,p,0,1,60\n0.flac,p,2,1,60\n", "line 3"),
        ("file,clip,start_s,end_s,note\n0.flac,p,0,1\n", "line 2"),
        ("file,clip,start_s,end_s,note\n0.flac,p,zero,1,60\n", "line 2"),
    ],
)
def test_a_wrong_notes_csv_is_refused_with_its_line(tmp_path, sheet, named):
    folder = write_patches(tmp_path / "sounds", 1, [60])
    (folder / "notes.csv").write_text(sheet)
    with pytest.raises(CorpusError, match=f"notes.csv.*{named}"):
        build_corpus([folder], tmp_path / "corpus", **HOLD_NOTHING_OUT)


def test_labels_from_notes_need_notes(tmp_path):
    path = write(tmp_path / "a.wav", tone(60, 0.5))
    with pytest.raises(CorpusError, match="no notes.csv"):
        build_corpus([path], tmp_path / "corpus", labels="notes")


def test_nothing_to_hear_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(CorpusError, match="no audio found"):
        build_corpus([tmp_path / "empty"], tmp_path / "corpus")
    with pytest.raises(CorpusError, match="no such file"):
        build_corpus([tmp_path / "missing.wav"], tmp_path / "corpus")
    path = write(tmp_path / "silence.wav", np.zeros(SAMPLERATE))
    with pytest.raises(CorpusError, match="no audible frame"):
        build_corpus([path], tmp_path / "corpus")


def test_a_standing_corpus_is_never_overwritten(corpus, patches):
    with pytest.raises(CorpusError, match="exists already"):
        build_corpus([patches], corpus.folder)


def test_origins_of_rendered_sounds_are_kept(tmp_path):
    folder = write_patches(tmp_path / "rendered", 1, [60])
    origin = {"synth": {"packages": {"synth": "1.2"}, "licence": "free", "clips": ["patch 0"]}}
    (folder / "SOURCES.json").write_text(json.dumps(origin))
    corpus = build_corpus([folder], tmp_path / "corpus", **HOLD_NOTHING_OUT)
    assert corpus.info["origins"] == {"synth": {"packages": {"synth": "1.2"}, "licence": "free", "clips": 1}}


@pytest.mark.parametrize("name", ["corpus.json", "frames.npy", "index.npz"])
@pytest.mark.parametrize("content", [None, b"", b"damaged"], ids=["missing", "empty", "damaged"])
def test_a_damaged_corpus_is_refused(patches, tmp_path, name, content):
    folder = build_corpus([patches], tmp_path / "corpus", frames_per_note=1).folder
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(CorpusError, match=str(folder)):
        Corpus(folder)
