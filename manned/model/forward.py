"""The reference forward pass: the whole network in a screenful of NumPy.

Keras and the native engine are tested against it (1e-5 apart at most).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .topology import Layer, Weights

if TYPE_CHECKING:
    from .decoder_file import Decoder


def activate(values: np.ndarray, name: str, alpha: float) -> np.ndarray:
    """Apply an activation of the paper's section III-A, ``square`` or ``linear``, elementwise."""
    if name == "leaky_relu":
        return np.where(values < 0.0, alpha * values, values)
    if name == "relu":
        return np.maximum(values, 0.0)
    if name == "square":
        return values * values
    if name == "linear":
        return values
    return 1.0 / (1.0 + np.exp(-values))  # sigmoid


def forward(layers: Sequence[Layer], weights: Sequence[Weights], alpha: float, inputs: np.ndarray) -> np.ndarray:
    """Pass a batch through dense layers.

    A layer may be given some of the network's inputs again, see `taken`.

    Parameters
    ----------
    layers : list of (inputs, outputs, activation)
        From `Topology.encoder_layers` or `Topology.decoder_layers`.
    weights : list of (weight [shape=(inputs, outputs)], bias [shape=(outputs,)])
    inputs : np.ndarray [shape=(..., inputs)]

    Returns
    -------
    np.ndarray [shape=(..., outputs)], float32
    """
    values = inputs = np.asarray(inputs, dtype=np.float32)
    for (takes, _, activation), (weight, bias) in zip(layers, weights):
        values = activate(taken(values, inputs, takes) @ weight + bias, activation, float(np.float32(alpha)))
    return values


def taken(values: np.ndarray, inputs: np.ndarray, count: int) -> np.ndarray:
    """The ``count`` inputs of a layer: the values of the one before, and for the rest the end of the network's."""
    repeated = count - values.shape[-1]
    return np.concatenate([values, inputs[..., -repeated:]], axis=-1) if repeated else values


def decode(decoder: Decoder, latents: ArrayLike, pitch_class: int, octave: int | None = None) -> np.ndarray:
    """Magnitude frame [shape=(bins,)] of control values (0–1), pitch class (0–11) and octave."""
    topology = decoder.topology
    return forward(
        topology.decoder_layers(), decoder.weights, topology.alpha, decoder.inputs(latents, pitch_class, octave)
    )
