"""The training step on TensorFlow: one graph, Adam in one fused update for each variable."""

from __future__ import annotations

from .backend import tf
from .step import BETA_1, BETA_2, EPSILON


class Compiled:
    """See `step.TrainingStep`, which makes it."""

    def __init__(self, objective, variables: dict, moments: dict, penalties: dict):
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

    def train(self, frames, conditions, drawn, number, learning_rate, beta):
        scalars = (tf.constant(value, tf.float32) for value in (number + 1, learning_rate, beta))
        drawn = {name: tf.constant(values) for name, values in drawn.items()}
        return self._train(tf.constant(frames), tf.constant(conditions), drawn, *scalars)

    def measure(self, frames, conditions):
        return self._measure(tf.constant(frames), tf.constant(conditions))

    def _train(self, frames, conditions, drawn, passed, learning_rate, beta):
        with tf.GradientTape() as tape:
            loss, parts = self._objective(frames, conditions, drawn, beta)
        gradients = tape.gradient(loss, self._variables)
        for name, variable in self._variables.items():
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle,
                m=self._moments[f"adam.m.{name}"].handle,
                v=self._moments[f"adam.v.{name}"].handle,
                beta1_power=BETA_1**passed,
                beta2_power=BETA_2**passed,
                lr=learning_rate,
                beta1=BETA_1,
                beta2=BETA_2,
                epsilon=EPSILON,
                grad=gradients[name] + 2.0 * self._penalties[name] * variable,
            )
        return parts
