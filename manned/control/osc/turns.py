"""Turns: whoever has taken least of the control thread's time plays a packet next, then the rest has its turn."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable, Hashable

TURN_S = 0.002
"""For the packets of all that wait, before the control thread does other work."""

MAX_REMEMBERED = 256
"""Senders and beginnings of which is remembered what they took; beyond that, those of long ago are forgotten."""

BEGINNING = 24
"""Bytes of a packet, or of its stream, that tell what is asked."""

_Entry = tuple[float, int, float, Hashable, bytes, Callable[[], bool]]


class Turns:
    """Who waits to play a packet.  Control thread only.

    Fair queueing (Demers, Keshav and Shenker, 1989), with the time that a packet takes as its length: next is the one
    that would be done first if all had the same share of the time at once.  So one that asks for little waits for the
    packet that is being played, not for a round of all that ask for much.  A packet is expected to take as long as the
    last one of its sender; the first of a sender as long as the last that began alike, whoever sent it.  However many
    flood, they have one turn of `TURN_S` together.
    """

    def __init__(self) -> None:
        self._waiting: list[_Entry] = []  # a heap, the first is next
        self._entries = itertools.count()
        self._served_until: dict[Hashable, float] = {}
        self._takes: dict[
            Hashable, float
        ] = {}  # seconds of the last packet, by sender and by beginning, the latest last
        self._now = 0.0  # the share that each has had who never stopped waiting, in seconds
        self._handle: asyncio.Handle | None = None
        self._playing = False

    @property
    def idle(self) -> bool:
        """Whether nobody waits or plays."""
        return not self._waiting and not self._playing

    def enter(self, sender: Hashable, play_one: Callable[[], bool], data: bytes = b"") -> None:
        """Have ``play_one`` called when it is the sender's turn, and again as long as it returns True.

        ``data`` is what the sender has sent, as far as it is known.
        """
        start = max(self._now, self._served_until.get(sender, 0.0))
        begins = data[:BEGINNING]
        takes = self._takes.get(sender)
        if takes is None:
            takes = self._takes.get(begins, TURN_S)
        heapq.heappush(self._waiting, (start + takes, next(self._entries), start, sender, begins, play_one))

    def play(self) -> None:
        """Begin to play what has entered, if nothing plays yet."""
        if self._handle is None and not self._playing:
            self._play()

    def _play(self) -> None:
        self._handle = None
        self._playing = True
        end = time.monotonic() + TURN_S
        begin = time.thread_time()  # what others did meanwhile is nobody's fault
        try:
            while self._waiting and time.monotonic() < end:
                _, _, start, sender, begins, play_one = heapq.heappop(self._waiting)
                self._now = max(self._now, start)
                again = play_one()
                now = time.thread_time()
                self._served_until[sender] = start + now - begin
                for key in (sender, begins) if begins else (sender,):
                    self._takes.pop(key, None)
                    self._takes[key] = now - begin
                begin = now
                if again:
                    self.enter(sender, play_one)
        finally:
            self._playing = False
            self._forget()
            if self._waiting:
                self._handle = asyncio.get_running_loop().call_soon(self._play)

    def _forget(self) -> None:
        """Forget what no longer says who is next."""
        if not self._waiting:
            self._served_until.clear()
        elif len(self._served_until) > MAX_REMEMBERED:
            self._served_until = {sender: until for sender, until in self._served_until.items() if until > self._now}
        while len(self._takes) > MAX_REMEMBERED:
            del self._takes[next(iter(self._takes))]
