"""The paper's figures 2–5 from any fit, and what else is worth a look: losses, confusions, reconstructions.

Pitch classes take twelve steps of viridis, C dark blue, F teal, B yellow, as in
the paper: perceptually even, and darker to lighter in grey too.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, MultipleLocator, PercentFormatter

from manned.errors import TrainingError
from manned.limits import CLASSES
from manned.model.pitch import CLASS_NAMES

from .coding import decode, encode
from .corpus import Corpus
from .embedding import embedding, latent_range
from .evaluate import reconstruction
from .mesh import PAPER_LENGTHS, default_length, hear_mesh, sample_mesh
from .store import LOG, Fitted, make_folder, write_whole

FORMATS = ("svg", "png")
_CLASS_COLOURS = ListedColormap(matplotlib.colormaps["viridis"](np.linspace(0, 1, CLASSES)), under="white")
_CLASS_NORM = BoundaryNorm(np.arange(-0.5, CLASSES), CLASSES)
_POINTS_DRAWN = 20_000
_MOST_LATENTS = 8
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.9, 0.99)
_FLOOR_DB = -70.0


def draw(fits: list[Fitted], folder, kind: str = "svg", length: int | None = None) -> Iterator[Path]:
    """Draw all that can be drawn of some fits, on the corpora they were trained on.

    Parameters
    ----------
    fits : list of Fitted
    folder : path
    kind : {'svg', 'png'}
    length : int, optional
        Points along each latent of the mesh; by default 350 for the map of two
        latents, and about ten thousand points in all otherwise.

    Yields
    ------
    Path
        Of each picture, when it is written.
    """
    folder = Path(folder)
    names = _names(fits)
    corpora = [Corpus.of(fitted) for fitted in fits]
    yield save(losses_figure(list(zip(names, fits))), folder / f"losses.{kind}")
    flat = [panel for panel in zip(names, fits, corpora) if panel[1].topology.bottleneck == 2]
    if flat:
        yield save(embeddings_figure(flat), folder / f"embeddings.{kind}")
    for name, fitted, corpus in zip(names, fits, corpora):
        topology = fitted.topology
        if topology.bottleneck > 2:
            yield save(pairs_figure(fitted, corpus), folder / f"embedding-{name}.{kind}")
        if topology.skip and topology.bottleneck == 2:
            yield save(mesh_figure(fitted, corpus, length or PAPER_LENGTHS[2]), folder / f"mesh-{name}.{kind}")
        if topology.skip and (points := length or default_length(topology.bottleneck)) > 1:
            span = latent_range(fitted, embedding(fitted, corpus))
            heard = sample_mesh(fitted, points, *span.T)
            yield save(confusion_figure(heard), folder / f"confusion-{name}.{kind}")
        yield save(reconstructions_figure(fitted, corpus), folder / f"reconstructions-{name}.{kind}")


def save(figure: Figure, path) -> Path:
    """Write a figure as the suffix of ``path`` says, the same bytes for the same figure."""
    path = Path(path)
    kind = path.suffix[1:]
    if kind not in FORMATS:
        raise TrainingError(f"{path}: a figure is written as {' or '.join(FORMATS)}, found {kind!r}")
    make_folder(path.parent)
    with matplotlib.rc_context({"svg.hashsalt": "manned"}):
        metadata = {"Date": None} if kind == "svg" else {"Software": None}
        write_whole(path, lambda part: figure.savefig(part, format=kind, dpi=160, metadata=metadata))
    return path


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
    figure = Figure(figsize=(9.6, 6.9), layout="constrained")
    axes = figure.subplots(3, 4, sharex=True, sharey=True)
    for pitch_class, axis in enumerate(axes.ravel()):
        heard, *_ = hear_mesh(fitted, length, *span.T, pitch_class, octave)
        axis.imshow(
            heard.reshape(length, length).T, origin="lower", extent=span.ravel().tolist(), aspect="auto",
            cmap=_CLASS_COLOURS, norm=_CLASS_NORM, interpolation="nearest",
        )  # fmt: skip
        axis.set_title(f"{CLASS_NAMES[pitch_class]} asked for: {np.mean(heard == pitch_class):.1%} match", fontsize=9)
        axis.set_box_aspect(1)
    for axis in axes[-1]:
        axis.set_xlabel("latent 1")
    for axis in axes[:, 0]:
        axis.set_ylabel("latent 2")
    where = "" if octave is None else f" in octave {octave}"
    _class_bar(figure, axes.ravel().tolist(), f"pitch class heard{where} (white: silence)")
    return figure


def confusion_figure(mesh: dict) -> Figure:
    """Class asked for against class heard, in a space of any number of latents.

    Parameters
    ----------
    mesh : dict
        From `training.mesh.sample_mesh`.
    """
    heard = np.array(mesh["heard"])
    figure = Figure(figsize=(7.4, 6.2), layout="constrained")
    axis = figure.subplots()
    image = axis.imshow(heard, cmap="viridis", vmin=0.0, vmax=1.0)
    for (asked, sounded), share in np.ndenumerate(heard):
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


def losses_figure(fits: list[tuple[str, Fitted]]) -> Figure:
    """The logs of fits with their labels: errors, and what else the objective weighed."""
    logs = [(label, fitted, _log(fitted)) for label, fitted in fits]
    titles = {
        "inconsistency": "chroma inconsistency",
        "inharmonicity": "inharmonicity",
        "divergence": "divergence in nats",
    }
    extras = [
        (column, title)
        for column, title in titles.items()
        if any(log.get(column, np.zeros(1)).any() for _, _, log in logs)
    ]
    heights = [3.0] + [1.6] * len(extras)
    figure = Figure(figsize=(7.5, 0.6 + sum(heights)), layout="constrained")
    axes = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights).ravel()
    colours = matplotlib.colormaps["viridis"](np.linspace(0.0, 0.8, len(logs)))
    for (label, fitted, log), colour in zip(logs, colours):
        epochs, best = log["epoch"], log["epoch"] == fitted.facts["epoch"]
        axes[0].plot(epochs, log["train_mse"], color=colour, linestyle=":", linewidth=1.2, label=f"{label}, training")
        axes[0].plot(epochs, log["validation_mse"], color=colour, linewidth=1.6, label=f"{label}, validation")
        axes[0].plot(epochs[best], log["validation_mse"][best], "o", color=colour, markersize=5)
        for axis, (column, _) in zip(axes[1:], extras):
            if column in log and log[column].any():
                axis.plot(epochs, log[column], color=colour, linewidth=1.2)
    axes[0].set(yscale="log", ylabel="mean squared error", title="dot: the weights that were kept")
    axes[0].grid(True, which="both", color="0.9")
    axes[0].legend(fontsize=8, frameon=False)
    for axis, (_, title) in zip(axes[1:], extras):
        axis.set_ylabel(title)
        axis.grid(True, color="0.9")
    axes[-1].set_xlabel("epoch")
    axes[-1].xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def reconstructions_figure(fitted: Fitted, corpus: Corpus) -> Figure:
    """Six test frames and what came back, from one of the best to one of the worst."""
    topology = fitted.topology
    rows = corpus.rows("test", topology.octaves)
    if not len(rows):
        raise TrainingError(f"corpus {corpus.folder}: its test set holds no frame of this network's octaves")
    errors = reconstruction(fitted, corpus, "test")[2]
    order = np.argsort(errors)
    chosen = rows[order[np.round(np.array(_QUANTILES) * (len(rows) - 1)).astype(int)]]
    frames, conditions = corpus.batch(chosen, topology.octaves)
    frames = frames.astype(np.float32)
    decoded = decode(fitted, encode(fitted, frames, conditions), conditions)
    khz = np.arange(topology.bins) * topology.samplerate / topology.n_fft / 1000.0
    figure = Figure(figsize=(9.6, 6.6), layout="constrained")
    axes = figure.subplots(3, 2, sharex=True, sharey=True)
    for axis, row, quantile, heard, back in zip(axes.ravel(), chosen, _QUANTILES, frames, decoded):
        axis.fill_between(khz, _FLOOR_DB, _decibels(heard), color="0.75", linewidth=0, label="input")
        axis.plot(khz, _decibels(back), color=_CLASS_COLOURS(1), linewidth=0.8, label="output")
        note = f"{CLASS_NAMES[corpus.classes[row]]}{corpus.octaves[row]}"
        error = np.mean(np.square(back - heard))
        axis.set_title(f"{note}, error {error:.1e} (better than {1 - quantile:.0%} of frames)", fontsize=10)
        axis.xaxis.set_major_locator(MultipleLocator(2))
        axis.set(xlim=(0, 10), ylim=(_FLOOR_DB, 5))
        axis.grid(True, color="0.9")
        axis.set_axisbelow(True)
    axes[0, 0].legend(fontsize=8, frameon=False, loc="upper right")
    for axis in axes[-1]:
        axis.set_xlabel("frequency in kHz")
    for axis in axes[:, 0]:
        axis.set_ylabel("level in dB")
    return figure


def _names(fits: list[Fitted]) -> list[str]:
    """The folder of each fit, with as many of its parents as tell it from the others."""
    folders = [fitted.folder.resolve().parts[1:] for fitted in fits]
    for depth in range(1, max(map(len, folders)) + 1):
        names = ["-".join(folder[-depth:]) for folder in folders]
        if len(set(names)) == len(set(folders)):
            break
    return names


def _embedded(fitted: Fitted, corpus: Corpus) -> tuple[np.ndarray, np.ndarray]:
    """Latents and pitch classes of the training frames to draw, in random order so that no class covers another."""
    classes = corpus.classes[corpus.rows("train", fitted.topology.octaves)]
    some = np.random.default_rng(0).permutation(len(classes))[:_POINTS_DRAWN]
    return embedding(fitted, corpus)[some], classes[some]


def _scatter(axis, fitted: Fitted, latents: np.ndarray, classes: np.ndarray, pair: tuple[int, int]):
    area = float(np.clip(20_000 / len(latents), 1.5, 20.0))
    axis.scatter(
        *latents[:, pair].T, c=classes, s=area, cmap=_CLASS_COLOURS, norm=_CLASS_NORM, linewidths=0, rasterized=True
    )
    if fitted.topology.bottleneck_activation == "sigmoid":
        axis.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))


def _class_bar(figure: Figure, axes, label: str):
    colours = matplotlib.cm.ScalarMappable(norm=_CLASS_NORM, cmap=_CLASS_COLOURS)
    bar = figure.colorbar(colours, ax=axes, label=label, ticks=range(CLASSES), aspect=40)
    bar.set_ticklabels(CLASS_NAMES)
    bar.ax.tick_params(length=0)


def _decibels(frames: np.ndarray) -> np.ndarray:
    return 20.0 * np.log10(np.maximum(frames, 10.0 ** (_FLOOR_DB / 20.0)))


def _log(fitted: Fitted) -> dict[str, np.ndarray]:
    """The columns of a fit's log by name."""
    path = fitted.folder / LOG
    try:
        with open(path, newline="", encoding="utf-8") as text:
            rows = list(csv.DictReader(text))
        return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    except (OSError, ValueError, TypeError, IndexError) as error:
        raise TrainingError(f"{path}: cannot be read ({error})") from None
