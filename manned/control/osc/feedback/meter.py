"""What is measured of the sound: levels left and right, voices, and the load of the audio callback."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from ....engine import Engine


class Tap(Protocol):
    """Where what is played can be read: an engine, or a share of its tap."""

    def tap_start(self) -> None:
        """Begin to keep what is played."""

    def tap_read(self) -> np.ndarray:
        """What was played since the last call: float32 [shape=(frames, channels)]."""
        ...

    def tap_stop(self) -> None:
        """Stop keeping it."""


@dataclass(frozen=True)
class Levels:
    """What was measured over some time.

    Attributes
    ----------
    frames : int
        How long that was, in samples.
    peaks : np.ndarray [shape=(2,)]
        Largest absolute sample, left and right, as factors: 1 is full scale.
    squares : np.ndarray [shape=(2,)]
        Sums of squares.
    busy_s : float
        Spent in the audio callback.
    """

    frames: int = 0
    peaks: np.ndarray = field(default_factory=lambda: np.zeros(2))
    squares: np.ndarray = field(default_factory=lambda: np.zeros(2))
    busy_s: float = 0.0

    def __add__(self, later: Levels) -> Levels:
        """Both together."""
        return Levels(
            self.frames + later.frames,
            np.maximum(self.peaks, later.peaks),
            self.squares + later.squares,
            self.busy_s + later.busy_s,
        )

    @property
    def rms(self) -> np.ndarray:
        """Root of the mean square, left and right."""
        return np.sqrt(self.squares / max(self.frames, 1))


class Meter:
    """Measures an engine's output.  Control thread only.

    Parameters
    ----------
    engine : manned.engine.Engine
    tap : Tap, optional
        By default the engine's own, which has but one reader.
    """

    def __init__(self, engine: Engine, tap: Tap | None = None):
        self._engine = engine
        self._tap: Tap = tap or engine
        self._blocks = 0
        self._heard = np.zeros((0, 2), np.float32)

    @property
    def samplerate(self) -> float:
        """Hertz."""
        return self._engine.samplerate

    def start(self) -> None:
        """Measure from now on."""
        self._tap.tap_start()
        self._blocks = self._engine.blocks

    def read(self) -> Levels:
        """What was measured since the last call."""
        heard = self._heard = self._tap.tap_read()
        blocks, self._blocks = self._engine.blocks - self._blocks, self._engine.blocks
        busy_s = float(self._engine.durations_ns()[-blocks:].sum()) * 1e-9 if blocks > 0 else 0.0
        if not len(heard):
            return Levels(busy_s=busy_s)
        sides = heard[:, [0, -1 if heard.shape[1] == 1 else 1]].astype(np.float64)
        return Levels(len(heard), np.abs(sides).max(axis=0), np.square(sides).sum(axis=0), busy_s)

    @property
    def heard(self) -> np.ndarray:
        """What the last `read` was of: float32 [shape=(frames, channels)]."""
        return self._heard

    def stop(self) -> None:
        """Measure no more."""
        self._tap.tap_stop()
