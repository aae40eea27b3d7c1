"""The training step on TensorFlow: one graph, Adam in one fused update for each variable."""

from __future__ import annotations

from typing import Any

import numpy as np

from training.network.adam import BETA_1, BETA_2, EPSILON
from training.network.backend import Tensor, tf
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
        topology = objective.topology
        frames = tf.TensorSpec((None, topology.bins), tf.float16)
        conditions = tf.TensorSpec((None, topology.conditions), tf.float32)
        example = objective.draw(0, 1)
        drawn = {name: tf.TensorSpec((None, *values.shape[1:]), values.dtype) for name, values in example.items()}
        scalar = tf.TensorSpec(())
        self._train = tf.function(self._train, input_signature=[frames, conditions, drawn, scalar, scalar, scalar])
        self._measure = tf.function(objective.measure, input_signature=[frames, conditions])

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
        scalars = (tf.constant(value, tf.float32) for value in (number + 1, learning_rate, beta))
        tensors = {name: tf.constant(values) for name, values in drawn.items()}
        return self._train(tf.constant(frames), tf.constant(conditions), tensors, *scalars)

    def measure(self, frames: np.ndarray, conditions: np.ndarray) -> tuple[Tensor, Tensor]:
        """Squared error and divergence of each frame [shape=(n,) each]."""
        return self._measure(tf.constant(frames), tf.constant(conditions))

    def _train(self, frames, conditions, drawn, passed, learning_rate, beta) -> tuple[Tensor, ...]:
        with tf.GradientTape() as tape:
            loss, parts = self._objective(frames, conditions, drawn, beta)
        gradients = tape.gradient(loss, self._variables)
        for name, variable in self._variables.items():
            gradients[name] += 2.0 * self._penalties[name] * variable
        apply_adam(self._variables, self._moments, gradients, learning_rate, passed)
        return parts


def apply_adam(
    variables: dict[str, Tensor], moments: dict[str, Tensor], gradients: dict[str, Tensor], rate: Tensor, passed: Tensor
) -> None:
    """One fused update of Adam for each variable, in a graph.

    Parameters
    ----------
    variables, gradients : dict of str to tensor
    moments : dict of str to tensor
        ``adam.m.`` and ``adam.v.`` before the name of each variable.
    rate : scalar tensor
        Learning rate.
    passed : scalar tensor
        Number of the step, from 1.
    """
    for name, variable in variables.items():
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=moments[f"adam.m.{name}"].handle,
            v=moments[f"adam.v.{name}"].handle,
            beta1_power=BETA_1**passed,
            beta2_power=BETA_2**passed,
            lr=rate,
            beta1=BETA_1,
            beta2=BETA_2,
            epsilon=EPSILON,
            grad=gradients[name],
        )
