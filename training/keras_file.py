"""Chains of Dense layers in the files of Keras: ``.h5`` of every age, ``.keras`` since version 3.

A file is read as data: nothing in it is executed, and no Keras is needed.
"""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from manned.errors import ModelError

_SLOPE_BY_NAME = 0.2  # of Keras's activation "leaky_relu"
_ONLY_IN_TRAINING = (
    "InputLayer",
    "Dropout",
    "AlphaDropout",
    "GaussianDropout",
    "GaussianNoise",
    "ActivityRegularization",
)
"""Layers that change nothing when a network is asked."""

_MOST_BYTES = 1 << 30
"""Of what an archive holds, unpacked."""

_READING = (
    OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, RuntimeError, EOFError, zipfile.BadZipFile,
    NotImplementedError, zlib.error,
)  # fmt: skip
"""What goes wrong when a file is not what it should be; `json` and decoding raise a ValueError."""

Tensors = Callable[[str, int], list[np.ndarray]]
"""Weights of a Dense layer, by its name and its number among those of the file."""


@dataclass
class Layer:
    """A Dense layer.

    Attributes
    ----------
    activation : str
    alpha : float or None
        Slope, if that is ``leaky_relu``.
    weights : (np.ndarray [shape=(inputs, outputs)], np.ndarray [shape=(outputs,)])
        float32.
    """

    activation: str
    alpha: float | None
    weights: tuple[np.ndarray, np.ndarray]


def read_chain(path: Path) -> list[Layer]:
    """The Dense layers of a file in order.

    Raises
    ------
    ModelError
        When it cannot be read, or its layers are no such chain.
    """
    if not path.is_file():
        raise ModelError(f"{path}: no such file")
    try:
        with _opened(path) as (config, tensors):
            # The Sequential models of Keras 2.1 and before are bare lists.
            return _layers(path, config if isinstance(config, list) else config["layers"], tensors)
    except _READING as error:
        raise ModelError(f"{path}: cannot be read as a Keras model ({type(error).__name__}: {error})") from None


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Tensors]]:
    """The description of a model, and where its weights are."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            config = json.loads(_unpacked(archive, "config.json"))["config"]
            with h5py.File(io.BytesIO(_unpacked(archive, "model.weights.h5"))) as file:
                yield config, lambda name, number: _of_archive(file, number)
        return
    with h5py.File(path) as file:
        if "model_config" not in file.attrs:
            raise ModelError(f"{path}: holds no layers, save the whole decoder with decoder.save and not its weights")
        config = json.loads(_text(file.attrs["model_config"]))["config"]
        groups: Any = file["model_weights"]
        yield config, lambda name, number: _of_group(groups[name])


def _unpacked(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > _MOST_BYTES:
        raise ValueError(f"{name} is larger than {_MOST_BYTES} bytes")
    return archive.read(name)


def _of_group(group: Any) -> list[np.ndarray]:
    return [np.asarray(group[_text(key)], dtype=np.float32) for key in group.attrs["weight_names"]]


def _of_archive(file: h5py.File, number: int) -> list[np.ndarray]:
    """Weights by their place: an archive calls its layers ``dense``, ``dense_1`` …, whatever they are called."""
    values: Any = file[f"layers/dense{f'_{number}' if number else ''}/vars"]
    return [np.asarray(values[str(place)], dtype=np.float32) for place in range(len(values))]


def _layers(path: Path, described: list[dict[str, Any]], tensors: Tensors) -> list[Layer]:
    layers: list[Layer] = []
    before = None
    for layer in described:
        kind, config = layer["class_name"], layer["config"]
        sources = _sources(layer)
        if sources and sources != [before]:
            raise ModelError(f"{path}: layer {config['name']} takes {', '.join(sources)}, allowed is a chain of layers")
        before = config["name"]
        activation = _activation_of_layer(kind, config)
        if kind == "Dense":
            weights = _checked(path, before, tensors(before, len(layers)))
            layers.append(Layer(*_activation(config["activation"]), weights))
        elif activation is not None and layers and layers[-1].activation == "linear":
            layers[-1].activation, layers[-1].alpha = activation
        elif kind not in _ONLY_IN_TRAINING:
            raise ModelError(
                f"{path}: layer {before} is a {kind}, allowed are Dense layers, each followed by a LeakyReLU"
            )
    return layers


def _activation_of_layer(kind: str, config: dict[str, Any]) -> tuple[str, float | None] | None:
    """What a layer does that is nothing but an activation; None for others."""
    if kind == "LeakyReLU":
        return "leaky_relu", _slope(config)
    if kind == "Activation":
        return _activation(config["activation"])
    if kind == "ReLU" and config.get("max_value") is None and not config.get("threshold"):
        slope = round(float(config.get("negative_slope") or 0.0), 6)
        return ("leaky_relu", slope) if slope else ("relu", None)
    return None


def _sources(layer: dict[str, Any]) -> list[str]:
    """Names of the layers whose output a layer takes."""
    found = []
    for node in layer.get("inbound_nodes", []):
        if isinstance(node, dict):  # Keras 3
            tensors = node["args"][0] if isinstance(node["args"][0], list) else node["args"]
            found += [tensor["config"]["keras_history"][0] for tensor in tensors]
        else:
            found += [source[0] for source in node]
    return found


def _activation(described: Any) -> tuple[str, float | None]:
    """Name of an activation, and its slope if it is a LeakyReLU."""
    if isinstance(described, dict):
        layer = described["class_name"], described["config"]
        if isinstance(layer[1], dict):
            return _activation_of_layer(*layer) or (str(layer[0]), None)
        described = layer[1]
    return str(described), _SLOPE_BY_NAME if described == "leaky_relu" else None


def _checked(path: Path, name: str, tensors: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    if len(tensors) != 2 or tensors[0].ndim != 2 or tensors[1].shape != tensors[0].shape[1:]:
        shapes = ", ".join(str(tensor.shape) for tensor in tensors)
        raise ModelError(f"{path}: layer {name} has weights of shape {shapes}, allowed are a kernel and its bias")
    if not all(np.isfinite(tensor).all() for tensor in tensors):
        raise ModelError(f"{path}: layer {name} holds NaN or infinite weights")
    return tensors[0], tensors[1]


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)


def _slope(config: dict[str, Any]) -> float:
    """Slope of a LeakyReLU; some versions of Keras write it as an array, and in single precision."""
    slope = config["alpha"] if "alpha" in config else config["negative_slope"]
    return round(float(slope["value"] if isinstance(slope, dict) else slope), 6)
