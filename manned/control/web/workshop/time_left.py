"""How long learning will still take: by what its stages take at ease, and by how fast this machine is today."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

STARTING, LISTENING, LOADING, TRAINING, MEASURING = STAGES = (
    "starting",
    "listening",
    "loading",
    "training",
    "measuring",
)

_AT_EASE_S = {STARTING: 3.0, LISTENING: 2.0, LOADING: 6.0, MEASURING: 2.0}
_STEP_S = 0.012
_SLOWEST, _FASTEST = 20.0, 0.2


@dataclass(frozen=True)
class Progress:
    """How far all of it is.

    Attributes
    ----------
    part : float
        0–1.
    left_s : float
    """

    part: float
    left_s: float


class TimeLeft:
    """Counts the time of one run.

    Parameters
    ----------
    steps : int
        Training steps.
    clock : callable() -> float
        Seconds.
    """

    def __init__(self, steps: int, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._at_ease_s = {**_AT_EASE_S, TRAINING: steps * _STEP_S}
        self._begun = self._stage_begun = clock()
        self._stage = STARTING
        self._part = 0.0

    def at(self, stage: str, part: float) -> None:
        """Note that a part (0–1) of a stage is done."""
        if stage != self._stage:
            self._stage, self._stage_begun = stage, self._clock()
        self._part = part

    def progress(self) -> Progress:
        """How far it is now."""
        passed, here = self._clock() - self._begun, self._clock() - self._stage_begun
        number = STAGES.index(self._stage)
        done_at_ease = sum(self._at_ease_s[stage] for stage in STAGES[:number])
        this_at_ease = self._at_ease_s[self._stage]
        speed = passed / max(done_at_ease + self._part * this_at_ease, 0.5)
        speed = min(max(speed, _FASTEST), _SLOWEST) if number or self._part else 1.0
        # What a stage shows of itself counts more than what it takes at ease.
        left_here = here * (1.0 - self._part) / self._part if self._part > 0.0 else speed * this_at_ease - here
        after = sum(self._at_ease_s[stage] for stage in STAGES[number + 1 :])
        left = max(left_here, 0.0) + speed * after
        return Progress(passed / max(passed + left, 1e-9), left)
