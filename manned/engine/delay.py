"""Delay lines: samples lie at their own number in a ring, and are read between two of them.

Several rings share one array; each has a place where it begins, and a length that is a power of two.
"""

from __future__ import annotations

import math

import numpy as np

from .native import native

REACH = 3  # samples around the place that is read, beyond its own

SIXTH, HALF = np.float32(1 / 6), np.float32(0.5)


def ring_length(samples: float) -> int:
    """Length of a ring that can be read so many samples back, a power of two."""
    return 1 << (int(samples) + REACH - 1).bit_length()


@native
def between(oldest: float, older: float, newer: float, newest: float, fraction: float) -> float:
    """The cubic through four samples, ``fraction`` of a sample (0–1) before ``newer``; all are float32.

    Audio thread: no locks, no allocation, no Python objects.
    """
    left, right, far = fraction + np.float32(1), fraction - np.float32(1), fraction - np.float32(2)
    outer = SIXTH * fraction * right * (left * oldest - far * newest)
    return outer + HALF * left * far * (right * newer - fraction * older)


@native
def read_between(rings: np.ndarray, place: int, mask: int, at: int, fraction: float) -> float:
    """What a ring held ``fraction`` of a sample (0–1, float32) before sample ``at``.

    Audio thread: no locks, no allocation, no Python objects.

    Parameters
    ----------
    rings : float32 [shape=(n,)]
    place : int
        Where the ring begins.
    mask : int
        Its length less 1.
    """
    return between(
        rings[place + ((at - 2) & mask)],
        rings[place + ((at - 1) & mask)],
        rings[place + (at & mask)],
        rings[place + ((at + 1) & mask)],
        fraction,
    )


@native
def soft_sine(turns: float) -> float:
    """A sine within 0.001, of plain arithmetic alone: a loop of it has the same bits however it is cut."""
    x = 2.0 * (turns - math.floor(turns + 0.5))
    y = 4.0 * (x - x * abs(x))
    return 0.225 * (y * abs(y) - y) + y
