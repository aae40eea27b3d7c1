"""What a program is told while something is learned: the stages, how far each is, and what was heard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

LISTENING, TRAINING, MEASURING = ("listening", "training", "measuring")
"""Stages in their order; each is told with the part of it that is done, 0–1."""

HEARD = "heard"
"""Told with what was heard in each recording, see `training.measure.timbre.verdict.told`."""

VERDICT = "verdict"
"""Told with one sentence of the verdict."""

LEARNED = "learned"
"""Told with the decoder file, at the very end."""

Listener = Callable[[str, Any], object]
"""Takes the name of an event and a plain value."""


def unheard(_event: str, _value: Any) -> None:
    """Take an event that nobody asked for."""
