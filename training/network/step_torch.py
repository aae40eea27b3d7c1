"""The training step on PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch  # type: ignore[import-not-found]

from training.network.adam import BETA_1, BETA_2, EPSILON, adam_rate
from training.network.backend import Tensor
from training.network.network import ops
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
        self._objective, self._penalties = objective, penalties
        self._variables = {name: variable.value for name, variable in variables.items()}
        self._moments = {name: moment.value for name, moment in moments.items()}

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
        tensors = {name: ops.convert_to_tensor(values) for name, values in drawn.items()}
        loss, parts = self._objective(ops.convert_to_tensor(frames), ops.convert_to_tensor(conditions), tensors, beta)
        gradients = torch.autograd.grad(loss, list(self._variables.values()))
        rate = adam_rate(learning_rate, number)
        with torch.no_grad():
            for (name, variable), gradient in zip(self._variables.items(), gradients):
                gradient = gradient + 2.0 * self._penalties[name] * variable
                m, v = self._moments[f"adam.m.{name}"], self._moments[f"adam.v.{name}"]
                m.lerp_(gradient, 1.0 - BETA_1)
                v.lerp_(gradient.square(), 1.0 - BETA_2)
                variable.sub_(rate * m / (v.sqrt() + EPSILON))
        return parts

    def measure(self, frames: np.ndarray, conditions: np.ndarray) -> tuple[Tensor, Tensor]:
        """Squared error and divergence of each frame [shape=(n,) each]."""
        with torch.no_grad():
            return self._objective.measure(ops.convert_to_tensor(frames), ops.convert_to_tensor(conditions))
