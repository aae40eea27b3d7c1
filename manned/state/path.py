"""Paths through presets: what lies between them, and what is taken over where one is reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..model.kinds import AnyDecoder
from ..model.timbre_path import TimbrePath, timbre_path
from ..table.macros import MACRO_NAMES, Macro
from ..table.parameter import Parameter, Value
from .macros import standing
from .preset import Preset
from .presets import SCOPE, macros_of

if TYPE_CHECKING:
    from ..instrument import Instrument


_NEAR = 1e-6
"""Of a path: nearer than that to a preset is there."""


@dataclass(frozen=True, eq=False)
class Arrival:
    """What is taken over of a preset as soon as it is reached, since nothing lies between.

    Attributes
    ----------
    macros : tuple of Macro
        Empty when it says nothing of them.
    values : dict
        By parameter name.
    """

    macros: tuple[Macro, ...]
    values: dict[str, float]


@dataclass(frozen=True, eq=False)
class Path:
    """A path through presets, for one model.

    Attributes
    ----------
    stops : tuple of Preset
    decoder : AnyDecoder
    straight, inside : TimbrePath
        The latents, without and with regard to where training frames lie.
    others : dict
        Values [shape=(stops,)] of the other parameters that can lie between those of the presets, by name.
    arrivals : tuple of Arrival
        One a stop.
    """

    stops: tuple[Preset, ...]
    decoder: AnyDecoder
    straight: TimbrePath
    inside: TimbrePath
    others: dict[str, list[float]]
    arrivals: tuple[Arrival, ...]

    def reached(self, way: TimbrePath, former: float | None, position: float) -> Arrival | None:
        """The preset that is reached by going from one position to another, the nearest one coming from elsewhere."""
        distances = [abs(stop - position) for stop in way.stops]
        if former is not None:
            low, high = sorted((former, position))
            passed = [low - _NEAR <= stop <= high + _NEAR for stop in way.stops]
            distances = [distance if met else np.inf for distance, met in zip(distances, passed)]
        nearest = int(np.argmin(distances))
        return self.arrivals[nearest] if np.isfinite(distances[nearest]) else None


def plan(instrument: Instrument, stops: tuple[Preset, ...]) -> Callable[[], Path]:
    """Get ready for a path through presets, for the model that plays.

    Returns
    -------
    callable
        Makes the path, which takes a while; any thread.

    Raises
    ------
    ParameterError
        For values that a parameter cannot take.
    """
    decoder, parameters = instrument.decoder, instrument.parameters
    rows = [instrument.parameter(f"latent/{i}") for i in range(1, instrument.latents + 1)]
    now = instrument.latent_values()
    points = [[float(row.check(value)) for row, value in zip(rows, stop.point(rows, now))] for stop in stops]
    values = _values(parameters, stops)
    sudden = {name for name, between in values.items() if parameters[name].zero and 0.0 in between}
    others = {name: between for name, between in values.items() if name not in sudden}
    arrivals = tuple(
        Arrival(macros_of(stop), {name: values[name][place] for name in sudden}) for place, stop in enumerate(stops)
    )
    pitch_class, octave = instrument.get("chroma"), instrument.get("octave")

    def work() -> Path:
        straight, inside = (timbre_path(decoder, points, pitch_class, octave, inside) for inside in (False, True))
        return Path(stops, decoder, straight, inside, others, arrivals)

    return work


def _values(parameters: dict[str, Parameter], stops: tuple[Preset, ...]) -> dict[str, list[float]]:
    """Values [shape=(stops,)] of the numbers, latents aside, in which presets differ, by name."""
    found = {}
    for name, row in parameters.items():
        if row.kind != "float" or row.scope != SCOPE or name.startswith("latent/"):
            continue
        told = [_value(stop, row, parameters) for stop in stops]
        values = [float(row.check(value)) for value in told if value is not None]
        if len(values) == len(stops) and len(set(values)) > 1:
            found[name] = values
    return found


def _value(stop: Preset, row: Parameter, parameters: dict[str, Parameter]) -> Value | None:
    """What a preset says of a parameter; of a macro that it does not name, by what that moves."""
    if row.name not in MACRO_NAMES or row.name in stop.values:
        return stop.value(row)
    macros = macros_of(stop)
    if not macros:
        return None
    return standing(macros[MACRO_NAMES.index(row.name)], parameters, lambda name: stop.value(parameters[name]))
