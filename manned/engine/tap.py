"""The tap: what is played, kept for one reader."""

from __future__ import annotations

import numpy as np

from . import words
from .atomics import load_acquire, store_release
from .native import native
from .record import Record

TAP = 1 << 19  # frames

TAP_RING = np.dtype([("frames", "f4", (TAP, 2)), ("lost", "i8")], align=True)


@native
def write_tap(memory: Record, left: np.ndarray, right: np.ndarray, count: int) -> None:
    """Keep ``count`` frames; when the reader is too far behind, they are lost and counted.

    Audio thread: no locks, no allocation, no Python objects.
    """
    tap = memory.tap
    write = memory.words[words.TAP_WRITE]
    room = TAP - (write - load_acquire(memory.words, words.TAP_READ))
    if room < count:
        tap.lost += count
        return
    for i in range(count):
        tap.frames[(write + i) % TAP, 0] = left[i]
        tap.frames[(write + i) % TAP, 1] = right[i]
    store_release(memory.words, words.TAP_WRITE, write + count)
