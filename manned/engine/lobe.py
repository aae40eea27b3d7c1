"""The spectrum of one steady partial in a Hann window: a lobe, drawn from a table.

The table holds it for offsets between a partial and its nearest bin; between two of its rows it is
interpolated, which is right to 100 dB.  What is cut off beside the lobe lies 75 dB below it.
"""

from __future__ import annotations

import math

import numpy as np

from ..model.harmonic.analysis import lobe
from .native import native
from .record import Record

REACH = 8  # bins on each side
TAPS = 2 * REACH + 1
STEPS = 256

TABLE = np.dtype([("lobe", "f4", (STEPS + 1, TAPS))], align=True)
"""Row ``r`` is of a partial ``0.5 - r / STEPS`` bins above its nearest bin; odd bins are turned by half a turn."""


def fill_table(table: np.void) -> None:
    """Work out the lobe."""
    offsets = np.arange(-REACH, REACH + 1)
    apart = offsets + (np.arange(STEPS + 1) / STEPS - 0.5)[:, None]
    table["lobe"] = lobe(apart) * np.where(offsets % 2, -1.0, 1.0)


@native
def add_lobe(table: Record, re: np.ndarray, im: np.ndarray, bins: int, place: float, a: float, b: float) -> None:
    """Add a partial of the complex amplitude ``a + ib`` at ``place`` (bins) to the first ``bins`` bins of a spectrum.

    Its phase is told at the frame's centre, the spectrum's at the frame's start.  What would lie below bin 0 comes
    back from there.
    """
    nearest = int(math.floor(place + 0.5))
    x = (nearest - place + 0.5) * STEPS
    row = min(int(x), STEPS - 1)
    share = np.float32(x - row)
    low, high = table.lobe[row], table.lobe[row + 1]
    sign = np.float32(-1 if nearest % 2 else 1)
    real, imaginary = np.float32(sign * a), np.float32(sign * b)
    first = nearest - REACH
    if first > 0 and nearest + REACH < bins:
        for j in range(TAPS):
            value = low[j] + share * (high[j] - low[j])
            re[first + j] += real * value
            im[first + j] += imaginary * value
        return
    for j in range(TAPS):
        k = first + j
        value = low[j] + share * (high[j] - low[j])
        if k == 0:
            re[0] += np.float32(2) * real * value
        elif -bins < k < bins:
            re[abs(k)] += real * value
            im[abs(k)] += imaginary * value if k > 0 else -imaginary * value


@native
def add_lobe_power(table: Record, power: np.ndarray, place: float, peak: float) -> None:
    """Add the power of a partial of the height ``peak`` to each bin of a spectrum."""
    nearest = int(math.floor(place + 0.5))
    x = (nearest - place + 0.5) * STEPS
    row = min(int(x), STEPS - 1)
    share = np.float32(x - row)
    low, high = table.lobe[row], table.lobe[row + 1]
    squared = np.float32(peak * peak)
    first = nearest - REACH
    for j in range(max(-first, 0), min(TAPS, len(power) - first)):
        value = low[j] + share * (high[j] - low[j])
        power[first + j] += squared * (value * value)
