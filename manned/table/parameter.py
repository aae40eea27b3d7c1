"""A row of the table of parameters, and every sentence about its range."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from ..errors import ParameterError
from ..model.pitch import CLASS_NAMES, parse_class

Value = float | int | bool | str

Kind = Literal["float", "int", "bool", "class", "choice", "latent"]
"""What a value is: a number, a whole number, off or on, a pitch class, one of some words, the number of a latent."""

Scope = Literal["sound", "playing", "instrument"]
"""What a parameter belongs to, and so where it is kept.

``sound``: to the timbre; presets hold it and morphs move it.
``playing``: to the moment, as a gate or a bend; nothing keeps it.
``instrument``: to the instrument as it stands in the room, as its gain; no preset moves it.
"""

NO_EVENT = 0
"""Event of a parameter that is not the engine's."""

_ON = ("on", "true")
_OFF = ("off", "false")


@dataclass(frozen=True)
class Parameter:
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
        The allowed words of a ``choice``.
    curve : {'linear', 'power'}
        How a controller's travel covers the range: evenly, or by its cube, so
        that short times keep most of the travel.
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

    @property
    def address(self) -> str:
        """The OSC address."""
        return "/" + self.name

    def check(self, value: object) -> Value:
        """Return ``value`` as this parameter takes it: converted and clamped.

        Raises
        ------
        ParameterError
            For NaN, infinities, words where numbers belong, unknown choices.
        """
        if self.kind == "choice":
            return self._choice(value)
        if self.kind == "class" and isinstance(value, str):
            parsed = parse_class(value)
            if parsed is None:
                raise ParameterError(f"{self.address}: {value!r} is no pitch class, allowed are {self.range_text()}")
            return parsed
        if self.kind == "bool" and isinstance(value, str) and value.lower() in _ON + _OFF:
            return value.lower() in _ON
        number = self._number(value)
        number = min(max(number, self.minimum), self.maximum)
        if self.kind == "bool":
            return number >= 0.5
        if self.kind in ("int", "class", "latent"):
            return math.floor(number + 0.5)
        return number

    def _number(self, value: object) -> float:
        what = "a number " if self.kind != "bool" else ""
        try:
            if isinstance(value, str) or value is None:
                raise TypeError
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            raise ParameterError(f"{self.address}: found {value!r}, allowed is {what}{self.range_text()}") from None
        if not math.isfinite(number):
            raise ParameterError(f"{self.address}: found {number}, allowed is a finite number {self.range_text()}")
        return number

    def _choice(self, value: object) -> str:
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            text = value if isinstance(value, str) else f"{value:g}"
            if text in self.choices:
                return text
        if not isinstance(value, (str, bool)) and isinstance(value, (int, float)) and value in range(len(self.choices)):
            return self.choices[int(value)]
        raise ParameterError(f"{self.address}: found {value!r}, allowed are {', '.join(self.choices)}")

    def from_unit(self, position: float) -> Value:
        """Value at a controller's position, 0–1 (a fader, a CC divided by 127)."""
        position = min(max(position, 0.0), 1.0)
        if self.kind == "choice":
            return self.choices[min(int(position * len(self.choices)), len(self.choices) - 1)]
        if self.curve == "power":
            position = position**3
        return self.check(self.minimum + position * (self.maximum - self.minimum))

    def engine_value(self, value: Value) -> float:
        """A checked value as the engine counts it: choices and latents from 0."""
        if self.kind == "choice":
            return float(self.choices.index(str(value)))
        return float(value) - (self.kind == "latent")

    # -- words --------------------------------------------------------------

    def range_text(self) -> str:
        """The range in the middle of a sentence, e.g. ``0–60 s``."""
        if self.kind == "choice":
            return ", ".join(self.choices)
        if self.kind == "bool":
            return "0 or 1, off or on"
        numbers = f"{self.minimum:g}–{self.maximum:g}{' ' + self.unit if self.unit else ''}"
        return f"{numbers} and {' '.join(CLASS_NAMES)}" if self.kind == "class" else numbers

    def setting_text(self) -> str:
        """The range as a settings file takes it, where a number outside is refused."""
        if self.kind == "class":
            return f"{self.minimum:g}–{self.maximum:g} or a name, {' '.join(CLASS_NAMES)}"
        return "true or false" if self.kind == "bool" else self.range_text()
