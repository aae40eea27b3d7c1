"""Reading a stream at any rate: windowed-sinc interpolation of the overlap-added samples."""

from __future__ import annotations

import math

import numpy as np

from .native import native

TAPS = 48
FIR_PHASES = 256

TABLE = np.dtype([("fir", "f4", (FIR_PHASES + 1, TAPS))], align=True)


def fill_table(table: np.void) -> None:
    """Windowed-sinc interpolator [shape=(FIR_PHASES + 1, TAPS)], Kaiser window, unit gain at DC.

    Flat to 18 kHz at the model's rate; images, which begin at 22 kHz, are more than 80 dB down.
    """
    offset = np.arange(FIR_PHASES + 1)[:, None] / FIR_PHASES
    x = np.arange(TAPS)[None, :] - (TAPS // 2 - 1) - offset
    inside = np.clip(1 - (x / (TAPS / 2)) ** 2, 0, None)
    fir = np.sinc(0.9 * x) * np.i0(8.0 * np.sqrt(inside))
    table["fir"] = fir / fir.sum(axis=1, keepdims=True)


# The sum may be taken in any order, so that it is one of vectors; it is the same one for every sample.
@native(fastmath={"reassoc", "contract"})
def interpolate(fir: np.ndarray, samples: np.ndarray, position: float) -> float:
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
