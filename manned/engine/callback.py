"""The audio callback: PortAudio's, and the offline renderer's, the same machine code."""

from __future__ import annotations

import numba as nb
import numpy as np
from numba import types

from .atomics import load_acquire, store_release
from .control import due_events, prepare_notes, take_events
from .lfo import lfo_phase
from .memory import (
    CHUNK,
    DURATIONS,
    LFOS,
    RECORD,
    TAP,
    WORD_BLOCKS,
    WORD_CLOCK,
    WORD_PEAKS_ASKED,
    WORD_TAP_ON,
    WORD_TAP_READ,
    WORD_TAP_WRITE,
    WORD_TIMING,
)
from .mixer import mix
from .motion import global_latents
from .server import semaphore_post

MONOTONIC = 1  # CLOCK_MONOTONIC
OUTPUT_UNDERFLOW = 4  # paOutputUnderflow
CONTINUE = 0  # paContinue

_clock_gettime = types.ExternalFunction("clock_gettime", types.int32(types.int32, types.int64))


@nb.njit(error_model="numpy", cache=True)
def _now_ns(memory):
    _clock_gettime(MONOTONIC, memory.time_address)
    return memory.time[0] * 1_000_000_000 + memory.time[1]


@nb.njit(error_model="numpy", cache=True)
def render(memory, output, frames):
    """Render ``frames`` interleaved frames into ``output``, cutting where events fall.

    Everything happens `memory.latency` samples before it is heard.
    """
    clock = memory.words[WORD_CLOCK]
    ahead = clock + memory.latency
    due_events(memory, ahead)
    take_events(memory, ahead)
    prepare_notes(memory, ahead, ahead + frames)
    done = 0
    while done < frames:
        now = ahead + done
        coming = due_events(memory, now)
        count = min(frames - done, CHUNK, coming - now)
        mix(memory, now, count)
        _put_out(memory, output, done, count)
        if memory.words[WORD_TAP_ON]:
            _write_tap(memory, count)
        done += count
    global_latents(memory.motion, ahead + frames, memory.latent_now)
    for k in range(LFOS):
        memory.lfo_now[k] = lfo_phase(memory.motion.lfos[k], ahead + frames)
    store_release(memory.words, WORD_CLOCK, clock + frames)
    store_release(memory.words, WORD_BLOCKS, memory.words[WORD_BLOCKS] + 1)


@nb.njit(error_model="numpy", cache=True)
def _put_out(memory, output, at, count):
    """Left and right by turns on all channels; an odd last one, or an only one, carries the mean of both."""
    left, right = memory.audio_scratch.left, memory.audio_scratch.right
    channels = memory.channels
    for i in range(count):
        frame = (at + i) * channels
        for channel in range(0, channels - 1, 2):
            output[frame + channel] = left[i]
            output[frame + channel + 1] = right[i]
        if channels % 2:
            output[frame + channels - 1] = np.float32(0.5) * (left[i] + right[i])


@nb.njit(error_model="numpy", cache=True)
def _write_tap(memory, count):
    write = memory.words[WORD_TAP_WRITE]
    room = TAP - (write - load_acquire(memory.words, WORD_TAP_READ))
    if room < count:
        memory.tap_lost += count
        return
    for i in range(count):
        memory.tap[(write + i) % TAP, 0] = memory.audio_scratch.left[i]
        memory.tap[(write + i) % TAP, 1] = memory.audio_scratch.right[i]
    store_release(memory.words, WORD_TAP_WRITE, write + count)


@nb.cfunc(
    types.int32(types.voidptr, types.voidptr, types.uint64, types.voidptr, types.uint64, types.CPointer(RECORD)),
    error_model="numpy",
    cache=True,
)
def callback(input_buffer, output_buffer, frame_count, time_info, status, user_data):
    """A ``PaStreamCallback``.  Audio thread: no locks, no allocation, no Python objects."""
    memory = nb.carray(user_data, (1,))[0]
    frames = np.int64(frame_count)
    output = nb.carray(output_buffer, (frames * memory.channels,), types.float32)
    begin = _now_ns(memory)
    block_ns = frames * 1e9 / memory.samplerate
    if memory.block_time_ns > 0 and begin - memory.block_time_ns > 2 * block_ns:
        memory.late_callbacks += 1
    store_release(memory.words, WORD_TIMING, memory.words[WORD_TIMING] + 1)
    memory.block_time_ns = begin
    memory.block_clock = memory.words[WORD_CLOCK]
    store_release(memory.words, WORD_TIMING, memory.words[WORD_TIMING] + 1)
    asked = load_acquire(memory.words, WORD_PEAKS_ASKED)
    if asked != memory.peaks_asked:
        memory.peaks_asked = asked
        memory.load_peak = memory.peak = 0.0
    if status & OUTPUT_UNDERFLOW:
        memory.device_underflows += 1
    memory.asked = 0
    render(memory, output, frames)
    if memory.asked and memory.live:
        semaphore_post(memory.semaphore_address)
    duration = _now_ns(memory) - begin
    memory.durations_ns[memory.words[WORD_BLOCKS] % DURATIONS] = duration
    load = duration / block_ns
    memory.load_average += 0.01 * (load - memory.load_average)
    memory.load_peak = max(memory.load_peak, load)
    if load > 1.0:
        memory.overruns += 1
    return CONTINUE
