"""The limiter: full scale is never passed, not even by the curve between the samples.

The true peak is estimated at quarters of a sample, in the way of ITU-R BS.1770-4,
annex 2.  Both channels share one gain, so that the image stands still.  The gain
begins to fall a millisecond before the peak that asks for it and moves along a
Hann window, and a peak is held for 20 ms, longer than the period of a low note:
a steady tone gets a steady gain and stays a clean tone.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from .memory import PEAK_TAPS

KNEE = np.float32(0.7)  # below it nothing is changed
CEILING = np.float32(10 ** (-0.5 / 20))  # the room above is for what the estimate misses
HOLD_S = 0.02
RELEASE_S = 0.1


def _quarters() -> np.ndarray:
    """Interpolators [shape=(3, PEAK_TAPS)] at 1/4, 1/2 and 3/4 after the sample in the middle; Kaiser window."""
    x = np.arange(PEAK_TAPS) - (PEAK_TAPS // 2 - 1) - np.array([[0.25], [0.5], [0.75]])
    table = np.sinc(x) * np.i0(3.0 * np.sqrt(1 - (x / (PEAK_TAPS / 2)) ** 2))
    return (table / table.sum(axis=1, keepdims=True)).astype(np.float32)


QUARTERS = _quarters()


@nb.njit(error_model="numpy", cache=True)
def limit(memory, now, count, wide):
    """Take the newest ``count`` samples of the delay lines and put out as many older ones.

    Audio thread: no locks, no allocation, no Python objects.

    Parameters
    ----------
    now : int
        Sample number of the first of the newest.
    wide : bool
        Whether left and right differ somewhere in the delay lines.
    """
    scratch = memory.audio_scratch
    latency, span = memory.latency, memory.limiter_span
    left, right = memory.delay_left, memory.delay_right
    level, gain = scratch.level, scratch.gain
    for i in range(count):
        level[i] = 0.0
    raise_to_peaks(left, latency, count, level)
    if wide:
        raise_to_peaks(right, latency, count, level)
    calm = memory.calm
    _reduce(memory, now, count, level)
    if min(calm, memory.calm) >= span:
        for i in range(count):
            scratch.left[i] = left[i]
            scratch.right[i] = right[i]
    else:
        smooth_gain(memory.reduction, memory.limiter_window, span, count, gain)
        for i in range(count):
            scratch.left[i] = left[i] * gain[i]
            scratch.right[i] = right[i] * gain[i]
    for i in range(latency):
        left[i] = left[count + i]
        right[i] = right[count + i]
    for i in range(span - 1):
        memory.reduction[i] = memory.reduction[count + i]


@nb.njit(error_model="numpy", cache=True)
def raise_to_peaks(signal, newest, count, level):
    """Raise ``level`` to the true peaks of ``count`` stretches from one sample to the next.

    Stretch i begins `PEAK_TAPS` // 2 samples before ``signal[newest + i]``, the last sample that it needs.
    """
    for i in range(count):
        first = newest + i - (PEAK_TAPS - 1)
        quarter = half = three_quarters = np.float32(0)
        for k in range(PEAK_TAPS):
            quarter += QUARTERS[0, k] * signal[first + k]
            half += QUARTERS[1, k] * signal[first + k]
            three_quarters += QUARTERS[2, k] * signal[first + k]
        between = max(max(abs(quarter), abs(half)), abs(three_quarters))
        level[i] = max(level[i], max(between, abs(signal[first + PEAK_TAPS // 2 - 1])))


@nb.njit(error_model="numpy", cache=True)
def _reduce(memory, now, count, level):
    """By how much of itself the signal must shrink at each stretch: 0 is not at all."""
    reduction, at = memory.reduction, memory.limiter_span - 1
    highest = np.float32(0)
    for i in range(count):
        highest = max(highest, level[i])
    if memory.limiter == 0.0 and highest <= KNEE:
        for i in range(count):
            reduction[at + i] = 0.0
        memory.calm += count
        return
    hold = int(HOLD_S * memory.samplerate)
    falling = np.float32(math.exp(-1.0 / (RELEASE_S * memory.samplerate)))
    for i in range(count):
        if (now + i) % hold == 0:
            memory.held_before = memory.held
            memory.held = 0.0
        memory.held = max(memory.held, level[i])
        memory.limiter = max(max(memory.held, memory.held_before), memory.limiter * falling)
        if memory.limiter > KNEE:
            reduction[at + i] = np.float32(1) - limited(memory.limiter) / memory.limiter
            memory.calm = 0
        else:
            reduction[at + i] = 0.0
            memory.limiter = memory.held = memory.held_before = 0.0
            memory.calm += 1


@nb.njit(error_model="numpy", cache=True)
def limited(level):
    """Output level of the limiter: the input's up to the knee, then bent towards the ceiling."""
    room = CEILING - KNEE
    return KNEE + room * np.float32(1.0 - math.exp(-(level - KNEE) / room))


@nb.njit(error_model="numpy", cache=True)
def smooth_gain(reduction, window, span, count, gain):
    """Mean of the reductions around each sample, as a gain: exactly 1 where there is none.

    The window reaches from `LIMITER_BEHIND` stretches before the sample to as far as can be seen.
    """
    for i in range(count):
        gain[i] = 1.0
    for k in range(span):
        for i in range(count):
            gain[i] -= window[k] * reduction[i + k]
