"""Peak-seeded gradient integration: steady partials, exact pitch, causal and cheap.

RTPGHI (Průša & Søndergaard, DAFx-16) with its heap removed.  Every local maximum
is a seed whose phase goes on from the previous frame at its own frequency; the
bins around it follow along RTPGHI's phase gradient in frequency; bins far from
any peak are noise and take the stored noise phase.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from ..memory import BINS, FFT, MODEL_RATE
from .noise import noise_of

FLOOR = np.float32(1e-4)  # peaks below -80 dB of the highest are no seeds
REACH = 4  # bins from a peak that belong to it
SNAP = 0.75  # bins within which a peak is taken for a harmonic
GAIN_LONG, GAIN_SHORT = 0.5, 1.0  # of the gradient, for a hop of 1024 and of 512 or less
GAMMA = 0.25645  # of the Gaussian nearest to the Hann window, over its length squared
LIMIT = np.float32(0.3)  # turns per bin


@nb.njit(error_model="numpy", cache=True)
def find_peaks(stream, scratch):
    """Bins and frequencies (in bins) of the seeds of a frame, into the scratch.

    The frequency offset is exact for a stationary sinusoid under a Hann window:
    ``2 (c - a) / (a + 2 b + c)`` of the three magnitudes around the maximum.
    """
    magnitude = stream.spectrum
    highest = np.float32(0)
    for k in range(BINS):
        highest = max(highest, magnitude[k])
    floor = highest * FLOOR
    count = 0
    for k in range(2, BINS - 1):
        b = magnitude[k]
        if b > floor:
            a = magnitude[k - 1]
            c = magnitude[k + 1]
            if b > a and b >= c:
                scratch.peak_bin[count] = k
                scratch.peak_frequency[count] = k + 2 * (c - a) / (a + 2 * b + c)
                count += 1
    scratch.peaks = count


@nb.njit(error_model="numpy", cache=True)
def find_fundamental(stream, scratch):
    """Frequency in bins of the note that a frame holds, near the one it was asked for.

    A weighted mean of f/h over the peaks near harmonics, in three passes, each
    over more harmonics and with a tighter reach than the one before.  0 when the model takes no
    note; the wanted frequency when no harmonic is found.
    """
    wanted = stream.note_hz * FFT / MODEL_RATE
    if wanted <= 0.0:
        return 0.0
    f0 = wanted
    for step in range(3):
        if step == 0:
            harmonics, reach = 4, max(0.03 * wanted, 0.75)
        elif step == 1:
            harmonics, reach = 10, 1.0
        else:
            harmonics, reach = 30, SNAP
        total = 0.0
        weights = 0.0
        for p in range(scratch.peaks):
            f = scratch.peak_frequency[p]
            h = math.floor(f / f0 + 0.5)
            if h > harmonics:
                break
            if h >= 1 and abs(f - h * f0) < min(reach * (h if step == 0 else 1.0), 0.4 * f0):
                magnitude = stream.spectrum[scratch.peak_bin[p]]
                weight = magnitude * magnitude * h
                total += weight * f / h
                weights += weight
        if weights > 0.0:
            f0 = total / weights
    if abs(f0 / wanted - 1.0) > 0.04:
        return wanted
    return f0


@nb.njit(error_model="numpy", cache=True)
def snap_peaks(f0, scratch):
    """Move every peak within `SNAP` bins of a harmonic of ``f0`` exactly onto it."""
    if f0 > 0.0:
        for p in range(scratch.peaks):
            f = scratch.peak_frequency[p]
            harmonic = math.floor(f / f0 + 0.5) * f0
            if harmonic > 0.0 and abs(f - harmonic) < SNAP:
                scratch.peak_frequency[p] = harmonic


@nb.njit(error_model="numpy", cache=True)
def peak_phase(memory, stream, scratch):
    """Advance all phases by one step; peaks must have been found and snapped.

    Audio thread: no locks, no allocation, no Python objects.
    """
    phase, frequency = stream.phase, stream.frequency
    log0, log1, log2 = stream.log0, stream.log1, stream.log2
    noise = noise_of(memory, stream)
    slope = _slope(stream.step)
    moving = stream.settled < 2
    count = scratch.peaks
    start = 0
    for p in range(count):
        k = scratch.peak_bin[p]
        f = scratch.peak_frequency[p]
        last = BINS - 1
        if p + 1 < count:
            last = (k + scratch.peak_bin[p + 1]) // 2
        before = frequency[k]
        if abs(before - f) > 1.0:
            before = f
        turns = phase[k] + 0.5 * (np.float64(before) + f) * stream.step / FFT
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


@nb.njit(error_model="numpy", cache=True)
def _slope(step):
    """Factor from log magnitudes to the phase gradient along frequency, at a step of so many samples."""
    gain = min(max(GAIN_SHORT + (GAIN_LONG - GAIN_SHORT) * (step - 512) / 512, GAIN_LONG), GAIN_SHORT)
    return np.float32(-gain * GAMMA * FFT / (4 * math.pi * step))


@nb.njit(error_model="numpy", cache=True)
def _gradient(slope, now, before, earlier):
    """Phase gradient along frequency, in turns per bin, from three log magnitudes in time."""
    value = slope * (3 * now - 4 * before + earlier)
    return min(max(value, -LIMIT), LIMIT)
