"""The decode thread, and the same work done in place by an offline render."""

from __future__ import annotations

import numpy as np
from numba import types

from . import words
from .atomics import load_acquire
from .decode_batch import serve
from .memory import SHARED
from .native import native
from .next_block import look_ahead
from .waiting import semaphore_wait


@native(types.void(SHARED), nogil=True)
def serve_all(shared: np.ndarray) -> None:
    """Serve until nothing more is asked for: the decode thread's work, done in place by an offline render."""
    memory = shared[0]
    while serve(memory, memory.part):
        pass


@native(types.void(SHARED), nogil=True)
def serve_forever(shared: np.ndarray) -> None:
    """The decode thread.  Sleeps on the semaphore; ends when ``words.STOP`` is set."""
    memory = shared[0]
    while load_acquire(memory.words, words.STOP) == 0:
        semaphore_wait(memory.semaphore_address)
        while serve(memory, memory.part) or look_ahead(memory, memory.part):
            pass
