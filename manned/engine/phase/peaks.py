"""Peak-seeded gradient integration: steady partials, exact pitch, causal and cheap.

RTPGHI (Průša & Søndergaard, DAFx-16) with its heap removed.  Every local maximum
is a seed whose phase goes on from the previous frame at its own frequency; the
bins around it follow along RTPGHI's phase gradient in frequency; bins far from
any peak are noise and take the stored noise phase.
"""

from __future__ import annotations

import math

import numpy as np

from ..native import native
from ..record import Record
from ..sizes import BINS, FFT
from .noise import noise_of
from .peak_search import GAMMA, snap_peaks

REACH = 4  # bins from a peak that belong to it
GAIN_LONG, GAIN_SHORT = (0.5, 1.0)  # of the gradient, for a hop of 1024 and of 512 or less
LIMIT = np.float32(0.3)  # turns per bin


@native
def advance_phase(tables: Record, stream: Record, scratch: Record) -> None:
    """Advance all phases by one step.

    Audio thread: no locks, no allocation, no Python objects.
    """
    peaks = scratch.peaks
    snap_peaks(stream.timing.f0, peaks)
    phase, frequency = stream.phase, stream.frequency
    step = stream.timing.step
    log0, log1, log2 = stream.log0, stream.log1, stream.log2
    noise = noise_of(tables, stream)
    slope = _slope(step)
    moving = stream.settled < 2
    count = peaks.count
    start = 0
    for p in range(count):
        k = peaks.bin[p]
        f = peaks.frequency[p]
        last = BINS - 1
        if p + 1 < count:
            last = (k + peaks.bin[p + 1]) // 2
        before = frequency[k]
        if abs(before - f) > 1.0:
            before = f
        turns = phase[k] + 0.5 * (np.float64(before) + f) * step / FFT
        turns -= math.floor(turns + 0.5)
        low, high = max(start, k - REACH), min(last, k + REACH)
        for j in range(start, low):
            phase[j] = noise[j]
            frequency[j] = j
        for j in range(high + 1, last + 1):
            phase[j] = noise[j]
            frequency[j] = j
        for j in range(low, high + 1):
            phase[j] = turns
            frequency[j] = f
        if moving:
            rise = np.float32(0)
            gradient = _gradient(slope, log0[k], log1[k], log2[k])
            for j in range(k + 1, high + 1):
                here = _gradient(slope, log0[j], log1[j], log2[j])
                rise += np.float32(0.5) * (gradient + here)
                phase[j] += rise
                gradient = here
            rise = np.float32(0)
            gradient = _gradient(slope, log0[k], log1[k], log2[k])
            for j in range(k - 1, low - 1, -1):
                here = _gradient(slope, log0[j], log1[j], log2[j])
                rise -= np.float32(0.5) * (gradient + here)
                phase[j] += rise
                gradient = here
        start = last + 1
    for j in range(start, BINS):
        phase[j] = noise[j]
        frequency[j] = j


@native
def _slope(step: int) -> float:
    """Factor from log magnitudes to the phase gradient along frequency, at a step of so many samples."""
    gain = min(max(GAIN_SHORT + (GAIN_LONG - GAIN_SHORT) * (step - 512) / 512, GAIN_LONG), GAIN_SHORT)
    return np.float32(-gain * GAMMA * FFT / (4 * math.pi * step))


@native
def _gradient(slope: float, now: float, before: float, earlier: float) -> float:
    """Phase gradient along frequency, in turns per bin, from three log magnitudes in time."""
    value = slope * (3 * now - 4 * before + earlier)
    return min(max(value, -LIMIT), LIMIT)
