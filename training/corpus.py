"""The corpus: frames with their clip of origin, pitch class and octave, split by clip.

A corpus is a folder of ``frames.npy`` (float16, memory-mapped), ``index.npz``
(pitch class, octave and clip of every frame) and ``corpus.json`` (what it is).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import soundfile
from numpy.lib import format as npy
from tqdm import tqdm

from manned.errors import CorpusError
from manned.model import analysis
from manned.model.pitch import CLASS_NAMES, class_and_octave
from manned.model.topology import Topology

from .recordings import SETS, UnreadableRecording, copies, find_recordings, passages

FORMAT = 1
LABELS = ("measured", "notes")


class TooFewClips(CorpusError):
    """Recordings that cannot be dealt out to three sets."""


class Corpus:
    """A corpus opened for reading; the frames stay on disk until they are asked for.

    Attributes
    ----------
    folder : Path
    info : dict
        What ``corpus.json`` says.
    frames : np.memmap [shape=(n, bins)], float16
    classes, octaves : np.ndarray [shape=(n,)]
        Pitch class 0–11 and octave of each frame.
    clips : np.ndarray [shape=(n,)]
        Index into ``info['clips']`` of each frame.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        try:
            self.info = json.loads((self.folder / "corpus.json").read_text(encoding="utf-8"))
            if self.info["format"] != FORMAT:
                raise CorpusError(
                    f"corpus {folder}: format {self.info['format']!r}, this version reads format {FORMAT}"
                )
            self.frames = np.load(self.folder / "frames.npy", mmap_mode="r")
            with np.load(self.folder / "index.npz") as index:
                self.classes, self.octaves, self.clips = index["classes"], index["octaves"], index["clips"]
        except FileNotFoundError as error:
            raise CorpusError(
                f"corpus {folder}: {Path(error.filename).name} is missing, is it a corpus folder?"
            ) from None
        except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile) as error:
            raise CorpusError(f"corpus {folder}: cannot be read ({error})") from None
        if not len(self.frames) == len(self.classes) == len(self.octaves) == len(self.clips):
            raise CorpusError(f"corpus {folder}: its frames and its index differ in length, build it again")

    @classmethod
    def of(cls, fitted) -> Corpus:
        """The corpus that a fit was trained on; a `CorpusError` when another has taken its place."""
        corpus = cls(fitted.settings["corpus"])
        if corpus.info["digest"] != fitted.settings["corpus_digest"]:
            raise CorpusError(f"corpus {corpus.folder}: is not the one that fit {fitted.folder} was trained on")
        return corpus

    def rows(self, name: str, octaves: tuple[int, ...] = ()) -> np.ndarray:
        """Indices of the frames of a set ('train', 'validation', 'test'), of some octaves only if any are given."""
        chosen = np.array([clip["set"] == name for clip in self.info["clips"]])[self.clips]
        if octaves:
            chosen &= np.isin(self.octaves, octaves)
        return np.flatnonzero(chosen)

    def batch(self, rows: np.ndarray, octaves: tuple[int, ...] = ()) -> tuple[np.ndarray, np.ndarray]:
        """Frames [shape=(n, bins), float16] and their condition vectors [shape=(n, 12 + octaves)] of some rows."""
        return self.frames[rows], analysis.condition(self.classes[rows], self.octaves[rows], octaves)

    def summary(self) -> str:
        """What the corpus holds, for people."""
        info = self.info
        per_class = np.bincount(self.classes, minlength=12)
        octaves, per_octave = np.unique(self.octaves, return_counts=True)
        lines = [
            f"{len(self.frames)} frames ({self._minutes(len(self.frames)):.1f} minutes at one frame each "
            f"{info['hop']} samples), peak {info['peak_db']:.1f} dBFS",
            "frames of each pitch class: " + "  ".join(f"{n} {c}" for n, c in zip(CLASS_NAMES, per_class)),
            "frames of each octave: " + "  ".join(f"{o}: {c}" for o, c in zip(octaves, per_octave)),
        ]
        for name in SETS:
            clips = sum(clip["set"] == name for clip in info["clips"])
            lines.append(f"{name}: {clips} clips, {len(self.rows(name))} frames")
        lines.append(
            f"left out: {info['silent']} silent frames ({self._minutes(info['silent']):.1f} minutes), "
            f"{info['mislabelled']} that sound unlike their note"
        )
        lines += [f"note: {remark}" for remark in info["remarks"]]
        lines += [f"skipped: {problem}" for problem in info["skipped"]]
        return "\n".join(lines)

    def _minutes(self, frames: int) -> float:
        return frames * self.info["hop"] / self.info["samplerate"] / 60


