"""How the audio and the decode thread wait for each other, live and in an offline render."""

from __future__ import annotations

from numba import types

# Who decodes what is asked for.
IN_PLACE = 0  # offline: whoever renders, between blocks
LIVE = 1  # the decode thread, while a device plays; what is not ready in time is late
BESIDE = 2  # offline: the decode thread, and a voice waits for its frame; notes are prepared between blocks

semaphore_wait = types.ExternalFunction("sem_wait", types.int32(types.int64))
semaphore_post = types.ExternalFunction("sem_post", types.int32(types.int64))
yield_processor = types.ExternalFunction("sched_yield", types.int32())
