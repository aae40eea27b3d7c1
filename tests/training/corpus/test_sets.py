"""No frame of a passage is in two sets, whatever the recordings are cut into."""

import csv
import tempfile
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from tones import SAMPLERATE, tone

from manned.errors import CorpusError
from manned.model.topology import Topology
from training.corpus.build import build_corpus
from training.corpus.recordings import find_recordings, passages

SETS = ("train", "validation", "test")
SMALL = Topology(hop=2048)


def counting(path: Path, seconds: float, first: int) -> int:
    """A file whose samples count up from ``first``, so that each is known again; the count after its last."""
    count = round(seconds * SAMPLERATE)
    soundfile.write(path, (first + np.arange(count)) * 2.0**-24, SAMPLERATE, subtype="FLOAT")
    return first + count


@st.composite
def collections(draw):
    """Lengths of plain files, and for files with notes their clips, lengths and sets."""
    plain = draw(st.lists(st.floats(0.1, 3.0), min_size=1, max_size=4))
    noted = draw(
        st.lists(st.lists(st.tuples(st.sampled_from("abcd"), st.floats(0.1, 0.6)), min_size=1, max_size=6), max_size=3)
    )
    sets = {clip: draw(st.sampled_from(["", *SETS])) for clip in "abcd"}
    return plain, noted, sets


def write(folder: Path, collection) -> None:
    plain, noted, sets = collection
    first = 1
    (folder / "plain").mkdir(parents=True)
    (folder / "noted").mkdir()
    for number, seconds in enumerate(plain):
        first = counting(folder / "plain" / f"{number}.wav", seconds, first)
    if not noted:
        return
    with open(folder / "noted" / "notes.csv", "w", newline="") as text:
        sheet = csv.writer(text)
        sheet.writerow(["file", "clip", "start_s", "end_s", "note", "set"])
        for number, notes in enumerate(noted):
            now = 0.0
            for clip, seconds in notes:
                sheet.writerow([f"{number}.wav", clip, now, now + seconds, 60, sets[clip]])
                now += seconds
            first = counting(folder / "noted" / f"{number}.wav", now, first)


@settings(max_examples=60, deadline=None)
@given(collections(), st.floats(0.1, 1.5))
def test_no_sample_is_in_two_clips(collection, passage_s):
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), collection)
        samples: dict[str, set] = {}
        for recording in find_recordings([name, f"{name}/plain", f"{name}/plain/0.wav"]):
            for passage in passages(recording, SAMPLERATE, passage_s):
                heard = np.round(passage.signal * 2.0**24).astype(int).tolist()
                samples.setdefault(passage.clip, set()).update(heard)
    for one, other in combinations(samples.values(), 2):
        assert not one & other


@settings(max_examples=15, deadline=None)
@given(collections(), st.integers(0, 1000))
def test_no_frame_is_in_two_sets(collection, seed):
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), collection)
        for number, path in enumerate(sorted(Path(name).rglob("*.wav"))):
            noise = np.random.default_rng(number).normal(0.0, 0.1, soundfile.info(path).frames)
            soundfile.write(path, noise, SAMPLERATE, subtype="FLOAT")
        try:
            corpus = build_corpus(
                [name], Path(name) / "corpus", topology=SMALL, passage_s=0.5, validation=1, test=1, seed=seed
            )
        except CorpusError as error:
            if "cannot be split" in str(error) or "no audible frame" in str(error):
                return
            raise
        rows = {name: corpus.rows(name) for name in SETS}
        assert sum(map(len, rows.values())) == len(corpus.frames)
        frames = [{frame.tobytes() for frame in corpus.frames[rows[name]]} for name in SETS]
        clips = [set(corpus.clips[rows[name]].tolist()) for name in SETS]
        given_sets = {f"noted/{clip}": into for clip, into in collection[2].items() if into}
        assert all(given_sets.get(clip["name"], clip["set"]) == clip["set"] for clip in corpus.info["clips"])
    for sets in (frames, clips):
        for one, other in combinations(sets, 2):
            assert not one & other


def notes_csv(folder: Path, *rows: str) -> Path:
    folder.mkdir()
    soundfile.write(folder / "a.wav", tone(60, 3.0), SAMPLERATE)
    (folder / "notes.csv").write_text("\n".join(["file,clip,start_s,end_s,note,set", *rows]))
    return folder


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["a.wav,one,0,1,60,train", "a.wav,one,1,2,60,test"], "line 3: clip one is in set 'test' here and in 'train'"),
        (["a.wav,one,0,1,60,", "a.wav,two,0.9,2,60,"], "clips one and two share the sound of a.wav from 0.9 s"),
        (["a.wav,one,0,1,60,training"], "line 2: set is 'training', allowed are train, validation, test"),
    ],
)
def test_notes_that_could_put_a_passage_into_two_sets_are_refused(tmp_path, rows, message):
    with pytest.raises(CorpusError, match=message):
        build_corpus([notes_csv(tmp_path / "sounds", *rows)], tmp_path / "corpus")


def test_notes_decide_sets_and_the_rest_is_dealt_out(tmp_path):
    folder = notes_csv(tmp_path / "sounds", "a.wav,one,0,1,60,test", "a.wav,two,1,2,60,", "a.wav,three,2,3,60,")
    corpus = build_corpus([folder], tmp_path / "corpus", validation=1, test=0)
    sets = {clip["name"]: clip["set"] for clip in corpus.info["clips"]}
    assert sets["sounds/one"] == "test"
    assert sorted([sets["sounds/two"], sets["sounds/three"]]) == ["train", "validation"]
