"""Dated bundles that wait for their time: a bounded number of bytes, and a share of it for each sender."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable

from ...state.schedule import Schedule, ScheduleFull

MAX_WAITING = 1 << 20
"""Bytes of dated bundles that wait."""

MAX_OF_ONE = MAX_WAITING // 4
"""Bytes of those of one sender."""

MAX_COUNT_OF_ONE = 1024
"""How many of one sender wait."""


class Dated:
    """The dated bundles in a schedule.  Control thread only.

    Parameters
    ----------
    schedule : manned.state.schedule.Schedule
        In which others wait too.
    """

    def __init__(self, schedule: Schedule):
        self._schedule = schedule
        self._bytes: Counter[Hashable] = Counter()
        self._count: Counter[Hashable] = Counter()

    def add(self, when: int, size: int, key: Hashable, play: Callable[[int], object]) -> None:
        """Call ``play(when)`` shortly before audio sample ``when`` for a bundle of some bytes.

        Raises
        ------
        ScheduleFull
            When its sender, or all together, have too many waiting.
        """
        waiting = self._bytes.total()
        if waiting + size > MAX_WAITING:
            raise ScheduleFull(f"{waiting} bytes of dated bundles are waiting, allowed are {MAX_WAITING}")
        if self._bytes[key] + size > MAX_OF_ONE or self._count[key] >= MAX_COUNT_OF_ONE:
            raise ScheduleFull(
                f"{self._count[key]} dated bundles of this sender are waiting, allowed are {MAX_COUNT_OF_ONE} and "
                f"{MAX_OF_ONE} bytes; /schedule/clear forgets them"
            )

        def leave(when: int) -> None:
            self._bytes[key] -= size
            self._count[key] -= 1
            if not self._count[key]:
                del self._bytes[key], self._count[key]
            play(when)

        self._schedule.add(when, leave, self)
        self._bytes[key] += size
        self._count[key] += 1

    def clear(self) -> None:
        """Forget all that wait, of all senders."""
        self._schedule.clear(self)
        self._bytes.clear()
        self._count.clear()
