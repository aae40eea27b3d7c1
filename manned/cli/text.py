"""OSC values for people."""

from __future__ import annotations


def value_text(value: object) -> str:
    """An OSC value for people: a float as short as it was meant."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
