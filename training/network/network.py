"""The autoencoder in Keras, built from a `Topology` and nothing else (paper, section III)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from manned.model.topology import Topology
from training.network.backend import Tensor, keras

ops: Any = keras.ops
Layers = list[tuple[int, int, str]]
# A layer with fewer weights than this gains nothing from bfloat16, and the bottleneck would lose its fine steps.
WIDE_LAYER_WEIGHTS = 2**15


class NamedWeights(keras.Model, ABC):
    """A network whose weights can be taken out and put in by their names in a file."""

    @abstractmethod
    def named_variables(self) -> dict[str, keras.Variable]:
        """Keras variables by the names of the decoder file: ``decoder.0.weight``, ``encoder.0.bias`` …"""

    def weights_by_name(self) -> dict[str, np.ndarray]:
        """Copies of all weights, float32, by the names of `named_variables`."""
        return {name: np.array(ops.convert_to_numpy(variable)) for name, variable in self.named_variables().items()}

    def set_weights_by_name(self, weights: dict[str, np.ndarray]) -> None:
        """Take weights from `weights_by_name`."""
        for name, variable in self.named_variables().items():
            variable.assign(weights[name])


class Autoencoder(NamedWeights):
    """Encoder and decoder stacks of dense layers with the topology's augmentation and skip.

    Parameters
    ----------
    topology : Topology
    mixed_bfloat16 : bool
        Whether wide layers compute in bfloat16; weights stay float32.
    """

    def __init__(self, topology: Topology, mixed_bfloat16: bool = False) -> None:
        super().__init__()
        self.topology = topology
        self.encoder_stack = _stack(topology.encoder_layers(), topology.alpha, mixed_bfloat16)
        self.decoder_stack = _stack(topology.decoder_layers(), topology.alpha, mixed_bfloat16)

    def augmented(self, frames: Tensor, conditions: Tensor) -> Tensor:
        """The encoder's input: frames [shape=(n, bins)] and what the topology sets beside them."""
        parts = [frames]
        if self.topology.augmentation == "difference":
            parts.append(frames[:, 1:] - frames[:, :-1])
        elif self.topology.augmentation == "chroma":
            parts.append(conditions)
        return ops.concatenate(parts, axis=1)

    def encode(self, frames: Tensor, conditions: Tensor) -> Tensor:
        """Latents [shape=(n, bottleneck)] of frames [shape=(n, bins)] and conditions [shape=(n, conditions)]."""
        values = self.augmented(frames, conditions)
        for layer in self.encoder_stack:
            values = layer(values)
        return values

    def decode(self, latents: Tensor, conditions: Tensor) -> Tensor:
        """Frames [shape=(n, bins)], float32, of latents and conditions."""
        values = ops.concatenate([latents, conditions], axis=1) if self.topology.skip else latents
        first, *others = self.decoder_stack
        values = first(values)
        for layer in others:
            if self.topology.skip_every_layer:
                values = ops.concatenate([values, ops.cast(conditions, values.dtype)], axis=1)
            values = layer(values)
        return ops.cast(values, "float32")

    def call(self, inputs: tuple[Tensor, Tensor]) -> Tensor:
        """What Keras runs: reconstructions [shape=(n, bins)] of frames and conditions."""
        frames, conditions = inputs
        return self.decode(self.encode(frames, conditions), conditions)

    def named_variables(self) -> dict[str, keras.Variable]:
        """Keras variables by the names of the decoder file: ``decoder.0.weight``, ``encoder.0.bias`` …"""
        return {
            f"{part}.{k}.{kind}": variable
            for part, stack in (("encoder", self.encoder_stack), ("decoder", self.decoder_stack))
            for k, layer in enumerate(stack)
            for kind, variable in (("weight", layer.kernel), ("bias", layer.bias))
        }


def _stack(layers: Layers, alpha: float, mixed_bfloat16: bool) -> list[keras.layers.Dense]:
    activations = {
        "leaky_relu": lambda values: ops.leaky_relu(values, negative_slope=alpha),
        "relu": ops.relu,
        "square": ops.square,
        "sigmoid": ops.sigmoid,
        "linear": keras.activations.linear,
    }
    stack = []
    for inputs, outputs, activation in layers:
        dtype = "mixed_bfloat16" if mixed_bfloat16 and inputs * outputs >= WIDE_LAYER_WEIGHTS else "float32"
        layer = keras.layers.Dense(outputs, activation=activations[activation], dtype=dtype)
        layer.build((None, inputs))
        stack.append(layer)
    return stack
