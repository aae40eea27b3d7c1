"""A parameter that pedals of several channels hold at a value for a while."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from ...instrument import Instrument
from ...state.tree import Change
from ...table.value import Value


class Override:
    """Holds a parameter at a value while anybody wants it, then puts back what was there.

    Whoever else sets it meanwhile has the last word: nothing is put back then.

    Parameters
    ----------
    instrument : Instrument
    name : str
        Of the parameter.
    value : Value
        What it is held at.
    """

    def __init__(self, instrument: Instrument, name: str, value: Value):
        self.name = name
        self._instrument = instrument
        self._value = value
        self._holders: set[Hashable] = set()
        self.before: Value | None = None
        """What it goes back to; None when nothing is to be put back."""

    @property
    def holds(self) -> bool:
        """Whether it is held, and nobody else set it since."""
        return self.before is not None

    def turn(self, on: bool, holder: Hashable) -> None:
        """Hold it for somebody, or no longer."""
        held = bool(self._holders)
        (self._holders.add if on else self._holders.discard)(holder)
        if on and not held:
            self.before = self._instrument.get(self.name)
            self._instrument.set(self.name, self._value)
        elif held and not self._holders:
            before, self.before = self.before, None
            if before is not None and self._instrument.get(self.name) == self._value:
                self._instrument.set(self.name, before)

    def put_back_later(self, value: Value) -> None:
        """Choose what it will be when it is held no longer."""
        self.before = value

    def hear(self, changes: Iterable[Change]) -> None:
        """Hear what was set, as a listener of the tree: what others than MIDI set stays."""
        for change in changes:
            if change.name == self.name and change.source.kind != "midi":
                self.before = None
