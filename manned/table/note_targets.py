"""What a single note can have of its own beside latents: `limits.TARGETS`, and what they have to do with parameters."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from ..limits import NOISE_DB, TARGETS

_QUIETEST = 1e-3


class NoteTarget(NamedTuple):
    """Something that a note can have otherwise than the others, by −1…1.

    Attributes
    ----------
    meaning : str
        For people.
    parameter : str
        The parameter that says the same of all notes; empty where there is none.
    offset : callable(float, float) -> float
        By how much a note goes away, −1…1, that is to sound as if the parameter went from one value to another.
    """

    meaning: str
    parameter: str
    offset: Callable[[float, float], float]


def _difference(now: float, then: float) -> float:
    return then - now


def _level(now: float, then: float) -> float:
    return 10.0 ** ((then - now) / 20.0) - 1.0


def _noise(now: float, then: float) -> float:
    return 20.0 * math.log10(max(then, _QUIETEST) / max(now, _QUIETEST)) / NOISE_DB


OWN_TARGETS = {
    "level": NoteTarget("Make one note louder, by up to twice, or softer, down to nothing.", "level", _level),
    "pitch": NoteTarget("Bend one note by up to an octave.", "", _difference),
    "pan": NoteTarget("Move one note to the left or to the right.", "", _difference),
    "noise": NoteTarget("Give one note more noise, by up to 24 dB, or less.", "noise/level", _noise),
    "brightness": NoteTarget("Make one note brighter or darker.", "brightness", _difference),
}
"""By their words, in the order in which the engine counts them."""

assert tuple(OWN_TARGETS) == TARGETS

OWN_OF_PARAMETER = {target.parameter: word for word, target in OWN_TARGETS.items() if target.parameter}
"""Their words by the name of the parameter."""

OFFSET_WORDS = ("level", "pan", "noise", "brightness")
"""Those that have an address and a setting of their own; the pitch has had one for long."""
