"""Undo and redo: what was set, step by step, back and forth.

A step is what one hand did without a pause: a fader's move, a preset, a morph, a mutation.  What
belongs to playing (notes, gate, bend) and to the instrument (gain, tuning, model) is in no step.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import ParameterError
from ..table.address import address_of
from ..table.macros import MACROS, Macro, macro_name
from .links import WEIGHTS
from .presets import CURRENT, SCOPE
from .tree import Change, Source

if TYPE_CHECKING:
    from ..instrument import Instrument

PAUSE_S = 0.4
"""What one source sets after a longer pause is another step."""
MOST_STEPS = 100
"""That can be taken back; the oldest is forgotten."""
MOST_OPEN = 8
"""Hands that may be in the middle of a step at the same time."""
MOST_NAMED = 4
"""Addresses of a step that are told by name."""

UNDO = Source("undo")
"""Who sets what is taken back or done again."""
MODEL = "model"

_UNKNOWN = object()
_MACROS = {f"{macro_name(number)}/{what}" for number in range(1, MACROS + 1) for what in ("name", "bind")}
_BY_KIND = {"morph": "/morph", "random": "/random"}


@dataclass
class Step:
    """What one hand did.

    Attributes
    ----------
    source : Source
    last : int
        Audio sample of its latest change.
    before, after : dict
        The values that changed, by name.
    """

    source: Source
    last: int
    before: dict[str, Any]
    after: dict[str, Any]

    @property
    def words(self) -> str:
        """What it was, for people: the command, or the addresses."""
        if self.source.kind == "preset":
            return f"/preset/load {self.source.name}"
        if self.source.kind in _BY_KIND:
            return _BY_KIND[self.source.kind]
        hidden = (CURRENT, WEIGHTS) if "chroma" in self.after else (CURRENT,)
        addresses = [address_of(name) for name in self.after if name not in hidden]
        more = len(addresses) - MOST_NAMED
        return ", ".join(addresses[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


class History:
    """The steps of an instrument.  Control thread only.

    Parameters
    ----------
    instrument : manned.instrument.Instrument
        Complete: all that it holds is known from here on.
    """

    def __init__(self, instrument: Instrument):
        self._instrument = instrument
        self._tree = tree = instrument.tree
        self._done: deque[Step] = deque(maxlen=MOST_STEPS)
        self._undone: list[Step] = []
        self._open: deque[Step] = deque(maxlen=MOST_OPEN)
        names = (*tree.rows, *tree.texts, *_MACROS, WEIGHTS)
        self._known: dict[str, Any] = {name: tree.get(name) for name in names if self._belongs(name)}
        tree.listen(self._told)

    def clear(self) -> None:
        """Forget all steps: what is set now is where everything begins."""
        self._done.clear()
        self._undone.clear()
        self._open.clear()

    def undo(self) -> list[str]:
        """Take the latest step back, in one audio block.

        Returns
        -------
        list of str
            What it was; then what of it could not be set, a sentence each.

        Raises
        ------
        ParameterError
            When there is none.
        """
        if not self._done:
            raise ParameterError("nothing to undo")
        remarks = self._set(self._done[-1].before)
        self._undone.append(self._done.pop())
        return [self._undone[-1].words, *remarks]

    def redo(self) -> list[str]:
        """Do the step again that was taken back last; returns and raises as `undo`."""
        if not self._undone:
            raise ParameterError("nothing to redo")
        remarks = self._set(self._undone[-1].after)
        self._done.append(self._undone.pop())
        return [self._done[-1].words, *remarks]

    # -- what is set ----------------------------------------------------------

    def _belongs(self, name: str) -> bool:
        row = self._tree.rows.get(name)
        if row is not None:
            return row.scope == SCOPE
        return name in _MACROS or name in self._tree.texts or name in (WEIGHTS, CURRENT)

    def _told(self, changes: Sequence[Change]) -> None:
        if len(changes) == 1 and self._goes_on(changes[0]):
            return
        known, before, after = self._known, {}, {}
        first = None
        for change in changes:
            name, value, source, _ = change
            if not self._belongs(name):
                continue
            former = known.get(name, _UNKNOWN)
            known[name] = value
            if former is not _UNKNOWN and former != value and source != UNDO:
                before[name], after[name] = former, value
                first = first or change
        # A saved preset changes its name alone, and another model brings other parameters.
        if first is None or before.keys() == {CURRENT} or any(change.name == MODEL for change in changes):
            return
        when = self._instrument.clock.now if first.when is None else first.when
        self._undone.clear()
        step = self._joined(first.source, when, before)
        if step is None:
            step = Step(first.source, when, {}, {})
            self._done.append(step)
            self._open.append(step)
        step.last = when
        step.before = before | step.before
        step.after |= after

    def _goes_on(self, change: Change) -> bool:
        """Note a change if it goes on with the latest step and is no more, as nearly all of a moved fader's are."""
        name, value, source, when = change
        step = self._open[-1] if self._open and not self._undone else None
        if step is None or name not in step.after or name == CURRENT or step.source != source:
            return False
        now = self._instrument.clock.now if when is None else when
        if source.kind == "preset" or abs(now - step.last) > self._instrument.clock.samples(PAUSE_S):
            return False
        if self._known[name] != value:
            self._known[name] = step.after[name] = value
            step.last = now
        return True

    def _joined(self, source: Source, when: int, names: dict[str, Any]) -> Step | None:
        """The step that a change goes on with; none after a pause, or when another hand has moved the same since."""
        if source.kind == "preset":
            return None
        for step in reversed(self._open):
            if step.source == source and abs(when - step.last) <= self._instrument.clock.samples(PAUSE_S):
                return step
            if step.before.keys() & names:
                return None
        return None

    def _set(self, values: dict[str, Any]) -> list[str]:
        """Set some values in one audio block; what could not be, a sentence each."""
        instrument, tree = self._instrument, self._tree
        self._open.clear()
        with instrument.together(source=UNDO):
            tree.restore_all({name: value for name, value in values.items() if name in tree.rows})
            if WEIGHTS in values:
                instrument.set_chroma_weights(values[WEIGHTS])
            self._set_macros(values)
            remarks = tree.set_texts({name: value for name, value in values.items() if name in tree.texts})
            if CURRENT in values:
                tree.put(CURRENT, values[CURRENT])
        return remarks

    def _set_macros(self, values: dict[str, Any]) -> None:
        """Give macros names and bindings; of those that the values do not name they stay."""
        if _MACROS.isdisjoint(values):
            return
        macros = []
        for number, macro in enumerate(self._instrument.macros.all(), 1):
            name, bindings = (f"{macro_name(number)}/{what}" for what in ("name", "bind"))
            macros.append(Macro(values.get(name, macro.name), values.get(bindings, macro.bindings)))
        self._instrument.macros.use(macros)
