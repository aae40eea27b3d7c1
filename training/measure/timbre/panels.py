"""What pictures of timbre share: panels in rows, frequency as the ear has it, levels in dB under the whole sound."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from manned.model.harmonic.analysis import Frames
from manned.model.harmonic.ear import erb_levels
from manned.model.harmonic.scale import NYQUIST_HZ, erb_frequency, erb_number
from manned.model.harmonic.spectrum import magnitudes

C4 = 60
"""The note at which sounds are compared."""

LOWEST_DB = -60.0
"""What lies lower under the whole sound is drawn as silence."""

_TICKS_HZ = (100, 500, 1000, 2000, 4000, 8000, 16000)


def panels(
    count: int, columns: int, size: tuple[float, float], title: str, x_label: str, y_label: str
) -> tuple[Figure, list[Axes]]:
    """A figure of panels with common axes.

    Parameters
    ----------
    count, columns : int
        Panels, and how many of them stand in a row at most.
    size : (float, float)
        Width and height of each, inches.
    title, x_label, y_label : str
        The labels stand at the lowest and at the leftmost panels.
    """
    columns = min(columns, count)
    rows = math.ceil(count / columns)
    figure = Figure(figsize=(0.6 + size[0] * columns, 0.8 + size[1] * rows), layout="constrained")
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel().tolist()
    for number, axis in enumerate(axes):
        if number >= count:
            axis.remove()
            continue
        if number + columns >= count:
            axis.set_xlabel(x_label)
            axis.tick_params(labelbottom=True)
        if number % columns == 0:
            axis.set_ylabel(y_label)
    figure.suptitle(title, fontsize=11)
    return figure, axes[:count]


def strip(axis: Axes, places: np.ndarray, heights_hz: np.ndarray, levels: np.ndarray, colours: ScalarMappable) -> None:
    """Draw levels [shape=(places, heights)], dB, over places and frequencies."""
    low_db, high_db = colours.get_clim()
    axis.pcolormesh(
        places, heights_hz, levels.T, shading="nearest", vmin=low_db, vmax=high_db, cmap=colours.cmap, rasterized=True
    )
    hertz(axis, "y")


def colour_bar(
    figure: Figure, axes: list[Axes], label: str, low_db: float, high_db: float, name: str
) -> ScalarMappable:
    """Colours for levels in dB by the name of their map, with a bar beside all panels."""
    colours = ScalarMappable(Normalize(low_db, high_db), name)
    figure.colorbar(colours, ax=axes, label=label, aspect=40, fraction=0.04, pad=0.01)
    return colours


def hertz(axes: Axes, which: str) -> None:
    """Make the ``x`` or ``y`` axis one of Hertz, evenly wide to the ear."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    set_scale, set_limits = (axes.set_xscale, axes.set_xlim) if which == "x" else (axes.set_yscale, axes.set_ylim)
    set_scale("function", functions=(_number, erb_frequency))
    set_limits(0.0, NYQUIST_HZ)
    axis.set_major_locator(FixedLocator(_TICKS_HZ))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(hertz_text))


def hertz_text(value_hz: float, _place: int | None = None) -> str:
    """A frequency for people: ``500``, ``4k``."""
    return f"{value_hz / 1000:g}k" if value_hz >= 1000 else f"{value_hz:g}"


def ear_levels(frames: Frames) -> np.ndarray:
    """Power of harmonics and noise in 40 bands of the ear [shape=(n, 40)], dB under the whole sound."""
    return erb_levels(magnitudes(frames.harmonics_db, frames.bands_db, frames.f0_hz, frames.inharmonicity))


def _number(frequency_hz: np.ndarray) -> np.ndarray:
    # Matplotlib asks a little beside the axis too.
    return erb_number(np.maximum(frequency_hz, 0.0))
