"""A corpus: frames with their clip of origin, pitch class and octave, split by clip.

A corpus is a folder of ``frames.npy`` (float16, memory-mapped), ``index.npz``
(pitch class, octave and clip of every frame) and ``corpus.json`` (what it is).
`training.corpus.build` makes one.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from manned import files
from manned.errors import CorpusError
from manned.model import analysis
from manned.model.decoder_file import KIND
from manned.model.pitch import CLASS_NAMES
from training.corpus.split import SETS
from training.files import read_json

FORMAT = 1
FRAMES, INDEX, INFO = "frames.npy", "index.npz", "corpus.json"


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

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        shown = files.shown(folder)
        try:
            self.info: dict[str, Any] = read_json(self.folder / INFO)
            kind = self.info.get("kind", KIND)
            if kind != KIND:
                raise CorpusError(f"corpus {shown}: is of the kind {kind!r}, allowed here is {KIND!r}")
            if self.info["format"] != FORMAT:
                raise CorpusError(f"corpus {shown}: format {self.info['format']!r}, this version reads format {FORMAT}")
            self.frames = np.load(self.folder / FRAMES, mmap_mode="r")
            with np.load(self.folder / INDEX) as index:
                self.classes, self.octaves, self.clips = index["classes"], index["octaves"], index["clips"]
        except FileNotFoundError as error:
            raise CorpusError(
                f"corpus {shown}: {Path(error.filename).name} is missing, is it a corpus folder?"
            ) from None
        except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile) as error:
            raise CorpusError(f"corpus {shown}: cannot be read ({error})") from None
        if not len(self.frames) == len(self.classes) == len(self.octaves) == len(self.clips):
            raise CorpusError(f"corpus {shown}: its frames and its index differ in length, build it again")

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
