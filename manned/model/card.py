"""What a decoder's file says of itself for people: who made it, of what, and how near it came."""

from __future__ import annotations

import math
from typing import Any

LONGEST = 200
"""Characters of a text."""

_PLACES: dict[str, tuple[tuple[str, ...], ...]] = {
    "author": (("author",),),
    "sounds": (("corpus", "sounds"),),
    "clips": (("corpus", "sets", "train", "clips"), ("measured", "train_patches"), ("corpus", "clips")),
    "frames": (("corpus", "sets", "train", "frames"), ("measured", "train_frames"), ("corpus", "frames")),
    "unheard/clips": (("corpus", "sets", "test", "clips"), ("measured", "unheard_patches")),
    "unheard/harmonics_db": (("measured", "nearness", "harmonic", "harm_db"),),
    "unheard/bands_db": (("measured", "nearness", "harmonic", "erb_db"),),
    "unheard/mse": (("test", "test_mse"),),
    "pitch_match": (("test", "mesh", "match"),),
    "chart_occupied": (("measured", "chart_occupied"),),
}
"""Where in a decoder's info each of them stands; the first place that has it counts."""


def card(info: dict[str, Any]) -> dict[str, str | int | float]:
    """What an info says, by the names of the table above; what it does not say so is left out."""
    found: dict[str, str | int | float] = {}
    for name, places in _PLACES.items():
        for place in places:
            value = _at(info, place)
            if value is not None:
                found[name] = value
                break
    return found


def _at(info: Any, place: tuple[str, ...]) -> str | int | float | None:
    for word in place:
        info = info.get(word) if isinstance(info, dict) else None
    if isinstance(info, str):
        return info[:LONGEST] or None
    if isinstance(info, bool) or not isinstance(info, (int, float)) or not math.isfinite(info):
        return None
    return info if isinstance(info, int) else float(f"{info:.4g}")
