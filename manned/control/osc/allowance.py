"""How much is answered by UDP to another computer: a packet with a false address must not make us flood its owner.

Answers alone: what somebody subscribed to is bounded by `feedback.bounds`.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache
from ipaddress import ip_address

FIRST_BYTES = 2048
"""At once to a computer that has not been heard before: an answer to any question but those that list much."""

PER_SECOND = 1 << 16
"""Bytes in the long run."""

MOST_BYTES = 1 << 18
"""At once to one that has been heard for a while, and was answered little."""

COMPUTERS = 256
"""Remembered; the one silent for longest is forgotten first."""


class Allowance:
    """A token bucket of bytes for each computer.  This computer has no limit: nobody else can send with its address."""

    def __init__(self) -> None:
        self.suppressed = 0
        self._buckets: OrderedDict[str, tuple[float, float, bool]] = OrderedDict()

    def admit(self, host: str, size: int, now: float) -> bool | None:
        """Whether ``size`` bytes may be sent to a computer now.

        Parameters
        ----------
        host : str
            Its numeric address; ports are not told apart.
        size : int
        now : float
            When the packet came that is answered, on the clock of `time.monotonic`.

        Returns
        -------
        bool or None
            False for the first answer that is not sent, and None for all after it
            until one is sent again.
        """
        if _is_loopback(host):
            return True
        left, then, refused = self._buckets.pop(host, (FIRST_BYTES, now, False))
        left = min(left + (now - then) * PER_SECOND, MOST_BYTES)
        # Who was refused waits for a whole question's worth: else each crumb would be followed by a refusal.
        enough = left >= (max(size, FIRST_BYTES) if refused else size)
        if len(self._buckets) >= COMPUTERS:
            self._buckets.popitem(last=False)
        self._buckets[host] = (left - size if enough else left, now, not enough)
        self.suppressed += not enough
        return True if enough else None if refused else False


@lru_cache(maxsize=COMPUTERS)
def _is_loopback(host: str) -> bool:
    return ip_address(host.partition("%")[0]).is_loopback
