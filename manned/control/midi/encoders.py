"""Endless encoders: what their numbers mean, and how to tell which kind one is.

Three kinds are in use: two's complement (1, 2 … up; 127, 126 … down), offset binary (65, 66 … up; 63, 62 … down)
and sign-magnitude (1, 2 … up; 65, 66 … down).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

ABSOLUTE, TWOS, OFFSET, SIGN = "absolute", "twos", "offset", "sign"
FASTEST = 8
"""Steps that an encoder makes at most in one message, as far as guessing goes."""

GUESS_FROM = 16
"""So many messages of a controller are looked at to guess its kind."""


def steps(kind: str, value: int) -> int:
    """Steps of a relative encoder's number, 0–127; right is positive."""
    if kind == TWOS:
        return value if value < 64 else value - 128
    if kind == OFFSET:
        return value - 64
    return value if value < 64 else 64 - value


def guess(values: Sequence[int]) -> str:
    """The kind of a controller whose first numbers these are.

    A fader never sends the same number twice in a row, and a number far from what an encoder
    sends is a fader's.  An encoder that was turned one way only is taken to have been turned right.
    """
    first = {value for value in values if 1 <= value <= FASTEST}
    last = {value for value in values if 128 - FASTEST <= value <= 127}
    above = {value for value in values if 65 <= value <= 64 + FASTEST}
    below = {value for value in values if 64 - FASTEST <= value <= 63}
    repeated = any(one == other for one, other in pairwise(values))
    if not repeated or len(first) + len(last) + len(above) + len(below) < len(set(values)):
        return ABSOLUTE
    if last:
        return TWOS if not above and not below else ABSOLUTE
    if below:
        return OFFSET if not first else ABSOLUTE
    if above:
        return SIGN if first else OFFSET
    return TWOS
