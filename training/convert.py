"""Decoders of the paper's published code (Keras ``.h5``) as decoder files.

That code saves a chain of Dense layers, each but the last followed by a
LeakyReLU or with one as its activation, and a last one with ReLU; the input is the latents, followed by the
one-hot chroma, C first, when the model was trained with the skip.  The file is
read as data: nothing in it is executed, and no Keras is needed.
"""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from manned.errors import ModelError
from manned.model.decoder_file import Decoder
from manned.model.topology import CLASSES, Topology

_SLOPE_BY_NAME = 0.2  # of Keras's activation "leaky_relu"


def import_decoder(
    path: str | os.PathLike[str],
    name: str,
    *,
    latents: int | None = None,
    bottleneck_activation: str = "sigmoid",
    latent_range: tuple[float, float] | None = None,
    octave: int = 4,
) -> Decoder:
    """Read a decoder that old Keras saved with ``decoder.save('….h5')``.

    Parameters
    ----------
    path : path
    name : str
        What the decoder is called in the instrument.
    latents : int, optional
        How many of its inputs are latents.  By default all of them when there
        are 12 or fewer, else all but the last 12, which are the chroma.
    bottleneck_activation : {'sigmoid', 'leaky_relu'}
        Of the encoder; the decoder's file does not tell.
    latent_range : (float, float), optional
        Lowest and highest value of the latents; (0, 1) for a sigmoid.
    octave : int
        Octave that the decoder speaks in; its file does not tell.

    Returns
    -------
    Decoder

    Raises
    ------
    ModelError
        When the file cannot be read, is not such a chain, or its weights do not fit it.
    """
    path = Path(path)
    if latent_range is None:
        if bottleneck_activation != "sigmoid":
            raise ModelError(f"{path}: latents that are not bounded by a sigmoid need their range, such as -3 3")
        latent_range = (0.0, 1.0)
    layers = _read(path)
    topology = _topology(path, layers, latents, bottleneck_activation)
    return Decoder(
        name=name,
        topology=topology,
        weights=[layer["weights"] for layer in layers],
        latent_range=np.tile(latent_range, (topology.bottleneck, 1)),
        octave=octave,
        info={"imported": path.name},
    )


def _read(path: Path) -> list[dict[str, Any]]:
    """The dense layers of a file in order: ``activation``, ``alpha`` of the LeakyReLU after it, ``weights``."""
    if not path.is_file():
        raise ModelError(f"{path}: no such file")
    try:
        with h5py.File(path) as file:
            if "model_config" not in file.attrs:
                raise ModelError(
                    f"{path}: holds no layers, save the whole decoder with decoder.save and not its weights"
                )
            config = json.loads(_text(file.attrs["model_config"]))["config"]
            # The Sequential models of Keras 2.1 and before are bare lists.
            return _layers(path, config if isinstance(config, list) else config["layers"], file["model_weights"])
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: cannot be read as a Keras model ({type(error).__name__}: {error})") from None


def _layers(path: Path, described: list[dict[str, Any]], groups: Any) -> list[dict[str, Any]]:
    layers: list[dict[str, Any]] = []
    before = None
    for layer in described:
        kind, config = layer["class_name"], layer["config"]
        sources = _sources(layer)
        if sources and sources != [before]:
            raise ModelError(f"{path}: layer {config['name']} takes {', '.join(sources)}, allowed is a chain of layers")
        before = config["name"]
        if kind == "Dense":
            activation, alpha = _activation(config["activation"])
            layers.append({"activation": activation, "alpha": alpha, "weights": _weights(path, groups, before)})
        elif kind == "LeakyReLU" and layers and layers[-1]["activation"] == "linear":
            layers[-1].update(activation="leaky_relu", alpha=_alpha(config))
        elif kind != "InputLayer":
            raise ModelError(
                f"{path}: layer {before} is a {kind}, allowed are Dense layers, each followed by a LeakyReLU"
            )
    return layers


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
        if described["class_name"] == "LeakyReLU":
            return "leaky_relu", _alpha(described["config"])
        described = described["config"]
    return str(described), _SLOPE_BY_NAME if described == "leaky_relu" else None


def _weights(path: Path, groups: Any, name: str) -> tuple[np.ndarray, np.ndarray]:
    group = groups[name]
    tensors = [np.asarray(group[_text(key)], dtype=np.float32) for key in group.attrs["weight_names"]]
    if len(tensors) != 2 or tensors[0].ndim != 2 or tensors[1].shape != tensors[0].shape[1:]:
        shapes = ", ".join(str(tensor.shape) for tensor in tensors)
        raise ModelError(f"{path}: layer {name} has weights of shape {shapes}, allowed are a kernel and its bias")
    if not all(np.isfinite(tensor).all() for tensor in tensors):
        raise ModelError(f"{path}: layer {name} holds NaN or infinite weights")
    return tensors[0], tensors[1]


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)


def _alpha(config: dict[str, Any]) -> float:
    """Slope of a LeakyReLU; some versions of Keras write it as an array, and in single precision."""
    alpha = config["alpha"] if "alpha" in config else config["negative_slope"]
    return round(float(alpha["value"] if isinstance(alpha, dict) else alpha), 6)


def _topology(path: Path, layers: list[dict[str, Any]], latents: int | None, bottleneck_activation: str) -> Topology:
    activations = [layer["activation"] for layer in layers]
    if activations != ["leaky_relu"] * (len(layers) - 1) + ["relu"] or len(layers) < 2:
        raise ModelError(
            f"{path}: activations are {', '.join(map(str, activations)) or 'missing'}, "
            "allowed are leaky_relu and, last, relu"
        )
    alphas = {layer["alpha"] for layer in layers[:-1]}
    if len(alphas) > 1:
        raise ModelError(f"{path}: its LeakyReLU slopes are {sorted(alphas)}, allowed is one for all")
    shapes = [layer["weights"][0].shape for layer in layers]
    if any(outputs != inputs for (_, outputs), (inputs, _) in itertools.pairwise(shapes)):
        raise ModelError(f"{path}: its kernels have shapes {shapes}, each must take what the one before gives")
    inputs, bins = shapes[0][0], shapes[-1][1]
    if latents is None:
        bottleneck = inputs - CLASSES if inputs > CLASSES else inputs
    else:
        bottleneck = latents
    skip = inputs != bottleneck
    if inputs != bottleneck + (CLASSES if skip else 0):
        raise ModelError(
            f"{path}: {inputs} inputs, allowed are {bottleneck} latents alone or with {CLASSES} pitch classes "
            "beside them"
        )
    n_fft = 2 * (bins - 1)
    if n_fft < 4 or n_fft & (n_fft - 1):
        raise ModelError(f"{path}: {bins} outputs, allowed is one more than a power of two, such as 2049")
    return Topology(
        widths=tuple(outputs for _, outputs in reversed(shapes[:-1])),
        bottleneck=bottleneck,
        bottleneck_activation=bottleneck_activation,
        augmentation="chroma",
        skip=skip,
        alpha=alphas.pop(),
        n_fft=n_fft,
        hop=n_fft // 4,
    )
