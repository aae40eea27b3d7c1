"""Macros: what each of them is called and moves, until a preset or a command says otherwise.

This table is the one place to change when a better parameter for one of them is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from .value import Value

MACROS = 8
MAX_BINDINGS = 16
"""Parameters that one macro may move."""

MAX_MACRO_NAME = 48
"""Characters."""


class MacroBinding(NamedTuple):
    """A parameter that a macro moves.

    Attributes
    ----------
    name : str
        Of the parameter.
    start, end : Value
        Its values at the macro's 0 and 1.
    """

    name: str
    start: Value
    end: Value


@dataclass(frozen=True)
class Macro:
    """What a macro is called and moves.

    Attributes
    ----------
    name : str
        For people; empty when nobody named it.
    bindings : tuple of MacroBinding
        Each parameter once.  The first is the one that tells where the macro stands when nothing else does.
    """

    name: str = ""
    bindings: tuple[MacroBinding, ...] = ()

    def bound(self, binding: MacroBinding) -> Macro:
        """This macro with one more binding; one of the same parameter gets the new range in its old place."""
        bindings = {known.name: known for known in self.bindings} | {binding.name: binding}
        return Macro(self.name, tuple(bindings.values()))

    def unbound(self, name: str) -> Macro:
        """This macro without a parameter."""
        return Macro(self.name, tuple(binding for binding in self.bindings if binding.name != name))


DEFAULT_MACROS = (
    Macro("Brightness", (MacroBinding("brightness", -1.0, 1.0),)),
    Macro("Noise", (MacroBinding("noise/level", 0.0, 4.0),)),
    Macro("Vibrato", (MacroBinding("vibrato/depth", 0.0, 1.0),)),
    Macro("Reverb", (MacroBinding("reverb/mix", 0.0, 1.0),)),
    Macro("Attack", (MacroBinding("env/attack", 0.0, 5.0),)),
    Macro("Release", (MacroBinding("env/release", 0.0, 10.0),)),
    Macro("Width", (MacroBinding("width", 0.0, 1.0),)),
    Macro("Chorus", (MacroBinding("chorus/mix", 0.0, 1.0),)),
)


def macro_name(number: int) -> str:
    """The parameter of a macro, 1–8."""
    return f"macro/{number}"


MACRO_NAMES = tuple(macro_name(number) for number in range(1, MACROS + 1))
