"""Macros at work: faders that move several parameters in one audio block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..errors import ParameterError
from ..limits import MAX_LATENTS
from ..table.address import address_of
from ..table.macros import DEFAULT_MACROS, MACRO_NAMES, MACROS, MAX_BINDINGS, Macro, MacroBinding, macro_name
from ..table.parameter import Parameter, Value
from ..table.parameters import parameter_table
from .tree import Applier, Tree

EVERY_ROW = parameter_table(MAX_LATENTS)
"""The rows of all parameters that any model may have."""


class Move(NamedTuple):
    """Where a macro has a bound parameter, and where it would have it.

    Attributes
    ----------
    name : str
    now, then : float
        In the parameter's unit.
    """

    name: str
    now: float
    then: float


class Macros:
    """The macros of an instrument.  Control thread only.

    The tree holds what they are: the values as parameters ``macro/1`` …, names under
    ``macro/1/name`` … and bindings, as tuples, under ``macro/1/bind`` …

    Parameters
    ----------
    tree : Tree
        Whose parameters they move; its rows must be there.
    """

    def __init__(self, tree: Tree):
        self._tree = tree
        for number in range(1, MACROS + 1):
            tree.own(macro_name(number), self._applier(number), restored=False)
        self.use(DEFAULT_MACROS)

    def get(self, number: int) -> Macro:
        """What a macro, 1–8, is called and moves."""
        name = macro_name(number)
        return Macro(self._tree.get(f"{name}/name"), self._tree.get(f"{name}/bind"))

    def all(self) -> tuple[Macro, ...]:
        """All of them, the first first."""
        return tuple(self.get(number) for number in range(1, MACROS + 1))

    def rename(self, number: int, name: str) -> None:
        """Call a macro something."""
        self._put(number, Macro(name, self.get(number).bindings))

    def bind(self, number: int, name: str, start: object, end: object) -> MacroBinding:
        """Have a macro move a parameter, or move it otherwise; nothing is moved yet.

        Parameters
        ----------
        number : int
        name : str
            Of a parameter of the model that plays.
        start, end : Value
            Its values at the macro's 0 and 1.

        Raises
        ------
        ParameterError
            For a macro, an unknown name and values that the parameter cannot take.
        """
        if name in MACRO_NAMES:
            raise ParameterError(f"found {address_of(name)}, allowed is what is no macro itself")
        row = self._tree.row(name)
        binding = MacroBinding(name, row.check(start), row.check(end))
        macro = self.get(number).bound(binding)
        if len(macro.bindings) > MAX_BINDINGS:
            raise ParameterError(f"{MAX_BINDINGS} parameters are bound to it already, no more are taken")
        self._put(number, macro)
        return binding

    def unbind(self, number: int, name: str | None = None) -> None:
        """Have a macro no longer move a parameter, or any.  One that is not bound is a `ParameterError`."""
        macro = self.get(number)
        left = Macro(macro.name) if name is None else macro.unbound(name)
        if name is not None and left == macro:
            bound = ", ".join(address_of(binding.name) for binding in macro.bindings)
            raise ParameterError(f"found {address_of(name)}, bound are {bound or 'none'}")
        self._put(number, left)

    def use(self, macros: Sequence[Macro]) -> None:
        """Have other names and bindings; parameters and values of macros stay as they are."""
        for number, macro in enumerate(macros, 1):
            self._put(number, macro)

    def restore(self, macros: Sequence[Macro], values: Mapping[str, Value]) -> None:
        """Be as a preset has it, whose parameters have been set.

        Parameters
        ----------
        macros : sequence of Macro
        values : mapping
            Values of macros by the parameter's name.  One that is not there goes where its first
            parameter stands.
        """
        self.use(macros)
        for number, name in enumerate(MACRO_NAMES, 1):
            value = values.get(name)
            self._tree.restore(name, self._standing(number) if value is None else value)

    def moves(self, number: int, position: float) -> list[Move]:
        """How far each parameter would move that is a number if the macro went to a position, 0–1."""
        here = float(self._tree.get(macro_name(number)))
        found = []
        for row, binding in self._present(self.get(number)):
            if row.kind == "float":
                now, then = (row.between(binding.start, binding.end, share) for share in (here, position))
                found.append(Move(row.name, float(now), float(then)))
        return found

    def _standing(self, number: int) -> float:
        """Where a macro is by what its first parameter is set to; where it was when nothing tells."""
        place = standing(self.get(number), self._tree.rows, self._tree.get)
        return float(self._tree.get(macro_name(number))) if place is None else place

    def _applier(self, number: int) -> Applier:
        def apply(value: float) -> None:
            for row, binding in self._present(self.get(number)):
                self._tree.set(row.name, row.between(binding.start, binding.end, value))

        return apply

    def _present(self, macro: Macro) -> Iterator[tuple[Parameter, MacroBinding]]:
        return present(macro, self._tree.rows)

    def _put(self, number: int, macro: Macro) -> None:
        """Keep what a macro is, and tell of what is new."""
        name = macro_name(number)
        for what, value in (("name", macro.name), ("bind", macro.bindings)):
            try:
                former = self._tree.get(f"{name}/{what}")
            except ParameterError:
                former = None
            if former != value:
                self._tree.put(f"{name}/{what}", value)


def present(macro: Macro, rows: Mapping[str, Parameter]) -> Iterator[tuple[Parameter, MacroBinding]]:
    """The bindings whose parameters there are, with their rows, as these take them."""
    for binding in macro.bindings:
        row = rows.get(binding.name)
        if row is not None:
            yield row, MacroBinding(row.name, row.check(binding.start), row.check(binding.end))


def standing(macro: Macro, rows: Mapping[str, Parameter], value_of: Callable[[str], Value | None]) -> float | None:
    """Where a macro is, 0–1, by the value of the first parameter that it moves; None when that is not known."""
    for row, binding in present(macro, rows):
        value = value_of(row.name)
        return None if value is None else row.share(binding.start, binding.end, row.check(value))
    return None


def checked(macro: Macro) -> Macro:
    """A macro with its bindings as their parameters take them; unknown ones, of another version, are left out.

    Raises
    ------
    ParameterError
        For values that a parameter cannot take.
    """
    bindings = []
    for binding in macro.bindings[:MAX_BINDINGS]:
        row = EVERY_ROW.get(binding.name)
        if row is not None and row.name not in MACRO_NAMES:
            bindings.append(MacroBinding(row.name, row.check(binding.start), row.check(binding.end)))
    return Macro(macro.name, tuple(bindings))
