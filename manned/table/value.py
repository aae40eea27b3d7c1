"""What a value may be: its check, every sentence about its range, and its OSC types.

Parameters and the arguments of commands are such values.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Literal

from ..errors import ParameterError
from ..model.pitch import CLASS_NAMES, parse_class

Value = float | int | bool | str

Kind = Literal["float", "int", "bool", "class", "choice", "target", "id", "text", "name", "value"]
"""What a value is.

``float``, ``int``: a number, a whole number; outside of the range it is clamped.
``bool``: off or on.
``class``: a pitch class, by its number or its name.
``choice``: one of some words, or the number of one.
``target``: what can be moved of a voice: the number of a latent, from 1, or a word.
``id``: any whole number; nothing is clamped.
``text``: a text; a number is taken as the text that it was typed as.
``name``: a text, or a whole number that means a place in a list.
``value``: a number or a word, which something else has yet to check.
"""

LARGEST_ID = 2**53
"""Whole numbers below it are exact in every numeric type of OSC."""

_ON = ("on", "true")
_OFF = ("off", "false")
_UNBOUNDED = ("id", "text", "name", "value")
_TAGS = {"float": "f", "value": "f", "bool": "T", "choice": "s", "text": "s", "name": "s"}


class ValueType(ABC):
    """What a value may be.  The rows of both tables are such types and bring the attributes.

    Attributes
    ----------
    kind : Kind
    minimum, maximum : float
        Inclusive range of a number.
    unit : str
        Empty when the value has none.
    choices : tuple of str
        The allowed words of a ``choice``, and those of a ``target``.
    """

    kind: Kind
    minimum: float
    maximum: float
    unit: str
    choices: tuple[str, ...]

    @property
    @abstractmethod
    def subject(self) -> str:
        """What an error sentence begins with: an address, or the name of an argument."""

    def check(self, value: object) -> Value:
        """Return ``value`` as it is taken: converted and clamped.

        Raises
        ------
        ParameterError
            For NaN, infinities, nil, blobs, words where numbers belong, unknown choices.
        """
        if type(value) is float and self.kind == "float" and self.minimum <= value <= self.maximum:
            return value  # by far the most common
        if value is None or isinstance(value, bytes):
            raise self._refused(value)
        if self.kind == "choice":
            return self._choice(value)
        if self.kind == "target" and isinstance(value, str):
            return self._target(value)
        if self.kind == "text":
            return self._text(value)
        if self.kind in ("name", "value") and isinstance(value, str):
            return value
        if self.kind == "value":
            return value if isinstance(value, (bool, int)) else self._number(value)
        if self.kind in ("id", "name"):
            return self._whole(value)
        if self.kind == "class" and isinstance(value, str):
            return self._class(value)
        if self.kind == "bool" and isinstance(value, str) and value.lower() in _ON + _OFF:
            return value.lower() in _ON
        number = min(max(self._number(value), self.minimum), self.maximum)
        if self.kind == "bool":
            return number >= 0.5
        return number if self.kind == "float" else math.floor(number + 0.5)

    def _number(self, value: object) -> float:
        if isinstance(value, str):
            raise self._refused(value)
        try:
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            raise self._refused(value) from None
        if not math.isfinite(number):
            raise ParameterError(f"{self.subject}: found {number}, allowed is a finite number{self._numbers()}")
        return number

    def _whole(self, value: object) -> int:
        number = self._number(value)
        if number != int(number) or abs(number) >= LARGEST_ID or (self.kind == "name" and isinstance(value, bool)):
            raise self._refused(value)
        return int(number)

    def _text(self, value: object) -> str:
        if isinstance(value, bool) or not isinstance(value, (float, int, str)):
            raise self._refused(value)
        return f"{self._number(value):.9g}" if isinstance(value, float) else str(value)

    def _choice(self, value: object) -> str:
        if isinstance(value, (float, int, str)) and not isinstance(value, bool):
            text = value if isinstance(value, str) else f"{value:g}"
            if text in self.choices:
                return text
            if not isinstance(value, str) and value in range(len(self.choices)):
                return self.choices[int(value)]
        raise ParameterError(f"{self.subject}: found {value!r}, allowed are {', '.join(self.choices)}")

    def _target(self, value: str) -> str:
        if value not in self.choices:
            raise self._refused(value)
        return value

    def _class(self, value: str) -> int:
        parsed = parse_class(value)
        if parsed is None:
            raise ParameterError(f"{self.subject}: {value!r} is no pitch class, allowed are {self.range_text()}")
        return parsed

    def _refused(self, value: object) -> ParameterError:
        return ParameterError(f"{self.subject}: found {shown(value)}, allowed is {self._allowed()}")

    # -- words --------------------------------------------------------------

    def range_text(self) -> str:
        """The range in the middle of a sentence, e.g. ``0–60 s``; empty where there is none."""
        if self.kind in _UNBOUNDED:
            return ""
        if self.kind == "choice":
            return ", ".join(self.choices)
        if self.kind == "bool":
            return "0 or 1, off or on"
        numbers = number_range(self.minimum, self.maximum, self.unit)
        if self.kind == "target":
            return f"{numbers}, the number of a latent, or {', '.join(self.choices)}"
        return f"{numbers} and {' '.join(CLASS_NAMES)}" if self.kind == "class" else numbers

    def setting_text(self) -> str:
        """The range as a settings file takes it, where a number outside is refused."""
        if self.kind == "class":
            return f"{self.minimum:g}–{self.maximum:g} or a name, {' '.join(CLASS_NAMES)}"
        return "true or false" if self.kind == "bool" else self.range_text()

    def _allowed(self) -> str:
        words = {
            "id": "a whole number",
            "text": "a text",
            "name": "a name or a whole number",
            "value": "a number or a word",
            "bool": "0 or 1, off or on",
        }
        return words.get(self.kind) or f"a number{self._numbers()}"

    def _numbers(self) -> str:
        text = self.range_text()
        return " " + text if text else ""

    # -- OSC ----------------------------------------------------------------

    @property
    def osc_tag(self) -> str:
        """The OSC type tag that a client best sends, as OSCQuery's TYPE has it: ``f``, ``i``, ``s`` or ``T``."""
        return _TAGS.get(self.kind, "i")

    @property
    def osc_range(self) -> dict[str, object]:
        """OSCQuery's RANGE of one argument: MIN and MAX, or VALS; empty where anything goes."""
        if self.kind in _UNBOUNDED or self.kind == "bool":
            return {}
        if self.kind == "choice":
            return {"VALS": list(self.choices)}
        number = float if self.kind == "float" else int
        return {"MIN": number(self.minimum), "MAX": number(self.maximum)}


def shown(value: object) -> str:
    """A value that came by OSC, for an error sentence."""
    if value is None:
        return "nil"
    return "a blob" if isinstance(value, bytes) else repr(value)


def number_range(minimum: float, maximum: float, unit: str = "") -> str:
    """A range of numbers for people, e.g. ``0–60 s``; parameters, arguments and settings have it from here."""
    return f"{minimum:g}–{maximum:g}{' ' + unit if unit else ''}"
