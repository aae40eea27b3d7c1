"""Addresses that show several values as one, beside the addresses of these values: ``/latents`` and ``/xy``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ....instrument import Instrument

VIEWS: dict[str, Callable[[Instrument], Sequence[object]]] = {
    "latents": Instrument.latent_values,
    "xy": Instrument.place,
}
"""What stands at the address of each view; any latent moves all of them."""

OF_VIEWS = "latent/"
"""What the names of their values begin with."""


def follows(name: str) -> tuple[str, ...]:
    """The views that move with a name."""
    return tuple(VIEWS) if name.startswith(OF_VIEWS) else ()


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
