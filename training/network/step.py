"""One training step: the objective's gradients and Adam, compiled for the backend that Keras runs on.

Written by hand because on TensorFlow it is two to three times as fast as
``keras.Model.fit`` fed by NumPy, and 10–130 % faster than with Keras's optimizer.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import numpy as np

from training.network.backend import BACKEND, keras
from training.network.network import Autoencoder, ops
from training.network.objective import Objective


class TrainingStep:
    """Compiled functions that train and measure one network.

    The same seed draws the same random numbers on every backend, and a state
    taken on one goes on on another.

    Parameters
    ----------
    network : Autoencoder
        Or `VariationalAutoencoder`.
    l2 : float
        Penalty on the sum of squared weights (paper: 1e-7); biases are free.
    consistency, harmonicity : float
        Weights of losses of random points, 0 for none; see `training.network.objective.Objective`.
    octaves : sequence of int
        See there.
    compressed, evenness : float
        See there.
    seed : int
        Of the random numbers; the step's number is the other half, so a step
        draws the same ones whenever it runs.

    Attributes
    ----------
    frames_at_once : int
        In steps of so many frames together `train_many` is at its best; 0 where single steps are as fast.
    """

    def __init__(
        self,
        network: Autoencoder,
        l2: float,
        consistency: float,
        seed: int,
        harmonicity: float = 0.0,
        octaves: Sequence[int] | np.ndarray = (4,),
        compressed: float = 0.0,
        evenness: float = 0.0,
    ) -> None:
        self.network = network
        self._objective = Objective(network, consistency, seed, harmonicity, octaves, compressed, evenness)
        self._variables = network.named_variables()
        self._moments = {
            f"adam.{kind}.{name}": keras.Variable(np.zeros(variable.shape, np.float32), trainable=False)
            for kind in ("m", "v")
            for name, variable in self._variables.items()
        }
        compiled = import_module(f".step_{BACKEND}", __package__)
        penalties = {name: l2 if name.endswith("weight") else 0.0 for name in self._variables}
        self._compiled = compiled.Compiled(self._objective, self._variables, self._moments, penalties)
        self.frames_at_once: int = getattr(compiled, "FRAMES_AT_ONCE", 0)

    def train(
        self, frames: np.ndarray, conditions: np.ndarray, number: int, learning_rate: float, beta: float = 0.0
    ) -> tuple[float, ...]:
        """Run one step on one batch.

        Parameters
        ----------
        frames : np.ndarray [shape=(n, bins), dtype=float16]
        conditions : np.ndarray [shape=(n, conditions), dtype=float32]
        number : int
            Of the step, from 0.
        learning_rate : float
        beta : float
            Weight of the divergence.

        Returns
        -------
        mse, inconsistency, inharmonicity, divergence : float
            Means over the batch, before the step; the last in nats, 0 without a variance.
        """
        drawn = self._objective.draw(number, len(frames))
        return tuple(map(float, self._compiled.train(frames, conditions, drawn, number, learning_rate, beta)))

    def train_many(
        self,
        frames: np.ndarray,
        conditions: np.ndarray,
        number: int,
        learning_rates: Sequence[float],
        betas: Sequence[float],
    ) -> np.ndarray:
        """Run steps one after another, on JAX in one call.

        Parameters
        ----------
        frames : np.ndarray [shape=(steps, n, bins), dtype=float16]
        conditions : np.ndarray [shape=(steps, n, conditions), dtype=float32]
        number : int
            Of the first step.
        learning_rates, betas : sequence of float
            Of each step.

        Returns
        -------
        np.ndarray [shape=(steps, 4)]
            What `train` gives of each step.
        """
        count = len(frames)
        if count > 1 and hasattr(self._compiled, "train_many"):
            drawn = [self._objective.draw(number + k, frames.shape[1]) for k in range(count)]
            stacked = {name: np.stack([some[name] for some in drawn]) for name in drawn[0]}
            parts = self._compiled.train_many(frames, conditions, stacked, number, learning_rates, betas)
            return ops.convert_to_numpy(parts)
        steps = zip(frames, conditions, range(number, number + count), learning_rates, betas)
        return np.array([self.train(*step) for step in steps])

    def measure(self, frames: np.ndarray, conditions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Squared error (mean over bins) and divergence from the prior in nats of each frame [shape=(n,) each]."""
        errors, divergences = self._compiled.measure(frames, conditions)
        return ops.convert_to_numpy(errors), ops.convert_to_numpy(divergences)

    def state(self) -> dict[str, np.ndarray]:
        """Weights and Adam's moments by name."""
        every = {**self._variables, **self._moments}
        return {name: np.array(ops.convert_to_numpy(variable)) for name, variable in every.items()}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go back to a `state`."""
        for name, variable in {**self._variables, **self._moments}.items():
            variable.assign(state[name])
