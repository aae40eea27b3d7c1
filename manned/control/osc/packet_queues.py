"""Packets that wait, a queue for each sender: one who floods waits behind itself, not in front of others."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable

SENDERS = 64  # that may wait at the same time
PACKETS = 1024  # of one sender
BYTES = 1 << 18  # of one sender


class PacketQueues:
    """Packets of many senders, in order for each."""

    def __init__(self) -> None:
        self._queues: dict[Hashable, _Queue] = {}

    def __contains__(self, sender: Hashable) -> bool:
        """Whether a packet of a sender waits."""
        return sender in self._queues

    def put(self, sender: Hashable, data: bytes) -> bool:
        """Keep a packet until its sender's turn; False when there is no room for it."""
        queue = self._queues.get(sender)
        if queue is None:
            if len(self._queues) >= SENDERS:
                return False
            queue = self._queues[sender] = _Queue()
        elif len(queue) >= PACKETS or queue.bytes + len(data) > BYTES:
            return False
        queue.append(data)
        queue.bytes += len(data)
        return True

    def take(self, sender: Hashable) -> bytes:
        """A sender's oldest packet."""
        queue = self._queues[sender]
        data = queue.popleft()
        queue.bytes -= len(data)
        if not queue:
            del self._queues[sender]
        return data

    def clear(self) -> None:
        """Forget all that waits."""
        self._queues.clear()


class _Queue(deque[bytes]):
    """Packets of one sender and their size together."""

    bytes = 0
