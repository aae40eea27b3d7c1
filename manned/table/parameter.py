"""A row of the table of parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..limits import MAX_LATENTS
from .address import address_of
from .value import Kind, Value, ValueType

Scope = Literal["sound", "playing", "instrument"]
"""What a parameter belongs to, and so where it is kept.

``sound``: to the timbre; presets hold it and morphs move it.
``playing``: to the moment, as a gate or a bend; nothing keeps it.
``instrument``: to the instrument as it stands in the room, as its gain; no preset moves it.
"""

NO_EVENT = 0
"""Event of a parameter that is not the engine's."""


@dataclass(frozen=True)
class Parameter(ValueType):
    """One row: what can be set and asked.

    Attributes
    ----------
    name : str
        The OSC address without its leading slash, e.g. ``env/attack``.
    kind : Kind
    minimum, maximum : float
        Inclusive range; numbers outside are clamped to it.
    default : float, int, bool or str
    description : str
        One line for musicians.
    label : str
        A few words for a fader.
    unit : str
        Empty when the value has none.
    scope : Scope
    event : int
        Kind of the engine's event that sets it, from `manned.events`; `NO_EVENT` when it is not the engine's.
    index : int
        Which one, from 0, where there are several of a kind.
    choices : tuple of str
        The allowed words of a ``choice``, and those of a ``target``.
    curve : {'linear', 'power'}
        How a controller's travel covers the range: evenly, or by its cube, so
        that short times keep most of the travel.
    zero : str
        What 0 means where it is no number like the others, so that nothing lies between; empty where it is one.
    """

    name: str
    kind: Kind
    minimum: float
    maximum: float
    default: Value
    description: str
    label: str = ""
    unit: str = ""
    scope: Scope = "sound"
    event: int = NO_EVENT
    index: int = 0
    choices: tuple[str, ...] = ()
    curve: Literal["linear", "power"] = "linear"
    zero: str = ""

    @property
    def address(self) -> str:
        """The OSC address."""
        return address_of(self.name)

    @property
    def subject(self) -> str:
        """What an error sentence begins with: its address."""
        return self.address

    def from_unit(self, position: float) -> Value:
        """Value at a controller's position, 0–1 (a fader, a CC divided by 127)."""
        position = min(max(position, 0.0), 1.0)
        if self.kind == "choice":
            return self.choices[min(int(position * len(self.choices)), len(self.choices) - 1)]
        if self.curve == "power":
            position = position**3
        return self.check(self.minimum + position * (self.maximum - self.minimum))

    def travel(self, value: Value) -> float:
        """A controller's position, 0–1, at which `from_unit` gives a checked number."""
        share = (float(value) - self.minimum) / (self.maximum - self.minimum)
        return share ** (1.0 / 3.0) if self.curve == "power" else share

    def between(self, start: Value, end: Value, share: float) -> Value:
        """The value so far on the way from one checked value to another, as a fader feels it.

        Numbers go by `travel`, whole numbers to the nearest; what knows no between goes in steps of equal length.

        Parameters
        ----------
        start, end : Value
            At the ends they are met exactly.
        share : float
            0–1.
        """
        if share <= 0.0 or start == end:
            return start
        if share >= 1.0:
            return end
        if self.kind == "float":
            origin, target = self.travel(start), self.travel(end)
            return self.from_unit(origin + share * (target - origin))
        first, last = self._place(start), self._place(end)
        if first is None or last is None:
            return start if share < 0.5 else end
        if self.kind not in ("choice", "bool"):
            return self.check(first + share * (last - first))
        steps = int(share * (abs(last - first) + 1))
        place = first + steps if last > first else first - steps
        return self.choices[place] if self.kind == "choice" else bool(place)

    def share(self, start: Value, end: Value, value: Value) -> float:
        """How far, 0–1, a checked value lies on the way of `between`; the nearer end when it lies outside."""
        if self.kind == "float":
            origin, target, here = self.travel(start), self.travel(end), self.travel(value)
        else:
            origin, target, here = self._place(start), self._place(end), self._place(value)
        if origin is None or target is None or here is None or origin == target:
            return 0.0
        return min(max((here - origin) / (target - origin), 0.0), 1.0)

    def _place(self, value: Value) -> int | None:
        """The place of a value that is counted; None for a word among numbers."""
        if self.kind == "choice":
            return self.choices.index(str(value))
        return None if isinstance(value, str) else int(value)

    def engine_value(self, value: Value) -> float:
        """A checked value as the engine counts it: choices and latents from 0, other targets after the latents."""
        if isinstance(value, str):
            place = self.choices.index(value)
            return float(MAX_LATENTS + place if self.kind == "target" else place)
        return float(value) - (self.kind == "target")
