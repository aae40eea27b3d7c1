"""Reading a stream at any rate: windowed-sinc interpolation of the overlap-added samples."""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from .memory import FIR_PHASES, TAPS


# The sum may be taken in any order, so that it is one of vectors; it is the same one for every sample.
@nb.njit(error_model="numpy", cache=True, fastmath={"reassoc", "contract"})
def interpolate(fir, samples, position):
    """Value between samples; ``position`` counts from ``samples[0]``.

    It needs ``TAPS // 2 - 1`` samples before and ``TAPS // 2`` after.
    Audio thread: no locks, no allocation, no Python objects.
    """
    whole = int(math.floor(position))
    place = (position - whole) * FIR_PHASES
    row = int(place)
    blend = np.float32(place - row)
    first = whole - (TAPS // 2 - 1)
    total = np.float32(0)
    for k in range(TAPS):
        total += (fir[row, k] + blend * (fir[row + 1, k] - fir[row, k])) * samples[first + k]
    return total
