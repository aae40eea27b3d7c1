"""A picture of what each fader of a decoder does."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from manned.model.harmonic.decoder_file import HarmonicDecoder
from manned.model.harmonic.ear import ERB_BANDS
from manned.model.harmonic.scale import band_centres_hz
from manned.model.pitch import note_to_hz

from .panels import C4, LOWEST_DB, colour_bar, ear_levels, panels, strip
from .rivals import sounded

_COLUMNS = 4
_STEPS = 41  # of a fader, its middle among them
_LARGEST_CHANGE_DB = 24.0


def faders_figure(decoder: HarmonicDecoder) -> Figure:
    """What each fader changes at C4 as it goes from 0 to 1, the others at the middle: level in 40 bands of the ear."""
    count = decoder.topology.latents
    figure, axes = panels(
        count, _COLUMNS, (2.7, 2.0), "What each fader changes at C4, the others at 0.5", "fader", "frequency in Hz"
    )
    label = "dB louder (red) or softer (blue) than with the fader at 0.5"
    colours = colour_bar(figure, axes, label, -_LARGEST_CHANGE_DB, _LARGEST_CHANGE_DB, "RdBu_r")
    places = np.linspace(0.0, 1.0, _STEPS)
    for number, (axis, name) in enumerate(zip(axes, decoder.latents.names)):
        controls = np.full((_STEPS, count), 0.5, dtype=np.float32)
        controls[:, number] = places
        levels = np.maximum(ear_levels(sounded(decoder, controls, np.full(_STEPS, note_to_hz(C4)))), LOWEST_DB)
        strip(axis, places, band_centres_hz(ERB_BANDS), levels - levels[_STEPS // 2], colours)
        axis.set_title(f"{number + 1} {name}".strip(), fontsize=10, parse_math=False)
        axis.set(xlim=(0.0, 1.0), xticks=[0.0, 0.5, 1.0])
    return figure
