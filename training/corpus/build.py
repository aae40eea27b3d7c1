"""From recordings to a corpus folder, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from manned import files
from manned.errors import CorpusError
from manned.model import analysis
from manned.model.topology import Topology
from training.corpus.corpus import Corpus
from training.corpus.gathering import Gathering
from training.corpus.notes_file import NOTES_FILE
from training.corpus.recordings import Passage, Recording, UnreadableRecording, copies, find_recordings, passages
from training.files import read_json, working_folder

SOURCES_FILE = "SOURCES.json"

_PAPERS = Topology()

Find = Callable[[Iterable[Path]], list[Recording]]
"""From files and folders to what can be read in them."""


def build_corpus(
    paths: Iterable[str | os.PathLike[str]],
    folder: str | os.PathLike[str],
    *,
    topology: Topology = _PAPERS,
    labels: str = "measured",
    frames_per_note: int | None = None,
    validation: float = 0.0625,
    test: float = 0.0625,
    seed: int = 0,
    silence_db: float = analysis.SILENCE_DB,
    passage_s: float = 30.0,
    strict: bool = False,
    find: Find = find_recordings,
) -> Corpus:
    """Turn audio files and folders into a corpus folder, whole or not at all.

    Parameters
    ----------
    paths : iterable of path
        Audio files, or folders searched for them.
    folder : path
        Must not exist yet.
    topology : Topology
        Gives the geometry: sample rate, window and hop.
    labels : {'measured', 'notes'}
        Where pitch class and octave come from: each frame's own spectrum (paper,
        section III-B), or ``notes.csv``; then frames whose measured class is
        another are left out.
    frames_per_note : int, optional
        Keep this many frames, evenly spread, of each note of a ``notes.csv``
        instead of one every hop.
    validation, test : float
        Below 1 a share of the clips, from 1 on a number of clips; of clips whose
        set the recordings do not say.
    seed : int
        Of the split and of the places of ``frames_per_note``.
    silence_db : float
        See `manned.model.analysis.audible`.
    passage_s : float
        Longest clip of a recording without notes, seconds.
    strict : bool
        Whether an unreadable file ends it all; else it is named and skipped.
    find : callable
        From ``paths`` to recordings: `training.corpus.recordings.find_recordings`, or
        that of a library with a layout of its own (`training.corpus.sources.table.LIBRARIES`).

    Raises
    ------
    CorpusError
        When there is nothing to learn from, too few clips to split, or no room
        to write.
    """
    folder = Path(folder)
    shown = files.shown(folder)
    if folder.exists():
        raise CorpusError(f"corpus {shown}: exists already, delete it or choose another name")
    sources = [Path(path) for path in paths]
    recordings = find(sources)
    if labels == "notes":
        for recording in recordings:
            known = recording.notes is not None and all(note.note is not None for note in recording.notes)
            if not known and not recording.problem:
                raise CorpusError(
                    f"{files.shown(recording.path)}: labels from notes were asked for, but no {NOTES_FILE} describes it"
                )
    origins, same = read_origins(sources), copies(recordings)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with working_folder(folder) as part:
            with Gathering(part, topology, labels, silence_db) as gathered:
                rng = np.random.default_rng(seed)
                for recording in tqdm(recordings, desc="reading", unit="file", disable=None):
                    if recording.path in same:
                        original = files.shown(same[recording.path])
                        gathered.skipped.append(f"{files.shown(recording.path)}: is a copy of {original}")
                        continue
                    before = gathered.mark()
                    try:
                        for passage in passages(recording, topology.samplerate, passage_s):
                            gathered.add(passage, _starts(passage, frames_per_note, topology, rng))
                    except UnreadableRecording as error:
                        if strict:
                            raise
                        gathered.go_back(before)
                        gathered.skipped.append(str(error))
                    else:
                        gathered.remark(recording, before)
                gathered.finish([files.shown(path) for path in sources], origins, validation, test, seed)
            os.chmod(part, 0o755)
            os.rename(part, folder)
            files.sync_folder(folder.parent)
    except OSError as error:
        raise CorpusError(f"corpus {shown}: cannot be written ({error.strerror or error})") from error
    return Corpus(folder)


def read_origins(folders: Iterable[Path]) -> dict[str, Any]:
    """Packages and licences of rendered sounds, from the ``SOURCES.json`` beside them; raises `CorpusError`."""
    origins = {}
    for path in (folder / SOURCES_FILE for folder in folders):
        if files.is_file(path):
            try:
                for name, source in read_json(path).items():
                    origins[name] = {**source, "clips": len(source["clips"])}
            except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
                raise CorpusError(f"{files.shown(path)}: cannot be read ({error})") from None
    return origins


def _starts(
    passage: Passage, frames_per_note: int | None, topology: Topology, rng: np.random.Generator
) -> np.ndarray | None:
    """Evenly spread window positions for a note, shifted together at random; None for one each hop."""
    if frames_per_note is None or passage.note is None:
        return None
    room = len(passage.signal) - topology.n_fft + 1
    if room < 1:
        return np.zeros(0, dtype=np.int64)
    return np.unique(((np.arange(frames_per_note) + rng.random()) / frames_per_note * room).astype(np.int64))
