"""The one definition of the network (paper, section III)."""

from __future__ import annotations

import math
import operator
from dataclasses import asdict, dataclass, fields

import numpy as np

from ..errors import ModelError
from ..limits import CLASSES

BOTTLENECK_ACTIVATIONS = ("sigmoid", "leaky_relu", "linear")
AUGMENTATIONS = ("none", "difference", "chroma")
OUTPUTS = ("relu", "square")

Layer = tuple[int, int, str]
"""Inputs, outputs and activation of a dense layer."""

Weights = tuple[np.ndarray, np.ndarray]
"""Weight [shape=(inputs, outputs)] and bias [shape=(outputs,)] of a dense layer."""

OCTAVES = range(-1, 11)
"""The octaves that MIDI's notes lie in."""


@dataclass(frozen=True)
class Topology:
    """Layer widths, activations and conditioning of one autoencoder.

    Attributes
    ----------
    widths : tuple of int
        Encoder layer widths from the input to the bottleneck; the decoder has
        them in reverse.  All use LeakyReLU with slope ``alpha`` (III-C).
    bottleneck : int
        Number of latents.
    bottleneck_activation : {'sigmoid', 'leaky_relu', 'linear'}
        Linear for the means of a β-VAE, whose prior is a standard normal (VI).
    augmentation : {'none', 'difference', 'chroma'}
        What is appended to the encoder's input: nothing, the first-order
        difference (``bins - 1`` points) or the one-hot chroma (III-B).
    skip : bool
        Whether the one-hot chroma also enters the decoder, beside the latents.
    skip_every_layer : bool
        Whether what the skip brings enters every layer of the decoder, not the
        first alone.  The paper's does not.
    octaves : tuple of int
        When not empty, a one-hot of the note's octave stands beside the chroma
        wherever the chroma goes.  Octave 4 holds A4 = 440 Hz; −1–10 are allowed.
    output : {'relu', 'square'}
        Output activation; both are non-negative, as magnitudes are.
    alpha : float
        Slope of LeakyReLU below zero (III-A: 0.1).
    samplerate, n_fft, hop : int
        Geometry of the training STFT: Hertz, samples, samples (IV).
    """

    widths: tuple[int, ...] = (1024, 512, 256, 128, 64, 32, 16)
    bottleneck: int = 2
    bottleneck_activation: str = "sigmoid"
    augmentation: str = "chroma"
    skip: bool = True
    skip_every_layer: bool = False
    octaves: tuple[int, ...] = ()
    output: str = "relu"
    alpha: float = 0.1
    samplerate: int = 44100
    n_fft: int = 4096
    hop: int = 1024

    def __post_init__(self):
        for name in ("widths", "octaves"):
            object.__setattr__(self, name, tuple(map(operator.index, getattr(self, name))))
        for name, allowed in (
            ("bottleneck_activation", BOTTLENECK_ACTIVATIONS),
            ("augmentation", AUGMENTATIONS),
            ("output", OUTPUTS),
        ):
            if getattr(self, name) not in allowed:
                raise ModelError(f"topology: {name} is {getattr(self, name)!r}, allowed are {', '.join(allowed)}")
        for name in ("bottleneck", "samplerate", "n_fft", "hop"):
            if not isinstance(getattr(self, name), int) or getattr(self, name) < 1:
                raise ModelError(f"topology: {name} is {getattr(self, name)!r}, allowed is a whole number from 1")
        if not self.widths or min(self.widths) < 1:
            raise ModelError(f"topology: widths is {self.widths!r}, allowed are whole numbers from 1")
        if len(set(self.octaves)) != len(self.octaves) or list(self.octaves) != sorted(self.octaves):
            raise ModelError(f"topology: octaves is {self.octaves!r}, allowed are distinct numbers in rising order")
        if not set(self.octaves) <= set(OCTAVES):
            raise ModelError(f"topology: octaves is {self.octaves!r}, allowed are {OCTAVES[0]}–{OCTAVES[-1]}")
        if self.skip_every_layer and not self.skip:
            raise ModelError("topology: skip_every_layer is true, which needs the skip")
        if not isinstance(self.alpha, (int, float)) or not math.isfinite(self.alpha):
            raise ModelError(f"topology: alpha is {self.alpha!r}, allowed is a finite number")

    @property
    def bins(self) -> int:
        """Points of one magnitude frame: ``n_fft / 2 + 1`` (2049 in the paper)."""
        return self.n_fft // 2 + 1

    @property
    def conditions(self) -> int:
        """Width of the condition vector: 12 classes, then the octaves if any."""
        return CLASSES + len(self.octaves)

    @property
    def encoder_inputs(self) -> int:
        """Width of the encoder's input: a frame and its augmentation."""
        extra = {"none": 0, "difference": self.bins - 1, "chroma": self.conditions}
        return self.bins + extra[self.augmentation]

    @property
    def decoder_inputs(self) -> int:
        """Width of the decoder's input: the latents, then the condition if ``skip``."""
        return self.bottleneck + (self.conditions if self.skip else 0)

    @property
    def repeated_inputs(self) -> int:
        """How many of the decoder's inputs, the last ones, its other layers are given too."""
        return self.conditions if self.skip_every_layer else 0

    def encoder_layers(self) -> list[Layer]:
        """``(inputs, outputs, activation)`` of each dense layer up to the bottleneck."""
        widths = [self.encoder_inputs, *self.widths, self.bottleneck]
        activations = ["leaky_relu"] * len(self.widths) + [self.bottleneck_activation]
        return list(zip(widths[:-1], widths[1:], activations))

    def decoder_layers(self) -> list[Layer]:
        """``(inputs, outputs, activation)`` of each dense layer from the bottleneck on."""
        widths = [*reversed(self.widths), self.bins]
        inputs = [self.decoder_inputs, *(width + self.repeated_inputs for width in widths[:-1])]
        activations = ["leaky_relu"] * len(self.widths) + [self.output]
        return list(zip(inputs, widths, activations))

    def as_dict(self) -> dict:
        """Plain values, ready for JSON; `from_dict` reads them back.

        What version 0.1 did not know is left out at its default, so that the digest of a decoder made then stays.
        """
        values = asdict(self)
        if not self.skip_every_layer:
            del values["skip_every_layer"]
        return values

    @classmethod
    def from_dict(cls, values: dict) -> Topology:
        """Build from plain values; an unknown or missing key is a `ModelError`."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ModelError(f"topology: unknown key {unknown[0]!r}, allowed are {', '.join(sorted(known))}")
        try:
            return cls(**values)
        except (TypeError, ValueError, OverflowError) as error:
            raise ModelError(f"topology: {error}") from None
