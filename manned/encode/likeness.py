"""How near a decoder comes to a recording, frame by frame and summed up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..model.harmonic import ear


@dataclass(frozen=True)
class Likeness:
    """What lies between the frames of a recording that are no silence, their peak 1, and what a decoder makes of them.

    Attributes
    ----------
    mse : float
        Mean squared difference.
    convergence_db : float
        Spectral convergence: the norm of the difference beside the norm of the frames.
    erb_db : float
        Mean difference over 40 bands of the ear, see `manned.model.harmonic.ear.erb`.
    """

    mse: float
    convergence_db: float
    erb_db: float


class LikenessSums:
    """Takes frames, some at a time."""

    def __init__(self, samplerate: int) -> None:
        self._samplerate = samplerate
        self._difference = self._energy = self._erb = 0.0
        self._values = self._frames = 0

    def add(self, source: np.ndarray, answer: np.ndarray) -> None:
        """Take normalised frames of the recording and of the decoder [shape=(n, bins)]."""
        self._difference += float(np.sum(np.square(answer - source), dtype=np.float64))
        self._energy += float(np.sum(np.square(source), dtype=np.float64))
        self._erb += float(np.sum(ear.erb(source, answer, self._samplerate)))
        self._values += source.size
        self._frames += len(source)

    def summed_up(self) -> Likeness:
        """The likeness of all frames; one at least was added."""
        return Likeness(
            self._difference / self._values,
            10.0 * float(np.log10(max(self._difference / self._energy, 1e-30))),
            self._erb / self._frames,
        )
