"""Real-time priority for single threads, where the system grants it."""

from __future__ import annotations

import os
from contextlib import contextmanager

AUDIO_PRIORITY = 60
DECODE_PRIORITY = 50
_REALTIME = (os.SCHED_FIFO, os.SCHED_RR)


@contextmanager
def new_threads():
    """Collect the ids of the threads that are started inside: a list, filled on leaving."""
    before = set(os.listdir("/proc/self/task"))
    started = []
    yield started
    started += [int(tid) for tid in os.listdir("/proc/self/task") if tid not in before]


def ask_realtime(threads, priority: int) -> bool:
    """Ask SCHED_FIFO for threads by their ids; True when all run in real time now.

    Not granted is no error: the program then plays with ordinary priority.
    """
    for thread in threads:
        try:
            os.sched_setscheduler(thread, os.SCHED_FIFO, os.sched_param(priority))
        except OSError:
            pass
    return is_realtime(threads)


def is_realtime(threads) -> bool:
    """Whether every one of the threads has real-time priority."""
    try:
        return bool(threads) and all(os.sched_getscheduler(thread) & 0x7 in _REALTIME for thread in threads)
    except OSError:  # ended meanwhile
        return False
