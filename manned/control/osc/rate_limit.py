"""Rate limits: how often a sender is told by ``/error`` that something was wrong."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable

PER_SECOND = 10.0  # errors answered to one sender in the long run
BURST = 20  # at once
SENDERS = 256  # remembered; the one silent for longest is forgotten first


class RateLimit:
    """A token bucket for each sender."""

    def __init__(self) -> None:
        self.suppressed = 0
        self._buckets: OrderedDict[Hashable, tuple[float, float, int]] = OrderedDict()

    def admit(self, sender: Hashable) -> int | None:
        """Whether a sender may be answered now.

        Returns
        -------
        int or None
            How many errors of this sender went unanswered since the last
            answer; None when this one must be, too.
        """
        now = time.monotonic()
        tokens, then, unanswered = self._buckets.pop(sender, (BURST, now, 0))
        tokens = min(tokens + (now - then) * PER_SECOND, BURST)
        if len(self._buckets) >= SENDERS:
            self._buckets.popitem(last=False)
        if tokens < 1.0:
            self.suppressed += 1
            self._buckets[sender] = (tokens, now, unanswered + 1)
            return None
        self._buckets[sender] = (tokens - 1.0, now, 0)
        return unanswered
