"""From a fit to the decoder file that the instrument plays, and the encoder file beside it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from manned import files
from manned.errors import TrainingError
from manned.model.decoder_file import Decoder, save_decoder
from manned.model.encoder_file import Encoder, encoder_path, save_encoder
from manned.model.forward import forward
from training.corpus.corpus import Corpus
from training.corpus.split import SETS
from training.measure.embedding import embedding, latent_range
from training.measure.landmarks import timbre_map
from training.network.fit_folder import Fitted, Layers, read_evaluation, stored

_ROUNDING_POINTS = 1000


def export(
    fitted: Fitted,
    corpus: Corpus,
    path: str | os.PathLike[str],
    name: str,
    licence: str = "",
    dtype: type[np.floating] = np.float16,
    reach: str = "all",
) -> Decoder:
    """Write the decoder of a fit with all that is known about it.

    Parameters
    ----------
    fitted : Fitted
    corpus : Corpus
        The one it was trained on.
    path : path
    name : str
        What the decoder is called in the instrument.
    licence : str
        Licence of the decoder, for those who are given it.
    dtype : np.float16 or np.float32
    reach : {'all', 'trained'}
        What the faders reach: all that the bottleneck can give, or for each
        latent the part where 98 % of the training frames lie.  The two are
        the same for LeakyReLU, which has no bounds of its own.

    Returns
    -------
    Decoder
        As written; its ``info`` holds ``corpus``, ``licence``, ``training`` (and of the fit that it began with),
        ``test`` (None when these weights were never evaluated), percentiles of
        the training ``embedding`` and ``rounding``: how far the stored weights move the output.
        Its ``timbres`` are the map of that embedding.

    Raises
    ------
    TrainingError
        When the corpus is not the one of the fit, or the weights do not fit the dtype.
    """
    if not fitted.trained_on(corpus):
        raise TrainingError(
            f"corpus {files.shown(corpus.folder)}: is not the one that fit {files.shown(fitted.folder)} was trained on"
        )
    topology = fitted.topology
    weights = stored(fitted.folder, fitted.decoder, dtype)
    training_latents = embedding(fitted, corpus)
    percentiles = np.percentile(training_latents, [1, 50, 99], axis=0)
    span = percentiles[[0, 2]].T if reach == "trained" else latent_range(fitted, training_latents)
    octaves = corpus.octaves[corpus.rows("train", topology.octaves)]
    info = {
        "corpus": _corpus_facts(corpus),
        "licence": licence,
        "training": {"recipe": fitted.settings["recipe"], "best": fitted.facts, "start": fitted.settings.get("start")},
        "test": read_evaluation(fitted.folder, fitted.facts["step"], lambda measures: measures["step"]),
        "embedding": dict(zip(("p1", "p50", "p99"), percentiles.tolist())),
        "rounding": _rounding(fitted, weights, span, dtype),
    }
    decoder = Decoder(
        name=name,
        topology=topology,
        weights=weights,
        latent_range=span,
        octave=int(np.bincount(octaves.astype(np.int64)).argmax()),
        info=info,
        timbres=timbre_map(training_latents, np.asarray(span, dtype=np.float32)),
    )
    save_decoder(decoder, path, dtype)
    return decoder


def export_encoder(
    fitted: Fitted, decoder: Decoder, decoder_path: str | os.PathLike[str], dtype: type[np.floating] = np.float16
) -> Path:
    """Write the encoder of a fit beside its decoder, for `manned encode`.

    Parameters
    ----------
    fitted : Fitted
    decoder : Decoder
        As `export` wrote it, to ``decoder_path``.
    dtype : np.float16 or np.float32

    Returns
    -------
    Path
        The file that was written.
    """
    weights = stored(fitted.folder, fitted.encoder, dtype)
    return save_encoder(Encoder(fitted.topology, weights, decoder.digest()), encoder_path(decoder_path), dtype)


def _corpus_facts(corpus: Corpus) -> dict:
    sets = {name: {"clips": 0, "frames": int(len(corpus.rows(name)))} for name in SETS}
    for clip in corpus.info["clips"]:
        sets[clip["set"]]["clips"] += 1
    return {
        "sources": [Path(source).name for source in corpus.info["sources"]],
        "origins": corpus.info["origins"],
        "labels": corpus.info["labels"],
        "digest": corpus.info["digest"],
        "sets": sets,
    }


def _rounding(fitted: Fitted, rounded_weights: Layers, span: np.ndarray, dtype: type[np.floating]) -> dict[str, Any]:
    """Difference between the outputs of the trained and the stored weights at random points."""
    topology = fitted.topology
    rng = np.random.default_rng(0)
    inputs = rng.uniform(span[:, 0], span[:, 1], (_ROUNDING_POINTS, topology.bottleneck)).astype(np.float32)
    if topology.skip:
        classes = np.eye(12, dtype=np.float32)[rng.integers(0, 12, _ROUNDING_POINTS)]
        octaves = np.eye(len(topology.octaves), dtype=np.float32)
        chosen = octaves[rng.integers(0, max(len(octaves), 1), _ROUNDING_POINTS)] if len(octaves) else inputs[:, :0]
        inputs = np.concatenate([inputs, classes, chosen], axis=1)
    exact, rounded = (
        forward(topology.decoder_layers(), weights, topology.alpha, inputs)
        for weights in (fitted.decoder, rounded_weights)
    )
    difference = rounded - exact
    return {
        "dtype": np.dtype(dtype).name,
        "largest": float(np.abs(difference).max()),
        "mean_squared": float(np.mean(np.square(difference))),
    }
