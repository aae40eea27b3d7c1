"""The peaks of a magnitude frame, and the note that they are harmonics of."""

from __future__ import annotations

import math

import numpy as np

from ..native import native
from ..record import Record
from ..sizes import BINS, FFT, MODEL_RATE

PEAKS = np.dtype([("count", "i4"), ("bin", "i4", BINS), ("frequency", "f4", BINS)], align=True)
"""The peaks of one frame, in order: their bins, and their frequencies in bins."""

FLOOR = np.float32(1e-4)  # peaks below -80 dB of the highest are none
SNAP = 0.75  # bins within which a peak is taken for a harmonic
GAMMA = 0.25645  # of the Gaussian nearest to the Hann window, over its length squared


@native
def find_peaks(magnitude: np.ndarray, peaks: Record) -> None:
    """Bins and frequencies (in bins) of the seeds of a frame, into a `PEAKS` record.

    The frequency offset is exact for a stationary sinusoid under a Hann window:
    ``2 (c - a) / (a + 2 b + c)`` of the three magnitudes around the maximum.
    """
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
                peaks.bin[count] = k
                peaks.frequency[count] = k + 2 * (c - a) / (a + 2 * b + c)
                count += 1
    peaks.count = count


@native
def find_fundamental(spectrum: np.ndarray, note_hz: float, peaks: Record) -> float:
    """Frequency in bins of the note that a frame holds, near the one it was asked for.

    A weighted mean of f/h over the peaks near harmonics, in three passes, each
    over more harmonics and with a tighter reach than the one before.  0 when the model takes no
    note; the wanted frequency when no harmonic is found.
    """
    wanted = note_hz * FFT / MODEL_RATE
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
        for p in range(peaks.count):
            f = peaks.frequency[p]
            h = math.floor(f / f0 + 0.5)
            if h > harmonics:
                break
            if h >= 1 and abs(f - h * f0) < min(reach * (h if step == 0 else 1.0), 0.4 * f0):
                magnitude = spectrum[peaks.bin[p]]
                weight = magnitude * magnitude * h
                total += weight * f / h
                weights += weight
        if weights > 0.0:
            f0 = total / weights
    if abs(f0 / wanted - 1.0) > 0.04:
        return wanted
    return f0


@native
def snap_peaks(f0: float, peaks: Record) -> None:
    """Move every peak within `SNAP` bins of a harmonic of ``f0`` exactly onto it."""
    if f0 > 0.0:
        for p in range(peaks.count):
            f = peaks.frequency[p]
            harmonic = math.floor(f / f0 + 0.5) * f0
            if harmonic > 0.0 and abs(f - harmonic) < SNAP:
                peaks.frequency[p] = harmonic
