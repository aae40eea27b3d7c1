"""The network of the β-VAE (paper, section VI).

The encoder gives each latent a mean and a log-variance; the decoder gets a
random draw from that normal distribution, and each nat by which it differs from
the standard normal costs β (see `objective`).
"""

from __future__ import annotations

from manned.model.topology import Topology
from training.network.backend import Tensor, keras
from training.network.network import Autoencoder


class VariationalAutoencoder(Autoencoder):
    """An `Autoencoder` whose encoder gives the means, with a layer beside its last for the log-variances.

    Its latents for evaluation and export are the means, so that everything made for an autoencoder takes it.
    """

    def __init__(self, topology: Topology, mixed_bfloat16: bool = False) -> None:
        super().__init__(topology, mixed_bfloat16)
        self.log_variance = keras.layers.Dense(topology.bottleneck)
        self.log_variance.build((None, topology.encoder_layers()[-1][0]))

    def posterior(self, frames: Tensor, conditions: Tensor) -> tuple[Tensor, Tensor]:
        """Means and log-variances [shape=(n, bottleneck) each] of frames and conditions."""
        hidden = self.augmented(frames, conditions)
        *layers, mean = self.encoder_stack
        for layer in layers:
            hidden = layer(hidden)
        return mean(hidden), self.log_variance(hidden)

    def named_variables(self) -> dict[str, keras.Variable]:
        """As for `Autoencoder`, and ``log_variance.weight`` and ``log_variance.bias``."""
        return {
            **super().named_variables(),
            "log_variance.weight": self.log_variance.kernel,
            "log_variance.bias": self.log_variance.bias,
        }
