"""Where to begin a stream so that it goes on as another sounds.

Two streams of one note have phases of their own; crossed over anyhow, they would
cancel here and double there.  So the new one begins where it looks most like
what the old one is about to play, and the crossfade takes what likeness is left into account.
"""

from __future__ import annotations

import math

import numpy as np

from .native import native

SPAN = 512  # samples from the first beginning that is tried to the last, and that are looked at
POINTS = 96  # compared
STEP = 4  # samples between the beginnings that are tried first


@native
def find_start(
    old: np.ndarray, at: int, old_rate: float, new: np.ndarray, new_rate: float, points: np.ndarray
) -> tuple[int, float]:
    """Where in the first samples of ``new`` to begin, to go on like ``old`` from sample ``at`` on.

    Parameters
    ----------
    old, new : float32 [shape=(FFT,)]
        Overlaps; frames to come add next to nothing to their first 1024 samples.
    at : int
        Within the finished samples of ``old``.
    old_rate, new_rate : float
        Stream samples per output sample.
    points : float32 [shape=(POINTS or more,)]
        Scratch.

    Returns
    -------
    (int, float32)
        The place, 0 to `SPAN` - 1, and how alike they are, 0–1.

    Audio thread: no locks, no allocation, no Python objects.
    """
    apart = SPAN / (POINTS * max(old_rate, new_rate))
    for k in range(POINTS):
        points[k] = old[at + int(k * apart * old_rate)]
    best, likeness = 0, np.float32(-2)
    for start in range(0, SPAN, STEP):
        value = _likeness(points, new, start, apart * new_rate)
        if value > likeness:
            best, likeness = start, value
    for start in range(max(best - STEP + 1, 0), min(best + STEP, SPAN)):
        value = _likeness(points, new, start, apart * new_rate)
        if value > likeness:
            best, likeness = start, value
    return best, min(max(likeness, np.float32(0)), np.float32(1))


@native
def _likeness(points: np.ndarray, new: np.ndarray, start: int, apart: float) -> float:
    """Normalised correlation of some points with a signal from ``start`` on."""
    product, power, new_power = np.float32(0), np.float32(1e-12), np.float32(1e-12)
    for k in range(POINTS):
        a, b = points[k], new[start + int(k * apart)]
        product += a * b
        power += a * a
        new_power += b * b
    return product / np.float32(math.sqrt(power * new_power))
