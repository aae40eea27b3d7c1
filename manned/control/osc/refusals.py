"""How often a sender is told that something was wrong: rate limits for ``/error`` answers."""

from __future__ import annotations

import time
from collections import OrderedDict

PER_SECOND = 10.0  # errors answered to one sender in the long run
BURST = 20  # at once
SENDERS = 256  # remembered; the one silent for longest is forgotten first


class RefusalLimit:
    """A token bucket for each sender."""

    def __init__(self):
        self.suppressed = 0
        self._buckets = OrderedDict()

    def admit(self, sender) -> int | None:
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
