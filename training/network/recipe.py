"""The recipe: all settings of a training run, apart from the network's shape."""

from __future__ import annotations

from dataclasses import dataclass

from manned.model.topology import Topology


@dataclass(frozen=True)
class Recipe:
    """How to train; the defaults are the paper's (section IV-C).

    Attributes
    ----------
    learning_rate : float
        Of Adam.
    cosine : bool
        Whether the learning rate falls to 0 along half a cosine.
    batch : int
        Frames a step.
    epochs : int
        Times through the training set.
    steps : int or None
        When given, stop after so many steps instead.
    l2 : float
        Penalty on the sum of squared weights.
    consistency : float
        Weight of the chroma-consistency loss: random points are decoded and
        their chroma compared with the class asked for.  0 for none.
    harmonicity : float
        Weight of the harmonicity loss: of the same points, the share of the
        power that lies on harmonics of one note of the class.  0 for none.
    evenness : float
        Weight of the evenness loss: of the same points, how far the levels of
        the first harmonics change from key to key.  0 for none.
    compressed : float
        Weight of the mean squared error of the square roots of the magnitudes,
        by which quiet partials count as they are heard.  0 for none.
    transpose : bool
        Whether notes that the corpus lacks are taught by transposed frames of
        the nearest ones (`training.network.transposition.Transposition`).
    beta : float
        Weight of the divergence from the prior: above 0 the network is a β-VAE
        (section VI), 1 weighs as the evidence lower bound of unit variance does.
    beta_warmup : float
        Share of the run, 0–1, in which β rises from 0 to its full weight.
    mixed_bfloat16 : bool
        Compute wide layers in bfloat16.
    seed : int
    """

    learning_rate: float = 5e-4
    cosine: bool = False
    batch: int = 200
    epochs: int = 300
    steps: int | None = None
    l2: float = 1e-7
    consistency: float = 0.0
    harmonicity: float = 0.0
    evenness: float = 0.0
    compressed: float = 0.0
    transpose: bool = False
    beta: float = 0.0
    beta_warmup: float = 0.0
    mixed_bfloat16: bool = False
    seed: int = 0


def takes_losses_of_points(topology: Topology) -> bool:
    """Whether a network can learn the losses of consistency, harmonicity and, if it is told the octave, evenness.

    They draw random points, which needs a bounded space, and ask each for a pitch class.
    """
    return topology.skip and topology.bottleneck_activation == "sigmoid"
