"""The audio callback: PortAudio's, and the offline renderer's, the same machine code."""

from __future__ import annotations

import numba as nb
import numpy as np
from numba import types

from . import words
from .ahead import prepare_notes
from .atomics import load_acquire, store_release
from .event_handling import due_events, take_events
from .figures import DURATIONS
from .memory import RECORD
from .mixer import mix
from .native import native, native_callback
from .next_block import foresee
from .record import Record
from .sizes import CHUNK
from .tap import write_tap
from .waiting import semaphore_post

MONOTONIC = 1  # CLOCK_MONOTONIC
OUTPUT_UNDERFLOW = 4  # paOutputUnderflow
CONTINUE = 0  # paContinue
LOST_NS = 50e6  # a block that begins so long after it was due is the first of a new row
FOLLOW = 0.01  # of what a block begins late; the device may have lost periods

_clock_gettime = types.ExternalFunction("clock_gettime", types.int32(types.int32, types.int64))


@native
def _now_ns(memory: Record) -> int:
    _clock_gettime(MONOTONIC, memory.time_address)
    return memory.time[0] * 1_000_000_000 + memory.time[1]


@native
def render(memory: Record, output: np.ndarray, frames: int) -> None:
    """Render ``frames`` interleaved frames into ``output``, cutting where events fall.

    Everything happens the limiter's latency before it is heard.
    """
    part, left, right = (memory.part, memory.audio_scratch.mixer.left, memory.audio_scratch.mixer.right)
    clock = memory.words[words.CLOCK]
    ahead = clock + memory.limiter.latency
    take_events(memory, part, ahead)
    store_release(memory.words, words.NEXT_BLOCK, ahead + frames)
    prepare_notes(memory, part, ahead, ahead + frames)
    done = 0
    while done < frames:
        now = ahead + done
        coming = due_events(memory, part, now)
        count = min(frames - done, CHUNK, coming - now)
        mix(memory, part, now, count)
        _put_out(left, right, output, done, count, memory.channels)
        if memory.words[words.TAP_ON]:
            write_tap(memory, left, right, count)
        done += count
    due_events(memory, part, ahead + frames)  # between blocks, the controls are those of the next one's first sample
    foresee(memory, part, ahead + frames, frames)
    store_release(memory.words, words.CLOCK, clock + frames)
    store_release(memory.words, words.BLOCKS, memory.words[words.BLOCKS] + 1)


@native
def _put_out(left: np.ndarray, right: np.ndarray, output: np.ndarray, at: int, count: int, channels: int) -> None:
    """Left and right by turns on all channels; an odd last one, or an only one, carries the mean of both."""
    for i in range(count):
        frame = (at + i) * channels
        for channel in range(0, channels - 1, 2):
            output[frame + channel] = left[i]
            output[frame + channel + 1] = right[i]
        if channels % 2:
            output[frame + channels - 1] = np.float32(0.5) * (left[i] + right[i])


@native
def follow_due(figures: Record, begin: int, frames: int, samplerate: float) -> None:
    """Follow when blocks are due: as evenly as the audio is, as early as callbacks have begun lately."""
    due = figures.block_due_ns + figures.block_frames * 1e9 / samplerate
    late = begin - due
    if late < 0 or late > LOST_NS:
        figures.block_due_ns = begin
    else:
        figures.block_due_ns = due + FOLLOW * late
    figures.block_frames = frames


@native_callback(
    types.int32(types.voidptr, types.voidptr, types.uint64, types.voidptr, types.uint64, types.CPointer(RECORD))
)
def callback(
    input_buffer: int, output_buffer: int, frame_count: int, time_info: int, status: int, user_data: Record
) -> int:
    """A ``PaStreamCallback``.  Audio thread: no locks, no allocation, no Python objects."""
    memory = nb.carray(user_data, (1,))[0]
    figures = memory.figures
    frames = np.int64(frame_count)
    output = nb.carray(output_buffer, (frames * memory.channels,), types.float32)  # type: ignore[arg-type]
    begin = _now_ns(memory)
    block_ns = frames * 1e9 / memory.samplerate
    if figures.block_time_ns > 0 and begin - figures.block_time_ns > 2 * block_ns:
        figures.late_callbacks += 1
    store_release(memory.words, words.TIMING, memory.words[words.TIMING] + 1)
    follow_due(figures, begin, frames, memory.samplerate)
    figures.block_time_ns = begin
    figures.block_clock = memory.words[words.CLOCK]
    store_release(memory.words, words.TIMING, memory.words[words.TIMING] + 1)
    asked = load_acquire(memory.words, words.PEAKS_ASKED)
    if asked != figures.peaks_asked:
        figures.peaks_asked = asked
        figures.load_peak = memory.mixer.peak = 0.0
    if status & OUTPUT_UNDERFLOW:
        figures.device_underflows += 1
    memory.asked = 0
    render(memory, output, frames)
    if memory.asked and memory.live:
        semaphore_post(memory.semaphore_address)
    duration = _now_ns(memory) - begin
    figures.durations_ns[memory.words[words.BLOCKS] % DURATIONS] = duration
    load = duration / block_ns
    figures.load_average += 0.01 * (load - figures.load_average)
    figures.load_peak = max(figures.load_peak, load)
    if load > 1.0:
        figures.overruns += 1
    return CONTINUE
