"""The harmonic autoencoder in Keras, built from a `HarmonicTopology` and nothing else."""

from __future__ import annotations

from manned.model.harmonic.topology import HarmonicTopology, Layer
from training.network.backend import Tensor, keras
from training.network.network import NamedWeights, ops


class HarmonicAutoencoder(NamedWeights):
    """Encoder and decoder of dense layers; the pitch enters every layer of the decoder.

    Parameters
    ----------
    topology : HarmonicTopology
    """

    def __init__(self, topology: HarmonicTopology) -> None:
        super().__init__()
        self.topology = topology
        self.encoder_stack = _dense(topology.encoder_layers(), topology.alpha)
        self.decoder_stack = _dense(topology.decoder_layers(), topology.alpha)

    def encode(self, inputs: Tensor, pitch: Tensor) -> Tensor:
        """Latents [shape=(n, latents)] of frames [shape=(n, outputs)] and pitches [shape=(n, 1)]."""
        values = ops.concatenate([inputs, pitch], axis=1)
        for layer in self.encoder_stack:
            values = layer(values)
        return values

    def decode(self, latents: Tensor, pitch: Tensor) -> Tensor:
        """Levels and stiffness [shape=(n, outputs)], not yet clipped, of latents and pitches."""
        values = latents
        for layer in self.decoder_stack:
            values = layer(ops.concatenate([values, pitch], axis=1))
        return values

    def call(self, inputs: tuple[Tensor, Tensor]) -> Tensor:
        """Levels and stiffness of frames and pitches, through the latents."""
        frames, pitch = inputs
        return self.decode(self.encode(frames, pitch), pitch)

    def named_variables(self) -> dict:
        """Keras variables by the names of `weights_by_name`."""
        return {
            f"{part}.{k}.{kind}": variable
            for part, stack in (("encoder", self.encoder_stack), ("decoder", self.decoder_stack))
            for k, layer in enumerate(stack)
            for kind, variable in (("weight", layer.kernel), ("bias", layer.bias))
        }


def _dense(layers: list[Layer], alpha: float) -> list[keras.layers.Dense]:
    stack = []
    for inputs, outputs, activation in layers:
        curve = (lambda values: ops.leaky_relu(values, negative_slope=alpha)) if activation == "leaky_relu" else None
        layer = keras.layers.Dense(outputs, activation=curve)
        layer.build((None, inputs))
        stack.append(layer)
    return stack
