"""Turns: the connections whose packets wait play one each by turns, then the rest of the program has its turn."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

TURN_S = 0.002
"""For the packets of all that wait, before the control thread does other work."""


class Turns:
    """Who waits to play a packet.  Control thread only.

    However many connections flood, another sender waits for one turn of theirs
    together, not for one of each.
    """

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], bool]] = deque()
        self._handle: asyncio.Handle | None = None
        self._playing = False

    def enter(self, play_one: Callable[[], bool]) -> None:
        """Have ``play_one`` called, now or soon, and again as long as it returns True."""
        self._waiting.append(play_one)
        if self._handle is None and not self._playing:
            self._play()

    def _play(self) -> None:
        self._handle = None
        self._playing = True
        end = time.monotonic() + TURN_S
        try:
            while self._waiting and time.monotonic() < end:
                play_one = self._waiting.popleft()
                if play_one():
                    self._waiting.append(play_one)
        finally:
            self._playing = False
            if self._waiting:
                self._handle = asyncio.get_running_loop().call_soon(self._play)
