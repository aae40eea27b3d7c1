"""How the page's pictures look: viridis, dark to light in grey too; lines told apart by their dashes as well."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.colors
import numpy as np
from matplotlib.figure import Figure
from PIL import Image
from scipy.signal import get_window

from training.measure.picture import save as save_vector

from .signals import RATE, decibels

COLOURS = [matplotlib.colors.to_hex(matplotlib.colormaps["viridis"](x)) for x in (0.0, 0.35, 0.6, 0.85)]
DASHES = ("-", "--", "-.", ":")
MARKERS = "osD^v"


def save(figure: Figure, path: Path) -> Path:
    """Write a figure, the same bytes for the same figure; a PNG with viridis and greys alone, a third of the size."""
    if path.suffix == ".svg":
        return save_vector(figure, path)
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=110)
    Image.open(drawn).convert("RGB").quantize(palette=_palette(), dither=Image.Dither.NONE).save(path, optimize=True)
    return path


def _palette() -> Image.Image:
    colours = matplotlib.colormaps["viridis"](np.linspace(0, 1, 224), bytes=True)[:, :3]
    greys = np.repeat(np.linspace(0, 255, 32).astype(np.uint8)[:, None], 3, axis=1)
    image = Image.new("P", (1, 1))
    image.putpalette(np.concatenate([colours, greys]).tobytes())
    return image


def axes_grid(rows: int, columns: int, width: float = 9.6, height: float = 2.4, **more: Any) -> tuple[Figure, Any]:
    """A figure and its axes [shape=(rows, columns)], each row ``height`` inches high."""
    figure = Figure(figsize=(width, 0.3 + height * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, **more)
    for axis in axes.ravel():
        axis.tick_params(labelsize=8)
    return figure, axes


def spectrogram(
    axis: Any, signal: np.ndarray, size: int = 2048, hop: int = 256, top_khz: float = 6.0, span_db: float = 70.0
) -> Any:
    """Draw levels over time and frequency, the loudest at the light end; returns the image for a colour bar."""
    frames = np.lib.stride_tricks.sliding_window_view(signal, size)[::hop]
    levels = decibels(np.abs(np.fft.rfft(frames * get_window("hann", size))) / (size / 4), -160.0)
    bins = round(top_khz * 1000 / RATE * size)
    return axis.imshow(
        levels[:, :bins].T,
        origin="lower",
        aspect="auto",
        cmap="viridis",
        interpolation="nearest",
        vmin=levels.max() - span_db,
        vmax=levels.max(),
        extent=(0, len(signal) / RATE, 0, top_khz),
    )
