"""A picture of a decoder's chart: where which sounds lie on the square that ``/xy`` goes about."""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from manned.files import shown
from manned.model.harmonic.chart import Chart
from manned.model.harmonic.decoder_file import HarmonicDecoder
from manned.model.harmonic.scale import erb_frequency, erb_number
from manned.model.pitch import note_to_hz
from training.network.harmonic.axes import qualities

from .panels import C4, LOWEST_DB, hertz_text
from .rivals import sounded

_COLUMNS, _ROWS = 3, 5  # of names: they are wider than high
_LONGEST = 22
_BAR = 0.82  # length of a colour bar beside its map
_BRIGHTNESS_HZ = (150, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 4000, 6000, 8000, 12000)


class Landmark(NamedTuple):
    """A training patch and its place on the chart, 0..1 each way."""

    name: str
    x: float
    y: float


def chart_figure(decoder: HarmonicDecoder, chart: Chart) -> Figure:
    """The chart of a decoder: how bright and how noisy each point is at C4, and how many training sounds lie there."""
    rows, columns, latents = chart.points.shape
    frames = sounded(decoder, chart.points.reshape(-1, latents), np.full(rows * columns, note_to_hz(C4)))
    heard = {name: values.reshape(rows, columns) for name, values in qualities(frames).items()}
    centres = heard["brightness"] + erb_number(note_to_hz(C4))
    figure = Figure(figsize=(11.6, 6.9), layout="constrained")
    axes = figure.subplot_mosaic([["bright", "noise"], ["bright", "counts"]], width_ratios=[2.3, 1.0])
    ticks = [erb_number(hz) for hz in _BRIGHTNESS_HZ if centres.min() <= erb_number(hz) <= centres.max()]
    image = _map(axes["bright"], centres, "How bright: the middle of the spectrum at C4, and where patches lie")
    bar = figure.colorbar(image, ax=axes["bright"], label="Hz", ticks=ticks, shrink=_BAR)
    bar.ax.set_yticklabels([hertz_text(round(float(erb_frequency(tick)))) for tick in ticks])
    image = _map(
        axes["noise"], np.clip(heard["noise"], LOWEST_DB, 0.0), "How noisy: all noise at C4", vmin=LOWEST_DB, vmax=0.0
    )
    figure.colorbar(image, ax=axes["noise"], label="dB under the whole sound", shrink=_BAR)
    image = _map(
        axes["counts"], np.where(chart.counts > 0, chart.counts, np.nan), "How full: training sounds (white: none)",
        norm=PowerNorm(0.5, vmin=0.0),
    )  # fmt: skip
    figure.colorbar(image, ax=axes["counts"], label="frames", shrink=_BAR)
    for landmark in landmarks(decoder, _COLUMNS, _ROWS):
        _write(axes["bright"], landmark)
    return figure


def landmarks(decoder: HarmonicDecoder, columns: int, rows: int) -> list[Landmark]:
    """Training patches spread over the chart, from its upper left: of each field of a grid the one nearest its middle.

    Fields without a patch are left out.
    """
    places = [Landmark(short_name(name), x, y) for name, x, y in decoder.info["places"]]
    found: dict[str, Landmark] = {}
    for row in reversed(range(rows)):
        for column in range(columns):
            x, y = (column + 0.5) / columns, (row + 0.5) / rows
            inside = [
                place
                for place in places
                if abs(place.x - x) <= 0.5 / columns and abs(place.y - y) <= 0.5 / rows and place.name not in found
            ]
            if inside:
                nearest = min(inside, key=lambda place: math.hypot(place.x - x, place.y - y))
                found[nearest.name] = nearest
    return list(found.values())


def short_name(patch: str) -> str:
    """A patch for people: ``fluidr3/073 Flute`` is ``Flute``."""
    name = re.sub(r"^\d+\s+(?=\S)", "", patch.rpartition("/")[2]).strip(" _") or patch
    name = "".join(each if each.isprintable() else " " for each in shown(name))
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1].rstrip() + "…"


def _map(axis: Axes, values: np.ndarray, title: str, **colours: Any) -> Any:
    rows, columns = values.shape
    # Each point is the middle of its square.
    half_x, half_y = 0.5 / (columns - 1), 0.5 / (rows - 1)
    image = axis.imshow(
        values, origin="lower", extent=(-half_x, 1 + half_x, -half_y, 1 + half_y), interpolation="nearest", **colours
    )
    axis.set_title(title, fontsize=10)
    axis.set(xlabel="x of /xy", ylabel="y of /xy", xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
    return image


def _write(axis: Axes, landmark: Landmark) -> None:
    axis.plot(landmark.x, landmark.y, "o", color="white", markersize=5, markeredgecolor="black")
    side = "left" if landmark.x < 0.15 else "right" if landmark.x > 0.85 else "center"
    axis.annotate(
        landmark.name, (landmark.x, landmark.y), (0, 6), textcoords="offset points", ha=side, va="bottom", fontsize=9,
        parse_math=False, bbox={"boxstyle": "round,pad=0.2", "facecolor": "white", "alpha": 0.8, "linewidth": 0},
    )  # fmt: skip
