"""Teaches the notes that a corpus lacks, by transposed frames of the nearest ones that it holds.

A network that was never trained on a pitch class sounds it in tune at best, without the timbre asked for.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.interpolate import make_interp_spline
from scipy.sparse import csr_array

from manned.limits import CLASSES
from manned.model import analysis

_MOST_SEMITONES = 12
_TRACES = 0.1
_SMALLEST_WEIGHT = 0.003


class Transposition:
    """Moves some frames of a batch to notes that a corpus lacks.

    A note is what the network is told: a pitch class, and the octave where it
    has octaves; where it has none, frames stay in theirs.  Notes that hold less
    than a tenth of the frames of a mean one count as lacking.  Each is taught by
    the nearest note held, below and above alike, in as many frames as that
    keeps; but none gives away more than half.  Farther than an octave away
    nothing is taught.

    Parameters
    ----------
    classes, octaves : np.ndarray [shape=(frames,)]
        Of the frames to train on.
    octave_choices : tuple of int
        ``Topology.octaves``.
    """

    def __init__(self, classes: np.ndarray, octaves: np.ndarray, octave_choices: tuple[int, ...] = ()) -> None:
        self._choices = octave_choices
        counts = np.bincount(self._notes(classes, octaves), minlength=CLASSES)
        wanted = [CLASSES * octave + c for octave in octave_choices or (0,) for c in range(CLASSES)]
        held = [note for note in wanted if note < len(counts) and counts[note] > _TRACES * len(classes) / len(wanted)]
        moves = {note: [(0, 1.0)] for note in held}
        for note in sorted(set(wanted) - set(held)):
            shifts = [note - source for source in held]
            nearest = min(map(abs, shifts))
            sources = [(source, shift) for source, shift in zip(held, shifts) if abs(shift) == nearest]
            if nearest <= _MOST_SEMITONES:
                for source, shift in sources:
                    moves[source].append((shift, 1 / len(sources)))
        self._moves = {}
        for note, some in moves.items():
            shifts, weights = map(np.array, zip(*some))
            if len(some) > 1:
                weights[1:] /= max(1.0, weights[1:].sum())
                self._moves[note] = shifts, weights / weights.sum()

    def __call__(
        self, frames: np.ndarray, classes: np.ndarray, octaves: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Frames, classes and octaves of a batch, some of them transposed."""
        notes = self._notes(classes, octaves)
        shifts = np.zeros(len(notes), dtype=np.int64)
        for note, (some, shares) in self._moves.items():
            rows = notes == note
            shifts[rows] = rng.choice(some, rows.sum(), p=shares)
        frames = frames.copy()
        for shift in np.unique(shifts[shifts != 0]):
            rows = shifts == shift
            frames[rows] = transpose(frames[rows], int(shift))
        notes = CLASSES * octaves.astype(np.int64) + classes + shifts
        return frames, notes % CLASSES, notes // CLASSES

    def _notes(self, classes: np.ndarray, octaves: np.ndarray) -> np.ndarray:
        return classes + CLASSES * (octaves.astype(np.int64) if self._choices else 0)


def transpose(frames: np.ndarray, semitones: int) -> np.ndarray:
    """Magnitudes stretched along frequency, their maximum 1 again.

    Parameters
    ----------
    frames : np.ndarray [shape=(n, bins)]
    semitones : int
        What leaves the range of the bins is lost.

    Returns
    -------
    np.ndarray [shape=(n, bins)], dtype of ``frames``
    """
    moved = (_stretching(frames.shape[1], semitones) @ frames.astype(np.float32).T).T
    return analysis.normalise(np.maximum(moved, 0.0)).astype(frames.dtype)


@lru_cache(maxsize=2 * _MOST_SEMITONES)
def _stretching(bins: int, semitones: int) -> csr_array:
    """Matrix [shape=(bins, bins)] that samples the cubic spline through a spectrum where each bin comes from."""
    places = np.arange(bins) / 2.0 ** (semitones / 12.0)
    weights = make_interp_spline(np.arange(bins), np.eye(bins), k=3)(np.minimum(places, bins - 1))
    weights[(np.abs(weights) < _SMALLEST_WEIGHT) | (places > bins - 1)[:, None]] = 0.0
    return csr_array(weights.astype(np.float32))
