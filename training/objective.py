"""What training minimises, in Keras operations and therefore the same on every backend.

Random numbers are drawn by NumPy from the seed and the number of the step, so
that every backend sees the same ones and a step that is run again draws them again.
"""

from __future__ import annotations

import numpy as np

from manned.model import analysis
from manned.model.topology import CLASSES

from .network import Autoencoder, ops
from .vae import VariationalAutoencoder

CONSISTENCY_POINTS = 64
_SHARPNESS, _FLOOR = 8.0, 1e-4


class Objective:
    """Reconstruction, chroma consistency and, for a β-VAE, the divergence from the prior.

    ``mse + consistency · cross-entropy + 2 β / bins · KL``.  The last weight
    makes β = 1 the evidence lower bound of a Gaussian likelihood of variance 1,
    divided by ``bins / 2`` so that the error keeps its scale.

    Parameters
    ----------
    network : Autoencoder
        A `VariationalAutoencoder` samples its latents and pays for them.
    consistency : float
        Weight of the chroma-consistency loss, 0 for none.
    seed : int
    """

    def __init__(self, network: Autoencoder, consistency: float, seed: int):
        self.network, self.consistency, self.seed = network, consistency, seed
        self.topology = network.topology
        self.variational = isinstance(network, VariationalAutoencoder)
        self._filterbank = analysis.chroma_filterbank(self.topology.samplerate, self.topology.n_fft).T.copy()

    def draw(self, number: int, frames: int) -> dict[str, np.ndarray]:
        """The random numbers that step ``number`` needs for a batch of so many frames."""
        topology, drawn = self.topology, {}
        rng = np.random.default_rng([self.seed, number])
        if self.consistency:
            octaves = rng.choice(topology.octaves, CONSISTENCY_POINTS) if topology.octaves else None
            drawn["classes"] = rng.integers(0, CLASSES, CONSISTENCY_POINTS).astype(np.int32)
            drawn["points"] = rng.random((CONSISTENCY_POINTS, topology.bottleneck), dtype=np.float32)
            drawn["conditions"] = analysis.condition(drawn["classes"], octaves, topology.octaves)
        if self.variational:
            drawn["noise"] = rng.standard_normal((frames, topology.bottleneck), dtype=np.float32)
        return drawn

    def __call__(self, frames, conditions, drawn: dict, beta):
        """The loss, and its parts (mse, inconsistency, divergence in nats), of one batch.

        Parameters
        ----------
        frames : [shape=(n, bins)]
        conditions : [shape=(n, conditions)]
        drawn : dict
            From `draw`.
        beta : scalar
            Ignored by an autoencoder without a variance.
        """
        frames = ops.cast(frames, "float32")
        inconsistency = divergence = ops.zeros(())
        if self.variational:
            mean, log_variance = self.network.posterior(frames, conditions)
            latents = mean + ops.exp(0.5 * log_variance) * drawn["noise"]
            divergence = ops.mean(ops.sum(divergences(mean, log_variance), axis=1))
        else:
            latents = self.network.encode(frames, conditions)
        mse = ops.mean(ops.square(self.network.decode(latents, conditions) - frames))
        loss = mse
        if self.consistency:
            inconsistency = self._inconsistency(drawn)
            loss = loss + self.consistency * inconsistency
        if self.variational:
            loss = loss + divergence_weight(beta, self.topology.bins) * divergence
        return loss, (mse, inconsistency, divergence)

    def measure(self, frames, conditions):
        """Squared error of each frame without noise [shape=(n,)], and its divergence from the prior in nats."""
        frames = ops.cast(frames, "float32")
        if self.variational:
            latents, log_variance = self.network.posterior(frames, conditions)
            divergence = ops.sum(divergences(latents, log_variance), axis=1)
        else:
            latents = self.network.encode(frames, conditions)
            divergence = ops.zeros_like(frames[:, 0])
        return ops.mean(ops.square(self.network.decode(latents, conditions) - frames), axis=1), divergence

    def _inconsistency(self, drawn):
        """Cross-entropy between the class asked for and the chroma that random points decode to."""
        power = ops.square(self.network.decode(drawn["points"], drawn["conditions"]))
        chroma = ops.matmul(power, ops.convert_to_tensor(self._filterbank))
        logits = _SHARPNESS * ops.log(chroma + _FLOOR)
        return ops.mean(ops.sparse_categorical_crossentropy(drawn["classes"], logits, from_logits=True))


def divergences(mean, log_variance):
    """KL divergence in nats of each latent's normal distribution from the standard one [shape=(n, bottleneck)]."""
    return 0.5 * (ops.square(mean) + ops.exp(log_variance) - log_variance - 1.0)


def divergence_weight(beta, bins: int):
    """What a nat of divergence costs in units of mean squared error."""
    return 2.0 * beta / bins
