"""Files of a fit folder: written whole or not at all, read without TensorFlow."""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy

from manned.errors import TrainingError
from manned.model.topology import Topology

SETTINGS, CHECKPOINT, BEST, LOG = "fit.json", "checkpoint.safetensors", "best.safetensors", "log.csv"
EVALUATION, LOCK = "evaluation.json", ".lock"


def make_folder(folder: Path):
    """Make a folder and those above it; a `TrainingError` when it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrainingError(f"{folder}: cannot be made a folder ({error.strerror})") from None


def write_whole(path: Path, write):
    """Call ``write`` with a temporary path beside ``path``, then move it there; a `TrainingError` when it cannot be."""
    part = path.with_name(f".{path.name}.part")
    try:
        write(part)
        with open(part, "rb") as written:
            os.fsync(written.fileno())  # or a power cut could leave an empty file under the name
        os.replace(part, path)
    except (safetensors.SafetensorError, OSError) as error:
        raise TrainingError(f"{path}: cannot be written ({error})") from None
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def held(folder: Path):
    """Keep other processes out of a fit folder; a `TrainingError` when one is in it, or it cannot be written to."""
    try:
        file = open(folder / LOCK, "a")
    except OSError as error:
        raise TrainingError(f"{folder / LOCK}: cannot be written ({error})") from None
    with file as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TrainingError(
                f"fit {folder}: another process is training it; wait until it ends, or use another folder"
            ) from None
        yield


def write_tensors(path: Path, tensors: dict[str, np.ndarray], facts: dict):
    """Store arrays by name and JSON-able facts in one safetensors file."""
    metadata = {"manned": json.dumps(facts)}
    write_whole(path, lambda part: safetensors.numpy.save_file(tensors, part, metadata=metadata))


def read_tensors(path: Path) -> tuple[dict[str, np.ndarray], dict]:
    """What `write_tensors` stored; a `TrainingError` when it cannot be read."""
    with _opened(path) as file:
        return {name: file.get_tensor(name) for name in file.keys()}, json.loads(file.metadata()["manned"])


def read_facts(path: Path) -> dict:
    """The facts alone of what `write_tensors` stored."""
    with _opened(path) as file:
        return json.loads(file.metadata()["manned"])


@contextmanager
def _opened(path: Path):
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            yield file
    except FileNotFoundError:
        raise TrainingError(f"{path}: no such file") from None
    except (safetensors.SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(f"{path}: cannot be read ({error})") from None


def read_settings(folder: Path) -> dict:
    """What ``fit.json`` says; a `TrainingError` when the folder holds no fit."""
    try:
        return json.loads((Path(folder) / SETTINGS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TrainingError(f"fit {folder}: {SETTINGS} is missing, is it the folder of a fit?") from None
    except (OSError, ValueError) as error:
        raise TrainingError(f"fit {folder}: {SETTINGS} cannot be read ({error})") from None


class Fitted:
    """A fit folder opened for reading: its settings and its best weights.

    Attributes
    ----------
    folder : Path
    settings : dict
        What ``fit.json`` says.
    topology : Topology
    encoder, decoder : list of (weight [shape=(inputs, outputs)], bias [shape=(outputs,)])
        Best by validation.
    log_variance : (weight, bias) or None
        Layer beside the last of the encoder, of a β-VAE.
    facts : dict
        When these weights were reached: step, epoch, validation_mse.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self.settings = read_settings(self.folder)
        try:
            self.topology = Topology.from_dict(self.settings["topology"])
        except (KeyError, TypeError):
            raise TrainingError(f"fit {folder}: {SETTINGS} says nothing of its topology") from None
        tensors, self.facts = read_tensors(self.folder / BEST)
        self.encoder = _pairs(tensors, "encoder", len(self.topology.encoder_layers()))
        self.decoder = _pairs(tensors, "decoder", len(self.topology.decoder_layers()))
        variational = "log_variance.weight" in tensors
        self.log_variance = (tensors["log_variance.weight"], tensors["log_variance.bias"]) if variational else None


def _pairs(tensors, part, layers):
    return [(tensors[f"{part}.{k}.weight"], tensors[f"{part}.{k}.bias"]) for k in range(layers)]
