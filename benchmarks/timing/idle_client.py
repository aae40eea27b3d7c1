"""A JACK client that does nothing but count its late callbacks: the machine's own lateness.

A process of its own with a native callback; its counters lie in shared memory.
"""

# Numba checks the types of what it compiles.
# pyright: reportPrivateImportUsage=false, reportCallIssue=false, reportArgumentType=false

from __future__ import annotations

import math
import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import shared_memory
from multiprocessing.synchronize import Event

import numba as nb
import numpy as np
from numba import types

from ..section import Section

BLOCKS, LATE, LAST_NS, PERIOD_NS, TIME_ADDRESS, SECONDS, NANOSECONDS, WORDS = range(8)
_clock_gettime = types.ExternalFunction("clock_gettime", types.int32(types.int32, types.int64))


@nb.cfunc(
    types.int32(types.voidptr, types.voidptr, types.uint64, types.voidptr, types.uint64, types.CPointer(types.int64)),
    error_model="numpy",
)
def count(input_buffer, output_buffer, frame_count, time_info, status, user_data):
    """Audio thread: no locks, no allocation, no Python objects."""
    words = nb.carray(user_data, (8,))
    output = nb.carray(output_buffer, (np.int64(frame_count) * 2,), types.float32)
    for i in range(len(output)):
        output[i] = 0.0
    _clock_gettime(1, words[TIME_ADDRESS])
    now = words[SECONDS] * 1_000_000_000 + words[NANOSECONDS]
    if words[LAST_NS] > 0 and now - words[LAST_NS] > 2 * words[PERIOD_NS]:
        words[LATE] += 1
    words[LAST_NS] = now
    words[BLOCKS] += 1
    return 0


def _run(name: str, samplerate: int, period: int, stop: Event) -> None:
    from manned.audio.portaudio import PortAudioBackend
    from manned.stream_callback import Callback

    memory = shared_memory.SharedMemory(name)
    words = np.ndarray(8, np.int64, memory.buf)
    words[PERIOD_NS] = int(1e9 * period / samplerate)
    words[TIME_ADDRESS] = words.ctypes.data + 8 * SECONDS
    portaudio = PortAudioBackend()
    callback = Callback(count.address, words.ctypes.data)
    device = portaudio.choose("")
    assert device is not None
    stream = portaudio.open(device, callback, samplerate, blocksize=period)
    stream.start()
    stop.wait()
    stream.close()
    portaudio.terminate()


@contextmanager
def idle_client(samplerate: int, period: int) -> Iterator[Callable[[], int]]:
    """Run the client; yields a function that tells its late callbacks so far."""
    memory = shared_memory.SharedMemory(create=True, size=64)

    def read(word: int) -> int:
        return int(np.ndarray(8, np.int64, memory.buf)[word])

    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    process = context.Process(target=_run, args=(memory.name, samplerate, period, stop), daemon=True)
    process.start()
    while read(BLOCKS) == 0:
        time.sleep(0.1)
    try:
        yield lambda: read(LATE)
    finally:
        stop.set()
        process.join(10)
        memory.close()
        memory.unlink()


def promise_no_later(section: Section, what: str, late: int, idle_late: int) -> None:
    """Promise that no more callbacks were late than those of the idle client in the same time, but for chance.

    Callbacks that a machine makes late are counts; two counts of the same kind differ by less than twice the root of
    their sum, nineteen times of twenty.
    """
    chance = 2.0 * math.sqrt(late + idle_late)
    aim = f"no more than an idle client's in the same time ({idle_late}), but for chance"
    section.promise(what, aim, str(late), late - idle_late <= chance)
