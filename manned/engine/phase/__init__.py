"""Ways to give a magnitude frame its phases, one file per method, named as limits.PHASES names it.

A method's file has

``advance_phase(tables, stream, scratch)``
    compiled by numba.  Leaves ``stream.phase`` (turns at the frame's centre) and
    ``stream.frequency`` (bins) for all bins of the present frame.  The frame's peaks lie in
    ``scratch.peaks`` already (see `manned.engine.phase.peak_search`).
``SCRATCH``, if it needs any
    a dtype; its record is ``scratch.<name of the method>``.
``TABLE`` and ``fill_table(table)``, if it needs one
    a dtype, whose record is ``tables.<name of the method>``, and what fills it once.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType

from ...limits import PHASES
from ..native import native
from ..record import Record

METHODS: dict[str, ModuleType] = {name: import_module(f".{name}", __name__) for name in PHASES}
"""The methods by name, in the order in which they are counted."""


def _either(number: int, method: Callable, otherwise: Callable) -> Callable:
    @native
    def advance(wanted: int, tables: Record, stream: Record, scratch: Record) -> None:
        if wanted == number:
            method(tables, stream, scratch)
        else:
            otherwise(wanted, tables, stream, scratch)

    return advance


@native
def _no_method(wanted: int, tables: Record, stream: Record, scratch: Record) -> None:
    pass


def _by_number() -> Callable:
    """One compiled function that calls the method of a number: numba keeps no table of functions."""
    advance = _no_method
    for number, method in reversed(list(enumerate(METHODS.values()))):
        advance = _either(number, method.advance_phase, advance)
    return advance


advance_phase = _by_number()
"""``advance_phase(number, tables, stream, scratch)``: advance by the method of an index into limits.PHASES."""