def build_corpus(
    paths,
    folder,
    *,
    topology: Topology = Topology(),
    labels: str = "measured",
    frames_per_note: int | None = None,
    validation: float = 0.0625,
    test: float = 0.0625,
    seed: int = 0,
    silence_db: float = analysis.SILENCE_DB,
    passage_s: float = 30.0,
    strict: bool = False,
    find=find_recordings,
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
        From ``paths`` to recordings: `training.recordings.find_recordings`, or
        that of a library with a layout of its own, such as `training.violin`.

    Raises
    ------
    CorpusError
        When there is nothing to learn from, too few clips to split, or no room
        to write.
    """
    folder = Path(folder)
    if folder.exists():
        raise CorpusError(f"corpus {folder}: exists already, delete it or choose another name")
    paths = [Path(path) for path in paths]
    recordings = find(paths)
    if labels == "notes":
        for recording in recordings:
            if recording.notes is None or any(note.note is None for note in recording.notes):
                raise CorpusError(f"{recording.path}: labels from notes were asked for, but no notes.csv describes it")
    origins, same = _origins(paths), copies(recordings)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            with _Gathered(part / "frames.npy", topology, labels, silence_db) as gathered:
                rng = np.random.default_rng(seed)
                for recording in tqdm(recordings, desc="reading", unit="file", disable=None):
                    if recording.path in same:
                        gathered.skipped.append(f"{recording.path}: is a copy of {same[recording.path]}")
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
                gathered.finish(part, [str(path) for path in paths], origins, validation, test, seed)
            os.chmod(part, 0o755)
            os.rename(part, folder)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    except OSError as error:
        raise CorpusError(f"corpus {folder}: cannot be written ({error.strerror or error})") from error
    return Corpus(folder)


def _origins(paths) -> dict:
    """Packages and licences of rendered sounds, from the ``SOURCES.json`` that lies beside them."""
    origins = {}
    for sheet in (path / "SOURCES.json" for path in paths):
        if sheet.is_file():
            try:
                for name, source in json.loads(sheet.read_text(encoding="utf-8")).items():
                    origins[name] = {**source, "clips": len(source["clips"])}
            except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
                raise CorpusError(f"{sheet}: cannot be read ({error})") from None
    return origins


def _starts(passage, frames_per_note, topology, rng) -> np.ndarray | None:
    """Evenly spread window positions for a note, shifted together at random; None for one each hop."""
    if frames_per_note is None or passage.note is None:
        return None
    room = len(passage.signal) - topology.n_fft + 1
    if room < 1:
        return np.zeros(0, dtype=np.int64)
    return np.unique(((np.arange(frames_per_note) + rng.random()) / frames_per_note * room).astype(np.int64))


class _Gathered:
    """Frames on their way to disk, and the index of what was written so far."""

    def __init__(self, path: Path, topology: Topology, labels: str, silence_db: float):
        self.topology, self.labels, self.silence_db = topology, labels, silence_db
        self.file = open(path, "w+b")
        self.digest = hashlib.sha256()
        self.classes, self.octaves, self.clips = [], [], []
        self.clip_sets: dict[str, str] = {}
        self.silent = self.mislabelled = self.count = 0
        self.peak = 0.0
        self.skipped: list[str] = []
        self.remarks: list[str] = []
        self._write_header()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        with suppress(OSError):  # on a full disk, closing fails like the write before it
            self.file.close()

    def _write_header(self):
        # numpy pads the header so that its first dimension can grow in place.
        self.file.seek(0)
        header = {"descr": "<f2", "fortran_order": False, "shape": (self.count, self.topology.bins)}
        npy.write_array_header_1_0(self.file, header)

    def mark(self) -> dict:
        """Where it stands, for `go_back`."""
        plain = ("silent", "mislabelled", "count", "peak")
        return {
            **{name: getattr(self, name) for name in plain},
            "digest": self.digest.copy(),
            "clip_sets": dict(self.clip_sets),
            "place": self.file.tell(),
            "batches": len(self.classes),
        }

    def go_back(self, before: dict):
        """Forget what was added since `mark`: a file that breaks off in its middle leaves nothing."""
        before = dict(before)
        self.file.seek(before.pop("place"))
        self.file.truncate()
        batches = before.pop("batches")
        for values in (self.classes, self.octaves, self.clips):
            del values[batches:]
        vars(self).update(before)

    def remark(self, recording, before: dict):
        """Say what a file that can be read may teach wrong, or that it adds nothing to what stood ``before``."""
        if self.count == before["count"]:
            self.remarks.append(
                f"{recording.path}: adds nothing; it is silent, unlike its notes, or shorter than a window"
            )
            return
        samplerate = soundfile.info(recording.path).samplerate
        if samplerate < self.topology.samplerate / 2:
            self.remarks.append(
                f"{recording.path}: is sampled at {samplerate} Hz and holds nothing above {samplerate // 2} Hz; "
                "a decoder learns dull sounds from it"
            )

    def add(self, passage, starts):
        topology = self.topology
        if len(passage.signal):
            self.peak = max(self.peak, float(np.abs(passage.signal).max()))
        frames = analysis.magnitudes(passage.signal, topology.n_fft, topology.hop, starts)
        heard = analysis.audible(frames, self.silence_db) if len(frames) else np.zeros(0, dtype=bool)
        self.silent += int(np.sum(~heard))
        frames = analysis.normalise(frames[heard])
        classes = analysis.pitch_classes(frames, topology.samplerate)
        if self.labels == "notes":
            pitch_class, octave = class_and_octave(passage.note)
            agree = classes == pitch_class
            self.mislabelled += int(np.sum(~agree))
            frames, classes = frames[agree], classes[agree]
            octaves = np.full(len(frames), octave)
        else:
            octaves = analysis.estimate_octaves(frames, classes, samplerate=topology.samplerate)
        if not len(frames):
            return
        if self.clip_sets.setdefault(passage.clip, passage.into) != passage.into:
            raise CorpusError(f"clip {passage.clip}: is to be in two sets; a clip is in one set")
        clip = list(self.clip_sets).index(passage.clip)
        data = frames.astype("<f2").tobytes()
        self.file.write(data)
        self.digest.update(data)
        self.count += len(frames)
        self.classes.append(classes.astype(np.uint8))
        self.octaves.append(octaves.astype(np.int8))
        self.clips.append(np.full(len(frames), clip, dtype=np.int32))

    def finish(self, folder: Path, sources, origins, validation, test, seed):
        if not self.count:
            why = f"; first problem: {self.skipped[0]}" if self.skipped else ""
            raise CorpusError(
                f"{', '.join(sources)}: no audible frame left "
                f"({self.silent} silent, {self.mislabelled} unlike their note, {len(self.skipped)} files skipped{why})"
            )
        self._write_header()
        self.file.close()
        index = {name: np.concatenate(getattr(self, name)) for name in ("classes", "octaves", "clips")}
        for values in index.values():
            self.digest.update(values.tobytes())
        np.savez(folder / "index.npz", **index)
        undecided = sorted(name for name, into in self.clip_sets.items() if not into)
        sets = {**self.clip_sets, **(split_clips(undecided, validation, test, seed) if undecided else {})}
        self.digest.update(json.dumps(sorted(sets.items())).encode())
        topology = self.topology
        info = {
            "format": FORMAT,
            "digest": self.digest.hexdigest(),
            "sources": sources,
            "origins": origins,
            "samplerate": topology.samplerate,
            "n_fft": topology.n_fft,
            "hop": topology.hop,
            "labels": self.labels,
            "silence_db": self.silence_db,
            "seed": seed,
            "peak_db": 20.0 * float(np.log10(self.peak)),
            "silent": self.silent,
            "mislabelled": self.mislabelled,
            "remarks": self.remarks,
            "skipped": self.skipped,
            "clips": [{"name": name, "set": sets[name]} for name in self.clip_sets],
        }
        (folder / "corpus.json").write_text(json.dumps(info, indent=1, ensure_ascii=False), encoding="utf-8")


def split_clips(names: list[str], validation: float, test: float, seed: int) -> dict[str, str]:
    """Deal clips out to the three sets, so that no clip is in two of them (section IV-A).

    Parameters
    ----------
    names : list of str
    validation, test : float
        Below 1 a share of the clips (at least one clip when above 0), from 1 on a number.

    Returns
    -------
    dict of clip name to 'train', 'validation' or 'test'
    """
    counts = [int(wanted) if wanted >= 1 else int(np.ceil(wanted * len(names))) for wanted in (validation, test)]
    if sum(counts) >= len(names):
        raise TooFewClips(
            f"{len(names)} clips cannot be split into {counts[0]} for validation, {counts[1]} for test and some to "
            "train on: give more recordings, shorter passages or smaller shares"
        )
    shuffled = np.random.default_rng(seed).permutation(names).tolist()
    sets = dict.fromkeys(names, "train")
    sets.update(dict.fromkeys(shuffled[: counts[0]], "validation"))
    sets.update(dict.fromkeys(shuffled[counts[0] : sum(counts)], "test"))
    return sets
