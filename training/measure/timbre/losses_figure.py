"""A picture of how harmonic fits learned."""

from __future__ import annotations

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from training.network.harmonic.fit_folder import HarmonicFit

_DB = 10.0  # the log counts tens of dB
_PARTS = {
    "loss": ("loss", 1.0),
    "harmonic": ("harmonics, dB", _DB),
    "erb": ("bands of the ear, dB", _DB),
    "noise": ("noise, dB", _DB),
    "stiffness": ("stiffness", 1.0),
}
"""What the columns of the log are, and what makes them dB."""


def losses_figure(panels: list[tuple[str, HarmonicFit, bool]]) -> Figure:
    """The logs of fits: the loss and its parts over steps, on training and validation frames.

    Parameters
    ----------
    panels : list of (str, HarmonicFit, bool)
        A label, a fit, and whether patches were kept apart for validation; if none were, the log was measured on
        training frames instead.
    """
    figure = Figure(figsize=(10.0, 6.8), layout="constrained")
    axes = figure.subplot_mosaic(
        [["loss", "loss"], ["harmonic", "erb"], ["noise", "stiffness"]], sharex=True, height_ratios=[1.5, 1.0, 1.0]
    )
    colours = matplotlib.colormaps["viridis"](np.linspace(0.0, 0.8, len(panels)))
    for (label, fitted, validated), colour in zip(panels, colours):
        lines = {"": ("training", ":"), "validation_": ("validation" if validated else "first training frames", "-")}
        steps = [row["step"] for row in fitted.log]
        for part, (_, scale) in _PARTS.items():
            for prefix, (name, line) in lines.items():
                values = [scale * row[prefix + part] for row in fitted.log]
                axes[part].plot(steps, values, line, color=colour, linewidth=1.4, label=f"{label}, {name}")
    for part, (title, _) in _PARTS.items():
        axes[part].set_ylabel(title)
        axes[part].grid(True, color="0.9")
    axes["stiffness"].set_yscale("log")
    axes["loss"].set_title("Less is nearer; the loss is a weighted sum of the parts below", fontsize=10)
    axes["loss"].tick_params(labelbottom=True)
    axes["loss"].legend(fontsize=8, frameon=False)
    for part in ("noise", "stiffness"):
        axes[part].set_xlabel("step")
        axes[part].xaxis.set_major_locator(MaxNLocator(6, integer=True))
    return figure
