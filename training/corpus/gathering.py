"""A corpus folder in the making: frames are written as they come, the index at the end."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy

from manned import files
from manned.errors import CorpusError
from manned.model import analysis
from manned.model.pitch import class_and_octave
from manned.model.topology import Topology
from training.corpus.corpus import FORMAT, FRAMES, INDEX, INFO
from training.corpus.recordings import Passage, Recording, look_at
from training.corpus.split import split_clips


class Gathering:
    """Frames on their way to disk, and the index of what was written so far.

    Attributes
    ----------
    skipped, remarks : list of str
        Files that were left out, and what there is to say of others.
    """

    def __init__(self, folder: Path, topology: Topology, labels: str, silence_db: float) -> None:
        self.folder, self.topology, self.labels, self.silence_db = folder, topology, labels, silence_db
        self.file = open(folder / FRAMES, "w+b")
        self.digest = hashlib.sha256()
        self.classes: list[np.ndarray] = []
        self.octaves: list[np.ndarray] = []
        self.clips: list[np.ndarray] = []
        self.clip_sets: dict[str, str] = {}
        self.silent = self.mislabelled = self.count = 0
        self.peak = 0.0
        self.skipped: list[str] = []
        self.remarks: list[str] = []
        self._write_header()

    def __enter__(self) -> Gathering:
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(OSError):  # on a full disk, closing fails like the write before it
            self.file.close()

    def _write_header(self) -> None:
        # numpy pads the header so that its first dimension can grow in place.
        self.file.seek(0)
        header = {"descr": "<f2", "fortran_order": False, "shape": (self.count, self.topology.bins)}
        npy.write_array_header_1_0(self.file, header)

    def mark(self) -> dict[str, Any]:
        """Where it stands, for `go_back`."""
        plain = ("silent", "mislabelled", "count", "peak")
        return {
            **{name: getattr(self, name) for name in plain},
            "digest": self.digest.copy(),
            "clip_sets": dict(self.clip_sets),
            "place": self.file.tell(),
            "batches": len(self.classes),
        }

    def go_back(self, before: dict[str, Any]) -> None:
        """Forget what was added since `mark`: a file that breaks off in its middle leaves nothing."""
        before = dict(before)
        self.file.seek(before.pop("place"))
        self.file.truncate()
        batches = before.pop("batches")
        for values in (self.classes, self.octaves, self.clips):
            del values[batches:]
        vars(self).update(before)

    def remark(self, recording: Recording, before: dict[str, Any]) -> None:
        """Say what a file that can be read may teach wrong, or that it adds nothing to what stood ``before``."""
        if self.count == before["count"]:
            self.remarks.append(
                f"{files.shown(recording.path)}: adds nothing; it is silent, unlike its notes, or shorter than a window"
            )
            return
        samplerate, remark = look_at(recording.path)
        if remark:
            self.remarks.append(remark)
        if samplerate < self.topology.samplerate / 2:
            self.remarks.append(
                f"{files.shown(recording.path)}: is sampled at {samplerate} Hz and holds nothing above "
                f"{samplerate // 2} Hz; a decoder learns dull sounds from it"
            )

    def add(self, passage: Passage, starts: np.ndarray | None) -> None:
        """Analyse a passage and write its audible frames.

        Parameters
        ----------
        passage : Passage
        starts : np.ndarray [shape=(n,)], optional
            First sample of each frame's window; by default one each hop.

        Raises
        ------
        CorpusError
            When its clip was to be in another set before.
        OSError
            When the disk is full.
        """
        topology = self.topology
        if len(passage.signal):
            self.peak = max(self.peak, float(np.abs(passage.signal).max()))
        frames = analysis.magnitudes(passage.signal, topology.n_fft, topology.hop, starts)
        audible = analysis.audible(frames, self.silence_db) if len(frames) else np.zeros(0, dtype=bool)
        self.silent += int(np.sum(~audible))
        frames = analysis.normalise(frames[audible])
        classes = analysis.pitch_classes(frames, topology.samplerate)
        if self.labels == "notes":
            assert passage.note is not None  # `training.corpus.build` has looked
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

    def finish(self, sources: list[str], origins: dict[str, Any], validation: float, test: float, seed: int) -> None:
        """Write the index and what the corpus is; takes and raises what `training.corpus.build.build_corpus` says."""
        if not self.count:
            why = f"; first problem: {self.skipped[0]}" if self.skipped else ""
            raise CorpusError(
                f"{', '.join(sources)}: no audible frame left "
                f"({self.silent} silent, {self.mislabelled} unlike their note, {len(self.skipped)} files skipped{why})"
            )
        self._write_header()
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        index = {name: np.concatenate(getattr(self, name)) for name in ("classes", "octaves", "clips")}
        for values in index.values():
            self.digest.update(values.tobytes())
        with files.replacing(self.folder / INDEX) as part:
            np.savez(part, classes=index["classes"], octaves=index["octaves"], clips=index["clips"])
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
        files.write_text(self.folder / INFO, json.dumps(info, indent=1, ensure_ascii=False))
