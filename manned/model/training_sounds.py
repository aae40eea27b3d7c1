"""The sounds that a decoder has learned from, on the plane of ``/xy``: where each lies, and what it is called."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from .kinds import AnyDecoder

LONGEST = 80
"""Characters of a name."""
MOST = 5000
"""Sounds that are told."""


class Sounds(NamedTuple):
    """Training sounds at one place.

    Attributes
    ----------
    x, y : float
        0–1.
    names : tuple of str
        Empty where the decoder's file holds none.
    """

    x: float
    y: float
    names: tuple[str, ...]


def training_sounds(decoder: AnyDecoder) -> list[Sounds]:
    """The places of the plane that training sounds lie at.

    They are those that ``places`` of the decoder's info names.  A decoder without them has a map of its training
    frames, which have no names.
    """
    found: dict[tuple[float, float], list[str]] = {}
    for name, x, y in islice(_named(decoder.info.get("places")), MOST):
        found.setdefault((x, y), []).append(name)
    if not found and decoder.timbres is not None:
        marks = decoder.timbres.landmarks
        places = marks[:, :2] if decoder.chart is None else decoder.chart.places(marks)
        if places.shape[1] == 2:
            found = {(round(float(x), 3), round(float(y), 3)): [] for x, y in places[:MOST]}
    return [Sounds(x, y, tuple(names)) for (x, y), names in found.items()]


def _named(places: object) -> Iterator[tuple[str, float, float]]:
    """Name and place of each sound; what is no such row is left out, for a decoder's info is anybody's."""
    for row in places if isinstance(places, list) else ():
        if isinstance(row, list) and len(row) == 3 and isinstance(row[0], str):
            place = [float(value) for value in row[1:] if isinstance(value, (int, float))]
            if len(place) == 2 and all(math.isfinite(value) and 0.0 <= value <= 1.0 for value in place):
                yield row[0][:LONGEST], place[0], place[1]
