"""What a fit is worth: its error on frames it has and has not seen, its embedding, and what its space sounds like.

The mean squared error of every set (Tables I–IV of the paper); where the
training set lies in the latent space (section V-A); the share of points on a
mesh through that space that sound the pitch class asked for (Table V), and how
much of their energy lies on the harmonics of one note of that class, and on how
many of them, because a class can also be hit by noise or by a lone partial; of a β-VAE, which latents have collapsed
(VI).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from manned.errors import TrainingError
from manned.limits import CLASSES
from training.corpus.corpus import Corpus
from training.corpus.split import SETS
from training.measure.coding import chunks, decode, encode, on_every_core
from training.measure.embedding import embedding_statistics, latent_range
from training.measure.mesh import OCTAVES, default_length, harmonic_content, sample_mesh
from training.measure.posterior import posterior
from training.network.fit_folder import Fitted


def evaluate(fitted: Fitted, corpus: Corpus, mesh_length: int | None = None) -> dict[str, Any]:
    """Measure a fit.

    Parameters
    ----------
    fitted : Fitted
    corpus : Corpus
        With a test set.
    mesh_length : int, optional
        Points along each latent (paper: 350, 50 and 5 for 2, 3 and 8 latents);
        by default as many as keep the mesh within ten thousand points, and no mesh
        when that is less than two.

    Returns
    -------
    dict
        ``step`` whose weights these are; for each set of ``train``,
        ``validation`` and ``test`` what `reconstruction` returns, as
        ``test_frames``, ``test_mse``, ``test_mse_per_class``;
        ``test_harmonic_share`` and ``test_partials``, those of the test sounds
        themselves (`training.measure.mesh.harmonic_content`); ``embedding`` of the training set
        (`embedding_statistics`); with a skip ``mesh`` (`sample_mesh`); of a β-VAE
        ``posterior`` (`training.measure.posterior.posterior`).

    Raises
    ------
    TrainingError
        When the test set holds no frame, or the mesh too many points.
    """
    topology = fitted.topology
    measures: dict[str, Any] = {"step": fitted.facts["step"]}
    latents = {}
    for name in SETS:
        of_set, latents[name], _ = reconstruction(fitted, corpus, name)
        measures.update({f"{name}_{key}": value for key, value in of_set.items()})
    if not measures["test_frames"]:
        raise TrainingError(f"corpus {corpus.folder}: its test set holds no frame of this network's octaves")
    held = np.unique(corpus.octaves[corpus.rows("train", topology.octaves)])
    octaves = held if len(held) else OCTAVES
    content = _content_of_corpus(corpus, topology.octaves, octaves)
    measures["test_harmonic_share"], measures["test_partials"] = content
    if measures["train_frames"]:
        measures["embedding"] = embedding_statistics(latents["train"], topology.bottleneck_activation == "sigmoid")
    if fitted.log_variance is not None:
        measures["posterior"] = posterior(fitted, corpus)
    if topology.skip:
        length = mesh_length or default_length(topology.bottleneck)
        if length > 1:
            low, high = latent_range(fitted, latents["train"]).T
            measures["mesh"] = sample_mesh(fitted, length, low, high, octaves)
    return measures


def reconstruction(fitted: Fitted, corpus: Corpus, name: str) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """Mean squared error on a set, overall and for each pitch class.

    Returns
    -------
    dict
        ``frames``, ``mse``, ``mse_per_class``; None where there is no frame.
    latents : np.ndarray [shape=(n, bottleneck)]
    errors : np.ndarray [shape=(n,)]
        Of each frame.
    """
    topology = fitted.topology
    rows = corpus.rows(name, topology.octaves)

    def measure(some: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        frames, conditions = corpus.batch(some, topology.octaves)
        frames = frames.astype(np.float32)
        latents = encode(fitted, frames, conditions)
        squares = np.square(decode(fitted, latents, conditions) - frames)
        return latents, np.asarray(squares.mean(axis=1, dtype=np.float64))

    measured = list(on_every_core(measure, chunks(rows)))
    latents = np.concatenate([np.zeros((0, topology.bottleneck), np.float32), *(part[0] for part in measured)])
    errors = np.concatenate([np.zeros(0), *(part[1] for part in measured)])
    classes = corpus.classes[rows]
    return (
        {
            "frames": len(rows),
            "mse": _mean(errors),
            "mse_per_class": [_mean(errors[classes == pitch_class]) for pitch_class in range(CLASSES)],
        },
        latents,
        errors,
    )


def _content_of_corpus(corpus: Corpus, chosen: tuple[int, ...], octaves: Sequence[int] | np.ndarray) -> list[float]:
    """Means of `harmonic_content` over the test frames, of chosen octaves if any."""
    rows = corpus.rows("test", chosen)

    def measure(some: np.ndarray) -> np.ndarray:
        frames = corpus.frames[some].astype(np.float32)
        content = np.stack(harmonic_content(frames, corpus.classes[some], octaves))
        return np.asarray(content.sum(axis=1, dtype=np.float64))

    total = sum(on_every_core(measure, chunks(rows)), np.zeros(2))
    return (total / len(rows)).tolist()


def _mean(errors: np.ndarray) -> float | None:
    return float(errors.mean()) if len(errors) else None
