"""One compiled training step: reconstruction, chroma consistency, and Adam in one fused update.

Written by hand because it is two to three times as fast as ``keras.Model.fit``
fed by NumPy, and 10–130 % faster than the same step with Keras's optimizer.
"""

from __future__ import annotations

import numpy as np

from manned.model.analysis import chroma_filterbank
from manned.model.topology import CLASSES

from .backend import tf
from .network import Autoencoder

CONSISTENCY_POINTS = 64
_SHARPNESS, _FLOOR = 8.0, 1e-4
_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-7


class TrainingStep:
    """Compiled functions that train and measure one network.

    Parameters
    ----------
    network : Autoencoder
    l2 : float
        Penalty on the sum of squared weights (paper: 1e-7); biases are free.
    consistency : float
        Weight of the chroma-consistency loss, 0 for none.
    seed : int
        Of the random points of that loss; the step's number is the other half,
        so a step draws the same points whenever it runs.
    """

    def __init__(self, network: Autoencoder, l2: float, consistency: float, seed: int):
        self.network, self.l2, self.consistency, self.seed = network, l2, consistency, seed
        self._variables = {name: variable.value for name, variable in network.named_variables().items()}
        self._moments = {
            f"adam.{kind}.{name}": tf.Variable(tf.zeros_like(variable))
            for kind in ("m", "v")
            for name, variable in self._variables.items()
        }
        topology = network.topology
        self._filterbank = tf.constant(chroma_filterbank(topology.samplerate, topology.n_fft).T)
        frames = tf.TensorSpec((None, topology.bins), tf.float16)
        conditions = tf.TensorSpec((None, topology.conditions), tf.float32)
        self._train = tf.function(
            self._train, input_signature=[frames, conditions, tf.TensorSpec((), tf.int32), tf.TensorSpec(())]
        )
        self._squared_errors = tf.function(self._squared_errors, input_signature=[frames, conditions])

    def train(self, frames, conditions, number: int, learning_rate: float) -> tuple[float, float]:
        """Run step ``number`` (from 0) on one batch; returns its mean squared error and consistency loss."""
        mse, inconsistency = self._train(
            tf.constant(frames), tf.constant(conditions), tf.constant(number), tf.constant(learning_rate, tf.float32)
        )
        return float(mse), float(inconsistency)

    def squared_errors(self, frames, conditions) -> np.ndarray:
        """Squared error of each frame [shape=(n,)], mean over its bins."""
        return self._squared_errors(tf.constant(frames), tf.constant(conditions)).numpy()

    def state(self) -> dict[str, np.ndarray]:
        """Weights and Adam's moments by name."""
        return {name: variable.numpy() for name, variable in {**self._variables, **self._moments}.items()}

    def restore(self, state: dict[str, np.ndarray]):
        """Go back to a `state`."""
        for name, variable in {**self._variables, **self._moments}.items():
            variable.assign(state[name])

    def _train(self, frames, conditions, number, learning_rate):
        frames = tf.cast(frames, tf.float32)
        with tf.GradientTape() as tape:
            mse = tf.reduce_mean(tf.square(self.network((frames, conditions)) - frames))
            inconsistency = self._inconsistency(number) if self.consistency else tf.constant(0.0)
            loss = mse + self.consistency * inconsistency
        gradients = tape.gradient(loss, self._variables)
        passed = tf.cast(number + 1, tf.float32)
        for name, variable in self._variables.items():
            gradient = gradients[name]
            if name.endswith("weight"):
                gradient += 2.0 * self.l2 * variable
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle,
                m=self._moments[f"adam.m.{name}"].handle,
                v=self._moments[f"adam.v.{name}"].handle,
                beta1_power=_BETA_1**passed,
                beta2_power=_BETA_2**passed,
                lr=learning_rate,
                beta1=_BETA_1,
                beta2=_BETA_2,
                epsilon=_EPSILON,
                grad=gradient,
            )
        return mse, inconsistency

    def _inconsistency(self, number):
        """Cross-entropy between the class asked for and the chroma that random points decode to."""
        topology = self.network.topology
        points = (CONSISTENCY_POINTS,)
        draw = tf.random.stateless_uniform
        latents = draw((*points, topology.bottleneck), seed=[self.seed, 3 * number])
        classes = draw(points, seed=[self.seed, 3 * number + 1], maxval=CLASSES, dtype=tf.int32)
        conditions = [tf.one_hot(classes, CLASSES)]
        if topology.octaves:
            octaves = draw(points, seed=[self.seed, 3 * number + 2], maxval=len(topology.octaves), dtype=tf.int32)
            conditions.append(tf.one_hot(octaves, len(topology.octaves)))
        decoded = self.network.decode(latents, tf.concat(conditions, axis=1))
        power = tf.square(decoded) @ self._filterbank
        logits = _SHARPNESS * tf.math.log(power + _FLOOR)
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(classes, logits))

    def _squared_errors(self, frames, conditions):
        frames = tf.cast(frames, tf.float32)
        return tf.reduce_mean(tf.square(self.network((frames, conditions)) - frames), axis=1)
