"""Real-time phase gradient heap integration (Průša & Søndergaard, DAFx-16), the paper's reference [23].

The gradients of the phase along time and along frequency follow from those of the
log magnitudes.  They are integrated from the previous frame and along the present
one, the strongest coefficients first.  This is the causal variant, which looks at
no later frame.  The heap is a queue of buckets by log magnitude, emptied from the
top: so the time that a frame takes has a bound.
"""

from __future__ import annotations

import math

import numpy as np

from ..native import native
from ..record import Record
from ..sizes import BINS, FFT
from .noise import noise_of
from .peak_search import GAMMA, snap_peaks

BUCKETS = 256  # of the queue by magnitude

SCRATCH = np.dtype(
    [
        ("along_time", "f4", BINS),  # gradients of the phase
        ("along_frequency", "f4", BINS),
        ("waits", "i4", BINS),
        ("bucket", "i4", BUCKETS),  # the queue
        ("next", "i4", 2 * BINS),
    ],
    align=True,
)

TOLERANCE = 1e-4  # of the highest magnitude; the phase of what lies below is noise
ALONG_TIME = np.float32(1 / (4 * math.pi * GAMMA))  # bins per difference of log magnitudes over two bins
PER_NEPER = np.float32((BUCKETS - 1) / -math.log(TOLERANCE))  # buckets
NONE = -1


@native
def advance_phase(tables: Record, stream: Record, scratch: Record) -> None:
    """Advance all phases by one step.

    The peaks go on at their own frequencies rather than at those of the gradient, which are up to some
    cents off.

    Audio thread: no locks, no allocation, no Python objects.
    """
    floor = _highest(stream.log0, stream.log1) + np.float32(math.log(TOLERANCE))
    queue, peaks = scratch.rtpghi, scratch.peaks
    snap_peaks(stream.timing.f0, peaks)
    find_gradients(stream, queue)
    for p in range(peaks.count):
        queue.along_time[peaks.bin[p]] = peaks.frequency[p]
    integrate(stream, queue, noise_of(tables, stream), floor)


@native
def _highest(a: np.ndarray, b: np.ndarray) -> float:
    highest = a[0]
    for k in range(BINS):
        highest = max(highest, a[k], b[k])
    return highest


@native
def find_gradients(stream: Record, scratch: Record) -> None:
    """Frequency of each bin (bins), and phase gradient along frequency (turns per bin), into the scratch.

    Central differences along frequency, differences of second order along time (the paper's equations 12 to 14).
    """
    log0, log1, log2 = stream.log0, stream.log1, stream.log2
    slope = np.float32(-GAMMA * FFT / (4 * math.pi * stream.timing.step))
    along_time, along_frequency = scratch.along_time, scratch.along_frequency
    for k in range(1, BINS - 1):
        along_time[k] = k + ALONG_TIME * (log0[k + 1] - log0[k - 1])
    along_time[0], along_time[BINS - 1] = 0, BINS - 1
    for k in range(BINS):
        along_frequency[k] = slope * (3 * log0[k] - 4 * log1[k] + log2[k])


@native
def integrate(stream: Record, scratch: Record, noise: np.ndarray, floor: float) -> None:
    """Phases of the present frame from those of the one before and from the gradients."""
    log0, log1 = stream.log0, stream.log1
    phase, frequency = stream.phase, stream.frequency
    along_time, along_frequency = scratch.along_time, scratch.along_frequency
    waits, bucket, following = scratch.waits, scratch.bucket, scratch.next
    for b in range(BUCKETS):
        bucket[b] = NONE
    left = 0
    top = 0
    for k in range(BINS):
        waits[k] = log0[k] > floor
        if waits[k]:
            left += 1
            top = max(top, _put(bucket, following, BINS + k, log1[k] - floor))
        else:
            phase[k] = noise[k]
            frequency[k] = k
    while left > 0:
        while bucket[top] == NONE:
            top -= 1
        item = bucket[top]
        bucket[top] = following[item]
        if item >= BINS:  # a coefficient of the previous frame
            k = item - BINS
            if waits[k]:
                turns = phase[k] + 0.5 * (np.float64(frequency[k]) + along_time[k]) * stream.timing.step / FFT
                top = max(top, _settle(stream, scratch, k, turns, floor))
                left -= 1
        else:
            k = item
            if k < BINS - 1 and waits[k + 1]:
                turns = phase[k] + 0.5 * np.float64(along_frequency[k] + along_frequency[k + 1])
                top = max(top, _settle(stream, scratch, k + 1, turns, floor))
                left -= 1
            if k > 0 and waits[k - 1]:
                turns = phase[k] - 0.5 * np.float64(along_frequency[k] + along_frequency[k - 1])
                top = max(top, _settle(stream, scratch, k - 1, turns, floor))
                left -= 1


@native
def _settle(stream: Record, scratch: Record, k: int, turns: float, floor: float) -> int:
    """Give a bin its phase and queue it where a neighbour waits for it; returns its bucket."""
    stream.phase[k] = turns - math.floor(turns + 0.5)
    stream.frequency[k] = scratch.along_time[k]
    waits = scratch.waits
    waits[k] = 0
    if not (k > 0 and waits[k - 1]) and not (k < BINS - 1 and waits[k + 1]):
        return 0
    return _put(scratch.bucket, scratch.next, k, stream.log0[k] - floor)


@native
def _put(bucket: np.ndarray, following: np.ndarray, item: int, height: float) -> int:
    """Queue an item by its log magnitude above the floor; returns its bucket."""
    place = min(max(int(height * PER_NEPER), 0), BUCKETS - 1)
    following[item] = bucket[place]
    bucket[place] = item
    return place
