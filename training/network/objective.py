"""What training minimises, in Keras operations and therefore the same on every backend.

Random numbers are drawn by NumPy from the seed and the number of the step, so
that every backend sees the same ones and a step that is run again draws them again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from manned.limits import CLASSES
from manned.model import analysis
from training.network.backend import Tensor
from training.network.harmonics import harmonic_bins, harmonic_masks
from training.network.network import Autoencoder, ops
from training.network.vae import VariationalAutoencoder

CONSISTENCY_POINTS = 64
_SHARPNESS, _FLOOR = 8.0, 1e-4
_NEVER = 1e9
_SILENT_SHARE = 1e-5
_QUIET = 1e-6  # 120 dB below the loudest bin


class Objective:
    """Reconstruction, chroma consistency, harmonicity and, for a β-VAE, the divergence from the prior.

    ``mse + compressed · mse of square roots + consistency · cross-entropy
    − harmonicity · log(share on harmonics) + evenness · change of colour
    + 2 β / bins · KL``.  The last weight makes β = 1 the evidence lower bound of
    a Gaussian likelihood of variance 1, divided by ``bins / 2`` so that the
    error keeps its scale.

    Parameters
    ----------
    network : Autoencoder
        A `VariationalAutoencoder` samples its latents and pays for them.
    consistency : float
        Weight of the chroma-consistency loss, 0 for none: random points are decoded, and their chroma compared with
        the class asked for.
    seed : int
    harmonicity : float
        Weight of the harmonicity loss, 0 for none: of the same points, the share of the power that lies on harmonics
        of one note of the class.
    octaves : sequence of int
        Those that this note may lie in, when the network is not told the octave.
    compressed : float
        Weight of the error of the magnitudes' square roots, 0 for none.
    evenness : float
        Weight of the evenness loss, 0 for none; the network is told the octave.  Of the same points at two
        neighbouring keys, the mean square of the change of each of the first harmonics under the power of all, in
        tens of decibels; what lies 50 dB below them is silent.
    """

    def __init__(
        self,
        network: Autoencoder,
        consistency: float,
        seed: int,
        harmonicity: float = 0.0,
        octaves: Sequence[int] | np.ndarray = (4,),
        compressed: float = 0.0,
        evenness: float = 0.0,
    ) -> None:
        self.network, self.consistency, self.harmonicity, self.seed = network, consistency, harmonicity, seed
        self.compressed, self.evenness = compressed, evenness
        self._asks_points = bool(consistency or harmonicity or evenness)
        topology = self.topology = network.topology
        self.variational = isinstance(network, VariationalAutoencoder)
        self._filterbank = analysis.chroma_filterbank(topology.samplerate, topology.n_fft).T.copy()
        if harmonicity:
            self._octaves = tuple(map(int, topology.octaves or octaves))
            shape = topology.samplerate, topology.n_fft
            self._masks = np.concatenate(harmonic_masks(self._octaves, *shape)).T.copy()
            self._sums = np.concatenate(analysis.harmonic_sums(self._octaves, *shape)).T.copy()

    def draw(self, number: int, frames: int) -> dict[str, np.ndarray]:
        """The random numbers that step ``number`` needs for a batch of so many frames."""
        topology, drawn = self.topology, {}
        rng = np.random.default_rng([self.seed, number])
        if self._asks_points:
            octaves = rng.choice(topology.octaves, CONSISTENCY_POINTS) if topology.octaves else None
            drawn["classes"] = rng.integers(0, CLASSES, CONSISTENCY_POINTS).astype(np.int32)
            drawn["points"] = rng.random((CONSISTENCY_POINTS, topology.bottleneck), dtype=np.float32)
            drawn["conditions"] = analysis.condition(drawn["classes"], octaves, topology.octaves)
            if self.harmonicity:
                drawn["others"] = self._other_notes(drawn["classes"], octaves)
            if self.evenness and octaves is not None:
                drawn.update(self._neighbours(drawn["classes"], octaves))
        if self.variational:
            drawn["noise"] = rng.standard_normal((frames, topology.bottleneck), dtype=np.float32)
        return drawn

    def __call__(
        self, frames: Tensor, conditions: Tensor, drawn: dict[str, Tensor], beta: Tensor
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """The loss, and its parts (mse, inconsistency, inharmonicity, divergence in nats), of one batch.

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
        inconsistency = inharmonicity = divergence = ops.zeros(())
        if self.variational:
            mean, log_variance = self.network.posterior(frames, conditions)
            latents = mean + ops.exp(0.5 * log_variance) * drawn["noise"]
            divergence = ops.mean(ops.sum(divergences(mean, log_variance), axis=1))
        else:
            latents = self.network.encode(frames, conditions)
        decoded = self.network.decode(latents, conditions)
        loss = mse = ops.mean(ops.square(decoded - frames))
        if self.compressed:
            loss = loss + self.compressed * ops.mean(ops.square(_root(decoded) - _root(frames)))
        if self._asks_points:
            power = ops.square(self.network.decode(drawn["points"], drawn["conditions"]))
            if self.consistency:
                inconsistency = self._inconsistency(power, drawn["classes"])
                loss = loss + self.consistency * inconsistency
            if self.harmonicity:
                inharmonicity = self._inharmonicity(power, drawn["others"])
                loss = loss + self.harmonicity * inharmonicity
            if self.evenness:
                beside = ops.square(self.network.decode(drawn["points"], drawn["next_conditions"]))
                loss = loss + self.evenness * _unevenness(power, beside, drawn["harmonics"], drawn["present"])
        if self.variational:
            loss = loss + divergence_weight(beta, self.topology.bins) * divergence
        return loss, (mse, inconsistency, inharmonicity, divergence)

    def measure(self, frames: Tensor, conditions: Tensor) -> tuple[Tensor, Tensor]:
        """Squared error of each frame without noise [shape=(n,)], and its divergence from the prior in nats."""
        frames = ops.cast(frames, "float32")
        if self.variational:
            latents, log_variance = self.network.posterior(frames, conditions)
            divergence = ops.sum(divergences(latents, log_variance), axis=1)
        else:
            latents = self.network.encode(frames, conditions)
            divergence = ops.zeros_like(frames[:, 0])
        return ops.mean(ops.square(self.network.decode(latents, conditions) - frames), axis=1), divergence

    def _inconsistency(self, power: Tensor, classes: Tensor) -> Tensor:
        """Cross-entropy between the class asked for and the chroma of spectra."""
        chroma = ops.matmul(power, ops.convert_to_tensor(self._filterbank))
        logits = _SHARPNESS * ops.log(chroma + _FLOOR)
        return ops.mean(ops.sparse_categorical_crossentropy(classes, logits, from_logits=True))

    def _inharmonicity(self, power: Tensor, others: Tensor) -> Tensor:
        """Minus the logarithm of the share of the power on harmonics of the note that a spectrum most likely holds."""
        loudness = ops.stop_gradient(ops.sqrt(ops.sqrt(power)))
        nearest = ops.argmax(ops.matmul(loudness, ops.convert_to_tensor(self._sums)) - _NEVER * others, axis=1)
        of_note = ops.one_hot(nearest, len(self._octaves) * CLASSES)
        on_harmonics = ops.sum(ops.matmul(power, ops.convert_to_tensor(self._masks)) * of_note, axis=1)
        share = (on_harmonics + _FLOOR) / (ops.sum(power, axis=1) + _FLOOR)
        return -ops.mean(ops.log(share))

    def _neighbours(self, classes: np.ndarray, octaves: np.ndarray) -> dict[str, np.ndarray]:
        """The condition of each note's next key, and where the harmonics of both lie."""
        topology = self.topology
        notes = classes + 12 * (octaves + 1)
        beside = notes + 1
        outside = ~np.isin(beside // 12 - 1, topology.octaves)
        beside[outside] = notes[outside] - 1
        both = [harmonic_bins(some, topology.samplerate, topology.n_fft) for some in (notes, beside)]
        return {
            "next_conditions": analysis.condition(beside % 12, beside // 12 - 1, topology.octaves),
            "harmonics": np.stack([bins for bins, _ in both]),
            "present": both[0][1] * both[1][1],
        }

    def _other_notes(self, classes: np.ndarray, octaves: np.ndarray | None) -> np.ndarray:
        """1 for each note that was not asked for, 0 for those that were [shape=(n, 12 · octaves)]."""
        rows = np.arange(len(classes))
        others = np.ones((len(classes), CLASSES, len(self._octaves)), np.float32)
        if octaves is None:
            others[rows, classes] = 0.0
        else:
            others[rows, classes, np.searchsorted(self._octaves, octaves)] = 0.0
        return others.reshape(len(classes), -1)


def _unevenness(power: Tensor, beside: Tensor, harmonics: Tensor, present: Tensor) -> Tensor:
    """How far the levels of harmonics are from those of the same points at the next key."""
    levels = []
    for spectra, bins in ((power, harmonics[0]), (beside, harmonics[1])):
        count, first, width = bins.shape
        taken = ops.take_along_axis(spectra, ops.reshape(bins, (count, first * width)), axis=1)
        energy = ops.sum(ops.reshape(taken, (count, first, width)), axis=2) * present
        share = energy / (ops.sum(energy, axis=1, keepdims=True) + _FLOOR)
        levels.append(ops.log(share + _SILENT_SHARE))
    return ops.mean(ops.square((levels[0] - levels[1]) / math.log(10.0)))


def _root(magnitudes: Tensor) -> Tensor:
    """Square roots, of a slope that stays finite where nothing sounds."""
    return ops.sqrt(magnitudes + _QUIET)


def divergences(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL divergence in nats of each latent's normal distribution from the standard one [shape=(n, bottleneck)]."""
    return 0.5 * (ops.square(mean) + ops.exp(log_variance) - log_variance - 1.0)


def divergence_weight(beta: Tensor, bins: int) -> Tensor:
    """What a nat of divergence costs in units of mean squared error."""
    return 2.0 * beta / bins
