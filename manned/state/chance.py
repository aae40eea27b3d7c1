"""Chance that repeats: what is drawn depends on what is there and on the audio sample alone, so a render repeats."""

from __future__ import annotations

import random
from collections.abc import Sequence


def mutated(values: Sequence[float], amount: float, when: int) -> list[float]:
    """Latents moved away by chance.

    Parameters
    ----------
    values : sequence of float
        Each of 0–1.
    amount : float
        0–1: how far one may go at most.  At 1 it goes anywhere, all places alike.
    when : int
        Audio sample, from which the chance is drawn, with the values.

    Returns
    -------
    list of float
        Each of 0–1.  Whoever would go beyond an end is turned back there, so nothing gathers at the ends.
    """
    drawn = random.Random(f"{when} {[float(value) for value in values]}")
    return [_turned_back(value + drawn.uniform(-amount, amount)) for value in values]


def _turned_back(place: float) -> float:
    """A place of -1–2 inside of 0–1."""
    return min(abs(place), 2.0 - abs(place))
