"""The training step on JAX: one compiled function from the variables to the variables after it, or after many.

Beside a GPU a step costs less than the way there and back, so many go in one call. Layers in float32 multiply in
float32 on every device, which JAX by itself does not do on a GPU.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from training.network.adam import BETA_1, BETA_2, EPSILON, adam_rate
from training.network.backend import Tensor, keras
from training.network.objective import Objective

FRAMES_AT_ONCE = 0 if jax.default_backend() == "cpu" else 20_000


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
        self._train_many = jax.jit(self._train_many)

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
        before = _values(self._variables), _values(self._moments)
        *after, parts = self._train(*before, frames, conditions, drawn, adam_rate(learning_rate, number), beta)
        self._take(*after)
        return parts

    def train_many(
        self,
        frames: np.ndarray,
        conditions: np.ndarray,
        drawn: dict[str, np.ndarray],
        number: int,
        learning_rates: Sequence[float],
        betas: Sequence[float],
    ) -> Tensor:
        """Run steps from ``number`` on; each array has one entry a step, and so has what comes back."""
        rates = np.array([adam_rate(rate, number + k) for k, rate in enumerate(learning_rates)], dtype=np.float32)
        steps = frames, conditions, drawn, rates, np.array(betas, dtype=np.float32)
        *after, parts = self._train_many(_values(self._variables), _values(self._moments), steps)
        self._take(*after)
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

    def _train_many(self, values, moments, steps):
        def one(before, step):
            *after, parts = self._train(*before, *step)
            return tuple(after), jnp.stack(parts)

        (values, moments), parts = jax.lax.scan(one, (values, moments), steps)
        return values, moments, parts

    def _measure(self, values, frames, conditions):
        with self._holding(values):
            return self._objective.measure(frames, conditions)

    def _take(self, values, moments):
        for variables, updated in ((self._variables, values), (self._moments, moments)):
            for name, variable in variables.items():
                variable.assign(updated[name])

    @contextmanager
    def _holding(self, values):
        """A scope in which the network's variables hold these values, and float32 is meant."""
        held = [(variable, values[name]) for name, variable in self._variables.items()]
        with jax.default_matmul_precision("float32"), keras.StatelessScope(held):
            yield


def _values(variables: dict) -> dict:
    return {name: variable.value for name, variable in variables.items()}
