"""A picture of how alike timbres stay from key to key."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from manned.limits import CLASSES
from manned.model.harmonic.analysis import Frames
from manned.model.harmonic.chart import Chart
from manned.model.harmonic.decoder_file import HarmonicDecoder
from manned.model.harmonic.scale import NYQUIST_HZ, erb_frequency, erb_number, harmonic_frequencies
from manned.model.pitch import class_and_octave, note_name, note_to_hz

from .chart_figure import landmarks
from .panels import LOWEST_DB, colour_bar, panels, strip
from .rivals import drawn, sounded
from .space import colour_change_db

_C2, _C7 = 36, 96
_COLUMNS, _ROWS = 3, 2  # of the fields of the chart that a point is taken from
_HEIGHTS = 240  # of the picture


def evenness_figure(decoder: HarmonicDecoder, chart: Chart) -> Figure:
    """The envelope of the harmonics of some points of the chart at each key from C2 to C7."""
    notes = range(_C2, _C7 + 1)
    keys, f0_hz = np.array(notes), np.array([note_to_hz(note) for note in notes])
    heights_hz = erb_frequency(np.linspace(0.0, erb_number(NYQUIST_HZ), _HEIGHTS))
    points = landmarks(decoder, _COLUMNS, _ROWS)
    title = "Points of the chart from key to key: levels of harmonics, and how much one changes to the next key"
    figure, axes = panels(len(points), _COLUMNS, (3.4, 2.7), title, "key", "frequency in Hz")
    colours = colour_bar(figure, axes, "dB under the loudest harmonic", LOWEST_DB, 0.0, "viridis")
    for axis, point in zip(axes, points):
        frames = sounded(decoder, np.tile(chart.controls(point.x, point.y), (len(keys), 1)), f0_hz)
        strip(axis, keys, heights_hz, _envelopes(frames, heights_hz), colours)
        axis.set_title(f"near {point.name}: {_change_db(frames):.1f} dB a key", fontsize=10, parse_math=False)
        axis.set_xticks(notes[::CLASSES], [note_name(*class_and_octave(note)) for note in notes[::CLASSES]])
    return figure


def _envelopes(frames: Frames, heights_hz: np.ndarray) -> np.ndarray:
    """Levels at frequencies [shape=(n, heights)], dB under the loudest harmonic, straight between harmonics.

    NaN below the first and above the last.
    """
    places = harmonic_frequencies(frames.f0_hz, frames.inharmonicity, frames.harmonics_db.shape[1])
    return np.stack([
        np.interp(heights_hz, place, levels - levels.max(), left=np.nan, right=np.nan)
        for place, levels in zip(places, frames.harmonics_db)
    ])  # fmt: skip


def _change_db(frames: Frames) -> float:
    """Mean change of a harmonic from each key to the next, see `space.colour_change_db`."""
    spectra, f0_hz = drawn(frames), frames.f0_hz
    pairs = zip(spectra[:-1, None], f0_hz[:-1], spectra[1:, None], f0_hz[1:])
    return float(np.mean([colour_change_db(*pair) for pair in pairs]))
