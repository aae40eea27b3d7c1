"""A round-robin queue: a sender who floods waits behind itself, not in front of others."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable

SENDERS = 64  # that may wait at the same time
PACKETS = 1024  # of one sender
BYTES = 1 << 18  # of one sender


class RoundRobinQueue:
    """Packets of many senders: in order for each, and each in turn."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[Hashable, _Packets] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def put(self, sender: Hashable, data: bytes) -> bool:
        """Keep a packet until its sender's turn; False when there is no room for it."""
        packets = self._waiting.get(sender)
        if packets is None:
            if len(self._waiting) >= SENDERS:
                return False
            packets = self._waiting[sender] = _Packets()
        elif len(packets) >= PACKETS or packets.bytes + len(data) > BYTES:
            return False
        packets.append(data)
        packets.bytes += len(data)
        return True

    def take(self) -> tuple[Hashable, bytes]:
        """The sender whose turn it is, and its oldest packet."""
        sender, packets = self._waiting.popitem(last=False)
        data = packets.popleft()
        if packets:
            packets.bytes -= len(data)
            self._waiting[sender] = packets
        return sender, data

    def clear(self) -> None:
        """Forget all that waits."""
        self._waiting.clear()


class _Packets(deque[bytes]):
    """Packets of one sender and their size together."""

    bytes = 0
