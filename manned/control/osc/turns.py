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
"""Senders of whom is remembered what they took; beyond that, those whose next turn has come are forgotten."""


class Turns:
    """Who waits to play a packet.  Control thread only.

    Start-time fair queueing (Goyal, Vin and Cheng, 1996), with the time that packets took as their length: each
    sender has the same share of the time, and one that asks for little waits for the packet that is being played,
    not for a round of all that ask for much.  However many flood, they have one turn of `TURN_S` together.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[float, bool, int, Hashable, Callable[[], bool]]] = []  # a heap, the first is next
        self._entries = itertools.count()
        self._served_until: dict[Hashable, float] = {}
        self._now = 0.0  # what each sender had who has waited without end, in seconds
        self._handle: asyncio.Handle | None = None
        self._playing = False

    def enter(self, sender: Hashable, play_one: Callable[[], bool]) -> None:
        """Have ``play_one`` called when it is the sender's turn, and again as long as it returns True."""
        until = self._served_until.get(sender, 0.0)
        entry = max(self._now, until), until > 0.0, next(self._entries), sender, play_one
        heapq.heappush(self._waiting, entry)

    def play(self) -> None:
        """Begin to play what has entered, if nothing plays yet."""
        if self._handle is None and not self._playing:
            self._play()

    def clear(self) -> None:
        """Forget all who wait."""
        self._waiting.clear()

    def _play(self) -> None:
        self._handle = None
        self._playing = True
        begin = time.monotonic()
        end = begin + TURN_S
        try:
            while self._waiting and begin < end:
                self._now, _, _, sender, play_one = heapq.heappop(self._waiting)
                again = play_one()
                now = time.monotonic()
                self._served_until[sender] = self._now + now - begin
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
