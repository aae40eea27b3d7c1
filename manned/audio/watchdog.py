"""Dead streams, told by the age of the last callback, and calls that may never return.

PortAudio does not say that a device is gone: depending on the path its stream
stays active, and stopping or closing it can hang for minutes.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from ..errors import AudioError
from .backend import BlockSource

Result = TypeVar("Result")

STALE_S = 2.0
LONGEST_LOOK_S = 0.5


class StartAgain(AudioError):
    """A state of the sound system that only a new process gets over."""

    exit_code = 75  # EX_TEMPFAIL of sysexits.h: systemd starts the service again


class CallHangs(StartAgain):
    """A call into the sound system that did not return in time; its thread is lost."""


class CallbackWatchdog:
    """Tells whether the audio callback still runs; it has to look several times a second.

    A long time between two looks counts as half a second: then this program was
    held up, and its callback perhaps with it.

    Parameters
    ----------
    engine : BlockSource
        Its ``blocks`` counts the callbacks.
    limit_s : float
        Age of the last callback, in seconds, from which on a stream is dead.
    """

    def __init__(self, engine: BlockSource, limit_s: float = STALE_S):
        self.limit_s = limit_s
        self._engine = engine
        self.reset()

    def reset(self) -> None:
        """Begin to count anew, when a stream has just been started."""
        self._blocks = self._engine.blocks
        self._looked = time.monotonic()
        self._age = 0.0

    def age(self) -> float:
        """Look, and return the seconds since the last callback."""
        blocks, now = self._engine.blocks, time.monotonic()
        if blocks != self._blocks:
            self._blocks = blocks
            self._age = 0.0
        else:
            self._age += min(now - self._looked, LONGEST_LOOK_S)
        self._looked = now
        return self._age

    @property
    def dead(self) -> bool:
        """Look, and tell whether the last callback is older than the limit."""
        return self.age() > self.limit_s


async def within(deadline_s: float, function: Callable[..., Result], *arguments: Any) -> Result:
    """Call a function that may hang, on a throw-away thread, and return its result.

    Raises
    ------
    CallHangs
        After ``deadline_s`` seconds.  The thread stays behind.
    """
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def finish(result, error):
        if not future.done():
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

    def call():
        result = error = None
        try:
            result = function(*arguments)
        except Exception as caught:
            error = caught
        try:
            loop.call_soon_threadsafe(finish, result, error)
        except RuntimeError:  # the loop was closed meanwhile
            pass

    threading.Thread(target=call, name=f"try {function.__name__}", daemon=True).start()
    done, _ = await asyncio.wait([future], timeout=deadline_s)
    if not done:
        future.cancel()
        raise CallHangs(f"audio: {function.__name__} did not return within {deadline_s:g} s")
    return future.result()
