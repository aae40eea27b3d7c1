"""What a fit looks like: its losses, its space of timbres and its reconstructions, each as a picture."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, MultipleLocator

from manned import files
from manned.errors import TrainingError
from manned.model.pitch import CLASS_NAMES
from training.corpus.corpus import Corpus
from training.measure.coding import decode, encode
from training.measure.embedding import embedding, latent_range
from training.measure.evaluate import reconstruction
from training.measure.mesh import PAPER_LENGTHS, default_length, sample_mesh
from training.measure.picture import names_of, save
from training.measure.space_figures import (
    CLASS_COLOURS,
    confusion_figure,
    embeddings_figure,
    mesh_figure,
    pairs_figure,
)
from training.network.fit_folder import LOG, Fitted

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.9, 0.99)
_FLOOR_DB = -70.0


def draw(
    fits: list[Fitted], folder: str | os.PathLike[str], kind: str = "svg", length: int | None = None
) -> Iterator[Path]:
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
    names = names_of([fitted.folder for fitted in fits])
    corpora = [fitted.open_corpus() for fitted in fits]
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
            mesh = sample_mesh(fitted, points, *span.T)
            yield save(confusion_figure(mesh), folder / f"confusion-{name}.{kind}")
        yield save(reconstructions_figure(fitted, corpus), folder / f"reconstructions-{name}.{kind}")


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
        raise TrainingError(
            f"corpus {files.shown(corpus.folder)}: its test set holds no frame of this network's octaves"
        )
    errors = reconstruction(fitted, corpus, "test")[2]
    order = np.argsort(errors)
    chosen = rows[order[np.round(np.array(_QUANTILES) * (len(rows) - 1)).astype(int)]]
    frames, conditions = corpus.batch(chosen, topology.octaves)
    frames = frames.astype(np.float32)
    decoded = decode(fitted, encode(fitted, frames, conditions), conditions)
    khz = np.arange(topology.bins) * topology.samplerate / topology.n_fft / 1000.0
    figure = Figure(figsize=(9.6, 6.6), layout="constrained")
    axes = figure.subplots(3, 2, sharex=True, sharey=True)
    for axis, row, quantile, frame, back in zip(axes.ravel(), chosen, _QUANTILES, frames, decoded):
        axis.fill_between(khz, _FLOOR_DB, _decibels(frame), color="0.75", linewidth=0, label="input")
        axis.plot(khz, _decibels(back), color=CLASS_COLOURS(1), linewidth=0.8, label="output")
        note = f"{CLASS_NAMES[corpus.classes[row]]}{corpus.octaves[row]}"
        error = np.mean(np.square(back - frame))
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


def _decibels(frames: np.ndarray) -> np.ndarray:
    return 20.0 * np.log10(np.maximum(frames, 10.0 ** (_FLOOR_DB / 20.0)))


def _log(fitted: Fitted) -> dict[str, np.ndarray]:
    """The columns of a fit's log by name."""
    path = fitted.folder / LOG
    try:
        rows = list(csv.DictReader(io.StringIO(files.read_text(path), newline="")))
        return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    except (OSError, ValueError, TypeError, IndexError) as error:
        raise TrainingError(f"{files.shown(path)}: cannot be read ({error})") from None
