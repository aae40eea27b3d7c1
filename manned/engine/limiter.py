"""The limiter: full scale is never passed, not even by the curve between the samples.

The true peak is estimated at quarters of a sample, in the way of ITU-R BS.1770-4,
annex 2.  Both channels share one gain, so that the image stands still.  The gain
begins to fall a millisecond before the peak that asks for it and moves along a
Hann window, and a peak is held for 20 ms, longer than the period of a low note:
a steady tone gets a steady gain and stays a clean tone.
"""

from __future__ import annotations

import math

import numpy as np

from .native import native
from .record import Record
from .sizes import CHUNK

PEAK_TAPS = 12  # of the estimate of what lies between two samples
BEHIND = 3  # stretches that the limiter looks back, and how far it looks ahead:
AHEAD_S = 0.001
LATENCY = 256  # the most samples by which the limiter delays

LIMITER = np.dtype(
    [
        ("latency", "i4"),  # samples between what is mixed and what is put out
        ("span", "i4"),  # stretches of signal that make up the gain of one sample
        ("window", "f4", LATENCY),  # their weights
        ("delay_left", "f4", LATENCY + CHUNK),
        ("delay_right", "f4", LATENCY + CHUNK),
        ("reduction", "f4", LATENCY + CHUNK),
        ("working_level", "f4"),  # that the limiter works at; 0 when it rests
        ("held", "f4"),  # highest true peak of these 20 ms and of those before
        ("held_before", "f4"),
        ("rest", "i8"),  # samples since the limiter did something
    ],
    align=True,
)

SCRATCH = np.dtype([("level", "f4", CHUNK), ("gain", "f4", CHUNK)], align=True)

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


def set_up_limiter(limiter: np.void, samplerate: float) -> None:
    """Fill a limiter at rest."""
    ahead = max(int(AHEAD_S * samplerate), PEAK_TAPS)
    span = BEHIND + ahead
    limiter["span"] = limiter["rest"] = span
    limiter["latency"] = ahead + PEAK_TAPS // 2 - 1
    window = np.hanning(span + 2)[1:-1]
    limiter["window"][:span] = window / window.sum()


@native
def limit(
    limiter: Record,
    scratch: Record,
    now: int,
    count: int,
    wide: bool,
    samplerate: float,
    out_left: np.ndarray,
    out_right: np.ndarray,
) -> None:
    """Take the newest ``count`` samples of the delay lines and put out as many older ones.

    Audio thread: no locks, no allocation, no Python objects.

    Parameters
    ----------
    now : int
        Sample number of the first of the newest.
    wide : bool
        Whether left and right differ somewhere in the delay lines.
    out_left, out_right : float32 [shape=(count or more,)]
    """
    latency, span = limiter.latency, limiter.span
    left, right = limiter.delay_left, limiter.delay_right
    level, gain = scratch.level, scratch.gain
    for i in range(count):
        level[i] = 0.0
    raise_to_peaks(left, latency, count, level)
    if wide:
        raise_to_peaks(right, latency, count, level)
    rest = limiter.rest
    _reduce(limiter, now, count, level, samplerate)
    if min(rest, limiter.rest) >= span:
        for i in range(count):
            out_left[i] = left[i]
            out_right[i] = right[i]
    else:
        smooth_gain(limiter.reduction, limiter.window, span, count, gain)
        for i in range(count):
            out_left[i] = left[i] * gain[i]
            out_right[i] = right[i] * gain[i]
    for i in range(latency):
        left[i] = left[count + i]
        right[i] = right[count + i]
    for i in range(span - 1):
        limiter.reduction[i] = limiter.reduction[count + i]


@native
def raise_to_peaks(signal: np.ndarray, newest: int, count: int, level: np.ndarray) -> None:
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


@native
def _reduce(limiter: Record, now: int, count: int, level: np.ndarray, samplerate: float) -> None:
    """By how much of itself the signal must shrink at each stretch: 0 is not at all."""
    reduction, at = limiter.reduction, limiter.span - 1
    highest = np.float32(0)
    for i in range(count):
        highest = max(highest, level[i])
    if limiter.working_level == 0.0 and highest <= KNEE:
        for i in range(count):
            reduction[at + i] = 0.0
        limiter.rest += count
        return
    hold = int(HOLD_S * samplerate)
    falling = np.float32(math.exp(-1.0 / (RELEASE_S * samplerate)))
    for i in range(count):
        if (now + i) % hold == 0:
            limiter.held_before = limiter.held
            limiter.held = 0.0
        limiter.held = max(limiter.held, level[i])
        limiter.working_level = max(max(limiter.held, limiter.held_before), limiter.working_level * falling)
        if limiter.working_level > KNEE:
            reduction[at + i] = np.float32(1) - limited(limiter.working_level) / limiter.working_level
            limiter.rest = 0
        else:
            reduction[at + i] = 0.0
            limiter.working_level = limiter.held = limiter.held_before = 0.0
            limiter.rest += 1


@native
def limited(level: float) -> float:
    """Output level of the limiter: the input's up to the knee, then bent towards the ceiling."""
    room = CEILING - KNEE
    return KNEE + room * np.float32(1.0 - math.exp(-(level - KNEE) / room))


@native
def smooth_gain(reduction: np.ndarray, window: np.ndarray, span: int, count: int, gain: np.ndarray) -> None:
    """Mean of the reductions around each sample, as a gain: exactly 1 where there is none.

    The window reaches from `BEHIND` stretches before the sample to as far as can be seen.
    """
    for i in range(count):
        gain[i] = 1.0
    for k in range(span):
        for i in range(count):
            gain[i] -= window[k] * reduction[i + k]
