"""How different the presets are

Each preset plays middle C at velocity 100 for two seconds, so pitch and loudness tell none
from another.  The distance of two is the mean over time of the RMS difference in dB over 40
ERB bands (floor -70 dB), frame beside frame, each frame's loudest bin taken to 0 dB; frames
in which either is more than 50 dB below its loudest are left out.  So it tells timbre, and
neither level nor decay: two presets that differ in these alone count as near.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import scipy.cluster.hierarchy
import scipy.spatial.distance

from manned.model.harmonic.ear import erb_levels

from ..section import Section
from ..sound.plots import axes_grid, save, spectrogram
from .played import probe, shipped
from .presets import frames

MEAN_DB, NEAREST_DB = 6.0, 2.0
_NOTE, _SECONDS, _HOP = 60, 2.0, 4096
_QUIET_DB = 50.0
_COLUMNS, _ROWS = 6, 8
_NEAR = 12  # pairs on the page


def timbres(sound: np.ndarray) -> np.ndarray:
    """Band levels [shape=(frames, 40)], dB below the frame's loudest bin; NaN in frames that are quiet."""
    found = frames(sound, _HOP)
    loudest = found.max(axis=1, keepdims=True)
    levels = erb_levels(found / np.maximum(loudest, 1e-9))
    levels[(loudest < loudest.max() * 10.0 ** (-_QUIET_DB / 20.0)).ravel()] = np.nan
    return levels


def distances(found: list[np.ndarray]) -> np.ndarray:
    """Distance in dB of each timbre from each other [shape=(n, n)]."""
    stack = np.stack(found)
    apart = np.sqrt(np.mean(np.square(stack[:, None] - stack[None]), axis=-1))
    return np.nanmean(apart, axis=-1)


def measure(pictures: Path) -> Section:
    """Play all presets, and draw them."""
    section = Section()
    presets = shipped()
    played = [probe(preset, _NOTE, held=_SECONDS, seconds=_SECONDS) for preset in presets]
    names = [preset.name for preset in presets]
    apart = distances([timbres(sound) for sound in played])
    pairs = apart[np.triu_indices(len(names), 1)]
    np.fill_diagonal(apart, np.inf)
    section.promise(
        "mean distance of two presets", f"≥ {MEAN_DB:g} dB", f"{pairs.mean():.1f} dB", pairs.mean() >= MEAN_DB
    )
    section.promise(
        "distance of the nearest two", f"≥ {NEAREST_DB:g} dB", f"{pairs.min():.1f} dB", pairs.min() >= NEAREST_DB
    )
    section.text("The nearest presets:")
    places = np.argsort(apart, axis=None)[: 2 * _NEAR : 2]
    section.table(
        ("preset", "preset", "distance"),
        [
            (names[i], names[j], f"{apart[i, j]:.1f} dB")
            for i, j in (np.unravel_index(place, apart.shape) for place in places)
        ],
    )
    section.picture(_map(pictures / "distances.png", apart, names), "Distances in dB, like beside like.")
    for number, first in enumerate(range(0, len(names), _COLUMNS * _ROWS), 1):
        path = pictures / f"spectrograms-{number}.png"
        some = slice(first, first + _COLUMNS * _ROWS)
        section.picture(_spectrograms(path, played[some], names[some]), "Middle C, two seconds, up to 6 kHz.")
    return section


def _map(path: Path, apart: np.ndarray, names: list[str]) -> Path:
    filled = np.where(np.isfinite(apart), apart, 0.0)
    tree = scipy.cluster.hierarchy.linkage(scipy.spatial.distance.squareform(filled, checks=False), "average")
    order = scipy.cluster.hierarchy.leaves_list(tree)
    figure, axes = axes_grid(1, 1, height=9.0)
    axis = axes[0, 0]
    image = axis.imshow(filled[np.ix_(order, order)], cmap="viridis", vmin=0.0, vmax=20.0)
    axis.set_xticks(range(len(names)), [names[place].partition("/")[2] for place in order], rotation=90, fontsize=5)
    axis.set_yticks(range(len(names)), [names[place] for place in order], fontsize=5)
    figure.colorbar(image, ax=axis, label="dB", shrink=0.6)
    return save(figure, path)


def _spectrograms(path: Path, played: list[np.ndarray], names: list[str]) -> Path:
    rows = -(-len(names) // _COLUMNS)
    figure, axes = axes_grid(rows, _COLUMNS, height=1.3)
    for axis in axes.ravel():
        axis.axis("off")
    for axis, sound, name in zip(axes.ravel(), played, names):
        spectrogram(axis, sound.mean(axis=1), hop=1024)
        axis.set_title(name, fontsize=6, pad=2)
    return save(figure, path)
