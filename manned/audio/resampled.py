"""A callback that plays another one at another sample rate: a device came back that runs at a rate not the engine's.

Band-limited interpolation as of J. O. Smith, *Digital Audio Resampling*: each
output sample is the sum of `TAPS` input samples around its place, weighed by a
windowed sine cardinal of which a table holds `PHASES` places to the sample, with
straight lines between them.  The place is counted in whole numbers, so it does
not drift however long it plays.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ..stream_callback import Callback

TAPS = 64
"""Input samples that one output sample is made of; more where the device's rate is the lower one."""

PHASES = 512
MOST_FRAMES = 1024
"""Output frames for which the callback is asked at once, at most."""

PASS = 0.9
"""Part of the band below half the lower rate that is kept whole, about 20 kHz of 22."""

KAISER_BETA = 9.0
_ADDRESS, _USERDATA, _CHANNELS, _FROM, _TO, _TAPS, _PLACE, _FILLED, _BUFFER, _TABLE = range(10)
_WORDS = 10


class Resampled:
    """A native callback at a device's rate that asks another one for what it plays.

    What it holds must outlive the stream.

    Parameters
    ----------
    callback : Callback
    samplerate : int
        That of the callback, in Hertz.
    device_rate : int
    channels : int

    Attributes
    ----------
    callback : Callback
        To be handed to a back end.
    latency_s : float
        Half the length of the filter, in seconds.
    """

    def __init__(self, callback: Callback, samplerate: int, device_rate: int, channels: int):
        longer = max(1.0, samplerate / device_rate)
        taps = 2 * int(np.ceil(TAPS / 2 * longer))
        self._table = _sinc_table(taps, longer)
        self._buffer = np.zeros((MOST_FRAMES * samplerate // device_rate + taps + 2, channels), np.float32)
        self._state = np.zeros(_WORDS, np.int64)
        self._state[[_ADDRESS, _USERDATA]] = callback
        self._state[[_CHANNELS, _FROM, _TO, _TAPS]] = channels, samplerate, device_rate, taps
        self._state[_FILLED] = taps // 2  # silence before the first sample
        self._state[[_BUFFER, _TABLE]] = self._buffer.ctypes.data, self._table.ctypes.data
        address = _resample.address
        assert address is not None
        self.callback = Callback(address, self._state.ctypes.data)
        self.latency_s = taps / 2 / samplerate


def _sinc_table(taps: int, longer: float) -> np.ndarray:
    """Weights of the input samples for each place between two of them: float32 array [shape=(PHASES + 1, taps)]."""
    places = np.arange(PHASES + 1)[:, None] / PHASES
    distance = np.arange(taps) - (taps // 2 - 1) - places
    window = np.i0(KAISER_BETA * np.sqrt(np.maximum(0.0, 1.0 - (distance / (taps / 2)) ** 2))) / np.i0(KAISER_BETA)
    cutoff = (1.0 + PASS) / 2.0 / longer
    weights = np.sinc(cutoff * distance) * window
    return np.ascontiguousarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


@intrinsic
def _call(typing: Any, address: Any, output: Any, frames: Any, time: Any, status: Any, userdata: Any) -> Any:
    """Call a native callback by its address."""
    signature = types.int32(types.int64, types.int64, types.int64, types.voidptr, types.uint64, types.int64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address, output, frames, time, status, userdata = arguments
        pointer, word = ir.IntType(8).as_pointer(), ir.IntType(64)
        kind = ir.FunctionType(ir.IntType(32), [pointer, pointer, word, pointer, word, pointer])
        function = builder.inttoptr(address, kind.as_pointer())
        there = [builder.inttoptr(one, pointer) for one in (output, userdata)]
        nowhere = ir.Constant(pointer, None)
        return builder.call(function, [nowhere, there[0], frames, time, status, there[1]])

    return signature, generate


@intrinsic
def _floats(typing: Any, address: Any) -> Any:
    """An address as one of float32."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], ir.FloatType().as_pointer())

    return types.CPointer(types.float32)(types.int64), generate


@nb.cfunc(
    types.int32(
        types.voidptr,
        types.CPointer(types.float32),
        types.uint64,
        types.voidptr,
        types.uint64,
        types.CPointer(types.int64),
    ),
    error_model="numpy",
    cache=True,
)
def _resample(input_buffer: int, output_buffer: int, frame_count: int, time_info: int, status: int, data: int) -> int:
    """A ``PaStreamCallback``.  Audio thread: no locks, no allocation, no Python objects."""
    state = nb.carray(data, (_WORDS,))  # type: ignore[arg-type]
    channels, taps, from_rate, to_rate = state[_CHANNELS], state[_TAPS], state[_FROM], state[_TO]
    frames = np.int64(frame_count)
    output = nb.carray(output_buffer, (frames, channels))  # type: ignore[arg-type]
    table = nb.carray(_floats(state[_TABLE]), (PHASES + 1, taps))  # type: ignore[call-arg]
    capacity = MOST_FRAMES * from_rate // to_rate + taps + 2
    buffer = nb.carray(_floats(state[_BUFFER]), (capacity, channels))  # type: ignore[call-arg]
    done = np.int64(0)
    while done < frames:
        count = min(frames - done, MOST_FRAMES)
        # The place of a sample, in parts of an input sample of which there are ``to_rate``.
        last = (state[_PLACE] + (count - 1) * from_rate) // to_rate
        missing = last + taps - state[_FILLED]
        if missing > 0:
            there = state[_BUFFER] + state[_FILLED] * channels * 4
            _call(state[_ADDRESS], there, missing, time_info, status, state[_USERDATA])  # type: ignore[call-arg]
            state[_FILLED] += missing
        for i in range(count):
            place = state[_PLACE] + i * from_rate
            first = place // to_rate
            phase = (place - first * to_rate) * PHASES / to_rate
            row = min(np.int64(phase), PHASES - 1)
            part = np.float32(phase - row)
            for channel in range(channels):
                low = high = np.float32(0.0)
                for tap in range(taps):
                    value = buffer[first + tap, channel]
                    low += table[row, tap] * value
                    high += table[row + 1, tap] * value
                output[done + i, channel] = low + part * (high - low)
        state[_PLACE] += count * from_rate
        used = state[_PLACE] // to_rate
        state[_PLACE] -= used * to_rate
        state[_FILLED] -= used
        for i in range(state[_FILLED]):
            for channel in range(channels):
                buffer[i, channel] = buffer[i + used, channel]
        done += count
    return 0
