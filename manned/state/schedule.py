"""Things to do at a given audio sample: dated OSC bundles and scores.

An action runs in the control thread a little before its time, and hands the
engine events that carry the exact sample; the engine places them.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

from ..errors import MannedError

LOOKAHEAD_S = 0.1
"""How far ahead of the audio clock actions run, in seconds."""


class ScheduleFull(MannedError):
    """More dated things are waiting than the bounded queue holds."""


class Schedule:
    """A bounded queue of actions, ordered by audio sample.  Control thread only."""

    def __init__(self, capacity: int = 4096):
        self.capacity = capacity
        self._heap: list[tuple[int, int, Callable[[int], object]]] = []
        self._order = itertools.count()

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, when: int, action: Callable[[int], object]) -> None:
        """Call ``action(when)`` shortly before audio sample ``when`` is played."""
        if len(self._heap) >= self.capacity:
            raise ScheduleFull(f"schedule: {self.capacity} dated items are waiting already, no more are taken")
        heapq.heappush(self._heap, (when, next(self._order), action))

    def run(self, until: int) -> None:
        """Run every action dated before audio sample ``until``."""
        while self._heap and self._heap[0][0] < until:
            when, _, action = heapq.heappop(self._heap)
            action(when)

    def clear(self) -> None:
        """Forget all that waits."""
        self._heap.clear()
