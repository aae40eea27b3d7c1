"""Real-time priority for single threads, where the system grants it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

AUDIO_PRIORITY = 60
DECODE_PRIORITY = 50
_REALTIME = (os.SCHED_FIFO, os.SCHED_RR)
_asked: set[int] = set()


def threads() -> set[int]:
    """Ids of all threads of this process, those of libraries too."""
    return {int(thread) for thread in os.listdir("/proc/self/task")}


@contextmanager
def new_threads() -> Iterator[set[int]]:
    """A set that holds, after the block, the ids of the threads that were started in it."""
    before = threads()
    started: set[int] = set()
    yield started
    started |= threads() - before


def ask_realtime(asked: Iterable[int], priority: int) -> bool:
    """Ask SCHED_FIFO for threads by their ids; True when all run in real time now.

    Not granted is no error: the program then plays with ordinary priority.
    """
    asked = set(asked)
    _asked.update(asked)
    for thread in asked:
        try:
            os.sched_setscheduler(thread, os.SCHED_FIFO, os.sched_param(priority))
        except OSError:
            return False
    return bool(asked) and all(map(_is_realtime, asked))


def libraries_realtime() -> bool:
    """Whether a library runs a thread in real time that was not asked for here, as JACK does."""
    return any(map(_is_realtime, threads() - _asked))


def _is_realtime(thread: int) -> bool:
    try:
        return os.sched_getscheduler(thread) & 0x7 in _REALTIME
    except OSError:  # ended meanwhile
        return False
