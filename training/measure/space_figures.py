"""Figures of the latent space: where training sounds lie in it, and what it sounds like (the paper's figures 2–5).

Pitch classes take twelve steps of viridis, C dark blue, F teal, B yellow, as in
the paper: perceptually even, and darker to lighter in grey too.
"""

from __future__ import annotations

import math
from typing import Any

import matplotlib
import matplotlib.cm
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from manned.errors import TrainingError
from manned.limits import CLASSES
from manned.model.pitch import CLASS_NAMES
from training.corpus.corpus import Corpus
from training.measure.embedding import embedding, latent_range
from training.measure.mesh import PAPER_LENGTHS, analyse_mesh
from training.network.fit_folder import Fitted

CLASS_COLOURS = ListedColormap(matplotlib.colormaps["viridis"](np.linspace(0, 1, CLASSES)), under="white")
_CLASS_NORM = BoundaryNorm(np.arange(-0.5, CLASSES), CLASSES)
_POINTS_DRAWN = 20_000
_MOST_LATENTS = 8


def embeddings_figure(panels: list[tuple[str, Fitted, Corpus]]) -> Figure:
    """Training sets in spaces of two latents, a panel each with its title, two in a row (figures 2 and 3)."""
    for _, fitted, _ in panels:
        if fitted.topology.bottleneck != 2:
            raise TrainingError(f"fit {fitted.folder}: has {fitted.topology.bottleneck} latents, a panel shows 2")
    columns = min(2, len(panels))
    rows = math.ceil(len(panels) / columns)
    figure = Figure(figsize=(0.9 + 4.1 * columns, 0.3 + 4.0 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis, (title, fitted, corpus) in zip(axes, panels):
        axis.set_title(title)
        _scatter(axis, fitted, *_embedded(fitted, corpus), (0, 1))
        axis.set(xlabel="latent 1", ylabel="latent 2")
        axis.set_box_aspect(1)
    for axis in axes[len(panels) :]:
        axis.remove()
    _class_bar(figure, list(axes[: len(panels)]), "pitch class of the frame")
    return figure


def pairs_figure(fitted: Fitted, corpus: Corpus) -> Figure:
    """The training set in every pair of latents, of the first eight, below the diagonal."""
    latents, classes = _embedded(fitted, corpus)
    count = min(latents.shape[1], _MOST_LATENTS)
    if count < 2:
        raise TrainingError(f"fit {fitted.folder}: has one latent, a pair needs two")
    size = max(1.3, 6.0 / (count - 1))
    figure = Figure(figsize=(0.9 + size * (count - 1), 0.2 + size * (count - 1)), layout="constrained")
    axes = figure.subplots(count - 1, count - 1, squeeze=False, sharex="col", sharey="row")
    drawn = []
    for (row, column), axis in np.ndenumerate(axes):
        if column > row:
            axis.remove()
            continue
        _scatter(axis, fitted, latents, classes, (column, row + 1))
        axis.set_box_aspect(1)
        drawn.append(axis)
        if row == count - 2:
            axis.set_xlabel(f"latent {column + 1}")
        if column == 0:
            axis.set_ylabel(f"latent {row + 2}")
    _class_bar(figure, drawn, "pitch class of the frame")
    return figure


def mesh_figure(fitted: Fitted, corpus: Corpus, length: int = PAPER_LENGTHS[2], octave: int | None = None) -> Figure:
    """What every point of a space of two latents sounds when each class is asked for (figures 4 and 5).

    Parameters
    ----------
    fitted : Fitted
        With a skip and two latents.
    corpus : Corpus
        It bounds the space of an unbounded bottleneck.
    length : int
        Points along each latent.
    octave : int, optional
        Which to ask a network with octaves for; by default the middle one.
    """
    topology = fitted.topology
    if topology.bottleneck != 2:
        raise TrainingError(f"fit {fitted.folder}: has {topology.bottleneck} latents, a map shows 2")
    if topology.octaves and octave is None:
        octave = topology.octaves[len(topology.octaves) // 2]
    span = latent_range(fitted, embedding(fitted, corpus))
    low, high = span.T
    figure = Figure(figsize=(9.6, 6.9), layout="constrained")
    axes = figure.subplots(3, 4, sharex=True, sharey=True)
    for pitch_class, axis in enumerate(axes.ravel()):
        sounded, *_ = analyse_mesh(fitted, length, low, high, pitch_class, octave)
        axis.imshow(
            sounded.reshape(length, length).T, origin="lower", extent=span.ravel().tolist(), aspect="auto",
            cmap=CLASS_COLOURS, norm=_CLASS_NORM, interpolation="nearest",
        )  # fmt: skip
        axis.set_title(f"{CLASS_NAMES[pitch_class]} asked for: {np.mean(sounded == pitch_class):.1%} match", fontsize=9)
        axis.set_box_aspect(1)
    for axis in axes[-1]:
        axis.set_xlabel("latent 1")
    for axis in axes[:, 0]:
        axis.set_ylabel("latent 2")
    where = "" if octave is None else f" in octave {octave}"
    _class_bar(figure, axes.ravel().tolist(), f"pitch class heard{where} (white: silence)")
    return figure


def confusion_figure(mesh: dict[str, Any]) -> Figure:
    """Class asked for against class heard, in a space of any number of latents.

    Parameters
    ----------
    mesh : dict
        From `training.measure.mesh.sample_mesh`.
    """
    shares = np.array(mesh["heard"])
    figure = Figure(figsize=(7.4, 6.2), layout="constrained")
    axis = figure.subplots()
    image = axis.imshow(shares, cmap="viridis", vmin=0.0, vmax=1.0)
    for (asked, sounded), share in np.ndenumerate(shares):
        if share >= 0.005:
            axis.text(
                sounded, asked, f"{100 * share:.3g}", ha="center", va="center", fontsize=8,
                color="black" if share > 0.6 else "white",
            )  # fmt: skip
    axis.set_xticks(range(CLASSES), CLASS_NAMES)
    axis.set_yticks(range(CLASSES), CLASS_NAMES)
    axis.set(xlabel="pitch class heard", ylabel="pitch class asked for")
    axis.set_title(f"{mesh['match']:.1%} of the mesh sounds the class asked for")
    figure.colorbar(image, label="share of the mesh", format=PercentFormatter(1.0))
    return figure


def _embedded(fitted: Fitted, corpus: Corpus) -> tuple[np.ndarray, np.ndarray]:
    """Latents and pitch classes of the training frames to draw, in random order so that no class covers another."""
    classes = corpus.classes[corpus.rows("train", fitted.topology.octaves)]
    some = np.random.default_rng(0).permutation(len(classes))[:_POINTS_DRAWN]
    return embedding(fitted, corpus)[some], classes[some]


def _scatter(axis: Axes, fitted: Fitted, latents: np.ndarray, classes: np.ndarray, pair: tuple[int, int]) -> None:
    area = float(np.clip(20_000 / len(latents), 1.5, 20.0))
    axis.scatter(
        *latents[:, pair].T, c=classes, s=area, cmap=CLASS_COLOURS, norm=_CLASS_NORM, linewidths=0, rasterized=True
    )
    if fitted.topology.bottleneck_activation == "sigmoid":
        axis.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))


def _class_bar(figure: Figure, axes: list[Axes], label: str) -> None:
    colours = matplotlib.cm.ScalarMappable(norm=_CLASS_NORM, cmap=CLASS_COLOURS)
    bar = figure.colorbar(colours, ax=axes, label=label, ticks=range(CLASSES), aspect=40)
    bar.set_ticklabels(CLASS_NAMES)
    bar.ax.tick_params(length=0)
