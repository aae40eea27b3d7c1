"""The training step on JAX: one compiled function from the variables to the variables after it."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from training.network.adam import BETA_1, BETA_2, EPSILON, adam_rate
from training.network.backend import Tensor, keras
from training.network.objective import Objective


class Compiled:
    """See `training.network.step.TrainingStep`, which makes it."""

    def __init__(
        self,
        objective: Objective,
        variables: dict[str, Any],
        moments: dict[str, Any],
        penalties: dict[str, float],
    ) -> None:
        self._objective, self._variables, self._moments, self._penalties = objective, variables, moments, penalties
        self._train, self._measure = jax.jit(self._train), jax.jit(self._measure)

    def train(
        self,
        frames: np.ndarray,
        conditions: np.ndarray,
        drawn: dict[str, np.ndarray],
        number: int,
        learning_rate: float,
        beta: float,
    ) -> tuple[Tensor, ...]:
        """Run step ``number`` (from 0); ``drawn`` is what `Objective.draw` gave for it."""
        values, moments, parts = self._train(
            _values(self._variables), _values(self._moments), frames, conditions, drawn,
            adam_rate(learning_rate, number), beta,
        )  # fmt: skip
        for variables, updated in ((self._variables, values), (self._moments, moments)):
            for name, variable in variables.items():
                variable.assign(updated[name])
        return parts

    def measure(self, frames: np.ndarray, conditions: np.ndarray) -> tuple[Tensor, Tensor]:
        """Squared error and divergence of each frame [shape=(n,) each]."""
        return self._measure(_values(self._variables), frames, conditions)

    def _train(self, values, moments, frames, conditions, drawn, rate, beta):
        def loss(values: dict[str, Tensor]) -> tuple[Tensor, tuple[Tensor, ...]]:
            with self._holding(values):
                return self._objective(frames, conditions, drawn, beta)

        (_, parts), gradients = jax.value_and_grad(loss, has_aux=True)(values)
        after, moments_after = {}, {}
        for name, value in values.items():
            gradient = gradients[name] + 2.0 * self._penalties[name] * value
            m = BETA_1 * moments[f"adam.m.{name}"] + (1.0 - BETA_1) * gradient
            v = BETA_2 * moments[f"adam.v.{name}"] + (1.0 - BETA_2) * jnp.square(gradient)
            after[name] = value - rate * m / (jnp.sqrt(v) + EPSILON)
            moments_after[f"adam.m.{name}"], moments_after[f"adam.v.{name}"] = m, v
        return after, moments_after, parts

    def _measure(self, values, frames, conditions):
        with self._holding(values):
            return self._objective.measure(frames, conditions)

    def _holding(self, values):
        """A scope in which the network's variables hold these values."""
        return keras.StatelessScope([(variable, values[name]) for name, variable in self._variables.items()])


def _values(variables: dict) -> dict:
    return {name: variable.value for name, variable in variables.items()}
