"""Values that follow from another one: whoever sets the one has set the other.

A derived value is not clamped to the range of its own row: +12 dB is a gain of 4.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from ..limits import CLASSES
from ..table.value import Value

SILENT_DB = -96.0
"""Gain in decibels that stands for 0."""

WEIGHTS = "chroma/weights"
"""How much of each pitch class the drone mixes, C first."""


def gain_of_db(decibels: float) -> float:
    """Factor of a gain in decibels; `SILENT_DB` and less is 0."""
    return 0.0 if decibels <= SILENT_DB else 10.0 ** (decibels / 20.0)


def db_of_gain(gain: float) -> float:
    """Decibels of a factor, `SILENT_DB` at least."""
    return max(20.0 * math.log10(gain), SILENT_DB) if gain > 0.0 else SILENT_DB


def weights_of_class(pitch_class: int) -> tuple[float, ...]:
    """The mixture that is one pitch class alone."""
    return tuple(float(place == pitch_class) for place in range(CLASSES))


LINKS: dict[str, tuple[str, Callable[..., Value | tuple[float, ...]]]] = {
    "gain": ("gain/db", db_of_gain),
    "gain/db": ("gain", gain_of_db),
    "chroma": (WEIGHTS, weights_of_class),
}
"""By the name that is set: the name that follows, and its value as a function of the value set."""
