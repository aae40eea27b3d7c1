"""How a fader takes over a parameter that stands elsewhere: jump, pickup, scale."""

from __future__ import annotations

from ...table.parameter import Parameter
from ...table.value import Value

NEAR = 1.5 / 127
"""How near a fader has to come to a parameter to pick it up."""


def position_of(row: Parameter, value: Value) -> float:
    """A controller's position, 0–1, at which `Parameter.from_unit` gives a value."""
    if row.kind == "choice":
        return (row.choices.index(str(value)) + 0.5) / len(row.choices)
    if isinstance(value, str):
        return 0.0
    share = (float(value) - row.minimum) / ((row.maximum - row.minimum) or 1.0)
    return min(max(share, 0.0), 1.0) ** (1 / 3 if row.curve == "power" else 1.0)


def take_over(how: str, before: float | None, now: float, there: float) -> float | None:
    """Where a parameter goes when a fader moves that does not hold it.

    Parameters
    ----------
    how : {'jump', 'pickup', 'scale'}
    before : float or None
        Where the fader stood, 0–1; None when it never moved.
    now : float
        Where it stands, 0–1.
    there : float
        Where the parameter stands, 0–1.

    Returns
    -------
    float or None
        None when the fader does not move the parameter.
    """
    if how == "scale":
        return scaled(before, now, there)
    near = abs(now - there) <= NEAR
    crossed = before is not None and (before - there) * (now - there) <= 0.0
    return now if how == "jump" or near or crossed else None


def scaled(before: float | None, now: float, there: float) -> float | None:
    """Where a parameter goes by scale: both come to an end of their way together."""
    if before is None or now == before:
        return None
    if now > before:
        return there + (1.0 - there) * (now - before) / (1.0 - before)
    return there - there * (before - now) / before
