"""Reading a stream at any rate: 16-tap windowed-sinc interpolation of the overlap-added samples."""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from .memory import FIR_PHASES, TAPS


@nb.njit(error_model="numpy", cache=True)
def interpolate(fir, samples, position):
    """Value between samples; ``position`` counts from ``samples[0]`` and needs 7 samples before and 8 after.

    Audio thread: no locks, no allocation, no Python objects.
    """
    whole = int(math.floor(position))
    place = (position - whole) * FIR_PHASES
    row = int(place)
    blend = np.float32(place - row)
    first = whole - (TAPS // 2 - 1)
    even = np.float32(0)
    odd = np.float32(0)
    for k in range(0, TAPS, 2):
        a = fir[row, k] + blend * (fir[row + 1, k] - fir[row, k])
        b = fir[row, k + 1] + blend * (fir[row + 1, k + 1] - fir[row, k + 1])
        even += a * samples[first + k]
        odd += b * samples[first + k + 1]
    return even + odd
