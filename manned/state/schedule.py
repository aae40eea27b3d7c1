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
        self._heap: list[tuple[int, int, Callable[[int], object], object]] = []
        self._order = itertools.count()

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, when: int, action: Callable[[int], object], owner: object = None) -> None:
        """Call ``action(when)`` shortly before audio sample ``when`` is played.

        Parameters
        ----------
        when : int
        action : callable(int)
        owner : object, optional
            Who can `clear` it.  What has an owner leaves room for what has none: the program's own.

        Raises
        ------
        ScheduleFull
            When there is no room.
        """
        if len(self._heap) >= self.capacity * (1 if owner is not None else 2):
            raise ScheduleFull(f"schedule: {self.capacity} dated items are waiting already, no more are taken")
        heapq.heappush(self._heap, (when, next(self._order), action, owner))

    def run(self, until: int) -> None:
        """Run every action dated before audio sample ``until``."""
        while self._heap and self._heap[0][0] < until:
            when, _, action, _ = heapq.heappop(self._heap)
            action(when)

    def clear(self, owner: object = None) -> None:
        """Forget all that waits, or what waits of one owner."""
        # In place: an action that clears is called from `run`, which goes on with this list.
        self._heap[:] = [] if owner is None else [item for item in self._heap if item[3] is not owner]
        heapq.heapify(self._heap)
