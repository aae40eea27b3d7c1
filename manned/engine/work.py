"""What Python has the engine do beside the callback: one function, so that what its tasks share is compiled once."""

from __future__ import annotations

import numpy as np
from numba import types

from .ahead import prepare_asked, prepare_pushed
from .decode_thread import serve_all, serve_forever
from .memory import SHARED
from .native import native

PREPARE_PUSHED, PREPARE_ASKED, SERVE_ALL, SERVE_FOREVER = range(4)


@native(types.void(SHARED, types.int64, types.int64, types.int64), nogil=True)
def work(shared: np.ndarray, task: int, first: int, end: int) -> None:
    """Do a task; what ``first`` and ``end`` are, `prepare_pushed` tells, and the others do not care."""
    memory = shared[0]
    part = memory.part
    if task == PREPARE_PUSHED:
        prepare_pushed(memory, part, first, end)
    elif task == PREPARE_ASKED:
        prepare_asked(memory, part)
    elif task == SERVE_ALL:
        serve_all(memory, part)
    else:
        serve_forever(memory, part)
