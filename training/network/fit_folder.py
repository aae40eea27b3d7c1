"""Files of a fit folder: written whole or not at all, read without TensorFlow."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from manned import files
from manned.errors import CorpusError, TrainingError
from manned.model.decoder_file import KIND
from manned.model.tensors import named
from manned.model.topology import Layer, Topology
from training.corpus.corpus import Corpus
from training.files import read_json, replacing

Layers = list[tuple[np.ndarray, np.ndarray]]
"""Weight [shape=(inputs, outputs)] and bias [shape=(outputs,)] of each layer."""

SETTINGS, CHECKPOINT, BEST, LOG = "fit.json", "checkpoint.safetensors", "best.safetensors", "log.csv"
EVALUATION, LOCK = "evaluation.json", ".lock"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep other processes out of a fit folder; a `TrainingError` when one is in it, or it cannot be written to."""
    try:
        file = open(folder / LOCK, "a")
    except OSError as error:
        raise TrainingError(f"{files.shown(folder / LOCK)}: cannot be written ({error.strerror})") from None
    with file as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TrainingError(
                f"fit {folder}: another process is training it; wait until it ends, or use another folder"
            ) from None
        yield


def write_tensors(path: Path, tensors: dict[str, np.ndarray], facts: dict[str, Any]) -> None:
    """Store arrays by name and JSON-able facts in one safetensors file; raises `TrainingError`."""
    try:
        with replacing(path) as part:
            safetensors.numpy.save_file(tensors, part, metadata={"manned": json.dumps(facts)})
    except safetensors.SafetensorError as error:
        raise TrainingError(f"{files.shown(path)}: cannot be written ({error})") from None


def read_tensors(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """What `write_tensors` stored; a `TrainingError` when it cannot be read."""
    with _opened(path) as file:
        return {name: file.get_tensor(name) for name in file.keys()}, json.loads(file.metadata()["manned"])


def read_facts(path: Path) -> dict[str, Any]:
    """The facts alone of what `write_tensors` stored; a `TrainingError` when they cannot be read."""
    with _opened(path) as file:
        return json.loads(file.metadata()["manned"])


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            yield file
    except FileNotFoundError:
        raise TrainingError(f"{path}: no such file") from None
    except (safetensors.SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(f"{path}: cannot be read ({error})") from None


def read_settings(folder: str | os.PathLike[str]) -> dict[str, Any]:
    """What ``fit.json`` says; a `TrainingError` when the folder holds no fit."""
    try:
        return read_json(Path(folder) / SETTINGS)
    except FileNotFoundError:
        raise TrainingError(f"fit {folder}: {SETTINGS} is missing, is it the folder of a fit?") from None
    except (OSError, ValueError) as error:
        raise TrainingError(f"fit {folder}: {SETTINGS} cannot be read ({error})") from None


def read_evaluation(folder: Path, step: int, step_of: Callable[[dict[str, Any]], int]) -> dict[str, Any] | None:
    """What was measured of the weights of a step, None when nothing was; ``step_of`` says of which measures are.

    Raises
    ------
    TrainingError
        When it cannot be read.
    """
    path = folder / EVALUATION
    try:
        measures = read_json(path)
        return measures if step_of(measures) == step else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(f"{path}: cannot be read ({error!r}), run manned-train evaluate again") from None


def stored(folder: Path, weights: Layers, dtype: type[np.floating]) -> Layers:
    """Weights of a fit as they come back from a file of this dtype; a `TrainingError` when they do not fit it."""
    with np.errstate(over="ignore"):
        back = [
            (weight.astype(dtype).astype(np.float32), bias.astype(dtype).astype(np.float32)) for weight, bias in weights
        ]
    if not all(np.isfinite(part).all() for pair in back for part in pair):
        raise TrainingError(
            f"fit {files.shown(folder)}: its weights are too large for {np.dtype(dtype).name}, use float32"
        )
    return back


class Fitted:
    """A fit folder opened for reading: its settings and its best weights.

    Attributes
    ----------
    folder : Path
    settings : dict
        What ``fit.json`` says.
    topology : Topology
    encoder, decoder : Layers
        Best by validation.
    log_variance : (weight, bias) or None
        Layer beside the last of the encoder, of a β-VAE.
    facts : dict
        When these weights were reached: step, epoch, validation_mse.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self.settings = read_settings(self.folder)
        kind = self.settings.get("kind", KIND)
        if kind != KIND:
            raise TrainingError(f"fit {files.shown(folder)}: is of the kind {kind!r}, allowed here is {KIND!r}")
        try:
            self.topology = Topology.from_dict(self.settings["topology"])
        except (KeyError, TypeError):
            raise TrainingError(f"fit {folder}: {SETTINGS} says nothing of its topology") from None
        tensors, self.facts = read_tensors(self.folder / BEST)
        self.encoder = pairs(tensors, "encoder", self.topology.encoder_layers())
        self.decoder = pairs(tensors, "decoder", self.topology.decoder_layers())
        variational = "log_variance.weight" in tensors
        self.log_variance = (tensors["log_variance.weight"], tensors["log_variance.bias"]) if variational else None

    def tensors(self) -> dict[str, np.ndarray]:
        """The weights by their names in the file."""
        weights = {**named("encoder", self.encoder), **named("decoder", self.decoder)}
        if self.log_variance:
            weights["log_variance.weight"], weights["log_variance.bias"] = self.log_variance
        return weights

    def open_corpus(self) -> Corpus:
        """The corpus that it was trained on; a `CorpusError` when it is gone or another has taken its place."""
        corpus = Corpus(self.settings["corpus"])
        if not self.trained_on(corpus):
            raise CorpusError(
                f"corpus {files.shown(corpus.folder)}: is not the one that fit {files.shown(self.folder)} "
                "was trained on"
            )
        return corpus

    def trained_on(self, corpus: Corpus) -> bool:
        """Whether a corpus is the one that it was trained on."""
        return corpus.info["digest"] == self.settings["corpus_digest"]


def pairs(tensors: dict[str, np.ndarray], part: str, layers: Sequence[Layer]) -> Layers:
    """Weight and bias of each layer of a part, ``encoder`` or ``decoder``, of weights by name."""
    return [(tensors[f"{part}.{k}.weight"], tensors[f"{part}.{k}.bias"]) for k in range(len(layers))]
