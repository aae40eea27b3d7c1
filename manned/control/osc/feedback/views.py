"""Addresses that show several values as one: ``/latents`` and ``/xy``, and what a macro is called and moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ....instrument import Instrument
from ....table.address import address_of
from ....table.macros import MACRO_NAMES

OF_LATENTS: dict[str, Callable[[Instrument], Sequence[object]]] = {
    "latents": Instrument.latent_values,
    "xy": Instrument.place,
}
"""What stands at the address of each view of the latents; any of them moves all views."""

LATENTS = "latent/"
"""What their names begin with."""


def _macro(number: int) -> Callable[[Instrument], Sequence[object]]:
    def told(instrument: Instrument) -> Sequence[object]:
        macro = instrument.macros.get(number)
        moved = (word for binding in macro.bindings for word in (address_of(binding.name), *binding[1:]))
        return (macro.name, *moved)

    return told


VIEWS = OF_LATENTS | {f"{name}/bind": _macro(number) for number, name in enumerate(MACRO_NAMES, 1)}
"""What stands at the address of each view."""

_OF_EACH_LATENT = tuple(OF_LATENTS)
_OF_MACROS = {f"{name}/name": (f"{name}/bind",) for name in MACRO_NAMES}


def follows(name: str) -> tuple[str, ...]:
    """The views that move with a name."""
    return _OF_EACH_LATENT if name.startswith(LATENTS) else _OF_MACROS.get(name, ())


def values_of(instrument: Instrument, name: str) -> Sequence[object]:
    """The values that stand at the address of a name: of a parameter, a view, or what a command holds.

    Raises
    ------
    ParameterError
        When there are none.
    """
    view = VIEWS.get(name)
    if view is not None:
        return view(instrument)
    value = instrument.tree.get(name)
    return value if isinstance(value, tuple) else (value,)
