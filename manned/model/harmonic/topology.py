"""The one definition of a harmonic network: layer widths, and how numbers enter and leave it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

import numpy as np

from ...errors import ModelError
from .scale import BANDS, FLOOR_DB, HARMONICS

KIND = "harmonic"
MOST_LATENTS = 16
_WIDEST = 4096
MIDDLE_HZ = 261.6255653005986
"""C4, which the network takes as 0."""

PITCH_OCTAVES = 4.0
"""So many octaves above C4 it takes as 1."""

STIFFEST = 0.004
"""Largest inharmonicity that it gives."""

Layer = tuple[int, int, str]
"""Inputs, outputs and activation of a dense layer."""


@dataclass(frozen=True)
class HarmonicTopology:
    """Widths of an autoencoder of harmonic frames whose decoder is given the pitch.

    The encoder takes harmonics, bands, stiffness and pitch, the decoder latents and pitch; the pitch enters
    every layer of the decoder.  Hidden layers are LeakyReLU, the others linear.

    Attributes
    ----------
    latents : int
        1–16.
    encoder_widths, decoder_widths : tuple of int
        Hidden layers from the input on.
    harmonics, bands : int
        Of a frame, see `scale`.
    alpha : float
        Slope of LeakyReLU below zero.
    """

    latents: int = 16
    encoder_widths: tuple[int, ...] = (512, 512)
    decoder_widths: tuple[int, ...] = (512, 512)
    harmonics: int = HARMONICS
    bands: int = BANDS
    alpha: float = 0.1

    def __post_init__(self) -> None:
        for name in ("encoder_widths", "decoder_widths"):
            widths = getattr(self, name)
            if (
                not isinstance(widths, (tuple, list))
                or not widths
                or not all(type(width) is int and 1 <= width <= _WIDEST for width in widths)
            ):
                raise ModelError(f"topology: {name} is {widths!r}, allowed are whole numbers from 1 to {_WIDEST}")
            object.__setattr__(self, name, tuple(widths))
        for name, most in (("latents", MOST_LATENTS), ("harmonics", HARMONICS), ("bands", BANDS)):
            value = getattr(self, name)
            if type(value) is not int or not 1 <= value <= most:
                raise ModelError(f"topology: {name} is {value!r}, allowed are whole numbers from 1 to {most}")
        if type(self.alpha) not in (int, float) or not 0.0 <= self.alpha <= 1.0:
            raise ModelError(f"topology: alpha is {self.alpha!r}, allowed is a number from 0 to 1")

    @property
    def outputs(self) -> int:
        """Width of the decoder's output: harmonics, bands, stiffness."""
        return self.harmonics + self.bands + 1

    def encoder_layers(self) -> list[Layer]:
        """Layers from a frame and its pitch to the latents."""
        widths = [self.outputs + 1, *self.encoder_widths, self.latents]
        return list(zip(widths[:-1], widths[1:], _activations(self.encoder_widths)))

    @property
    def repeated_inputs(self) -> int:
        """How many of the decoder's inputs, the last ones, its other layers are given too: the pitch."""
        return 1

    def decoder_layers(self) -> list[Layer]:
        """Layers from the latents to a frame; the last input of each is the pitch."""
        widths = [self.latents, *self.decoder_widths, self.outputs]
        return [
            (inputs + self.repeated_inputs, outputs, activation)
            for inputs, outputs, activation in zip(widths[:-1], widths[1:], _activations(self.decoder_widths))
        ]

    def as_dict(self) -> dict:
        """Plain values, ready for JSON; `from_dict` reads them back."""
        return {"kind": KIND, **asdict(self)}

    @classmethod
    def from_dict(cls, values: dict) -> HarmonicTopology:
        """Build from plain values; an unknown key or kind is a `ModelError`."""
        values = dict(values)
        kind = values.pop("kind", None)
        if kind != KIND:
            raise ModelError(f"topology: kind is {kind!r}, allowed is {KIND!r}")
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ModelError(f"topology: unknown key {unknown[0]!r}, allowed are {', '.join(sorted(known))}")
        return cls(**values)


def _activations(hidden: tuple[int, ...]) -> list[str]:
    return ["leaky_relu"] * len(hidden) + ["linear"]


def pitch_input(f0_hz: np.ndarray) -> np.ndarray:
    """The pitch as the network takes it [shape=(n, 1)]: octaves above C4, a quarter of them; C0 to C8 give -1 to 1."""
    return (np.log2(np.asarray(f0_hz, dtype=np.float64) / MIDDLE_HZ) / PITCH_OCTAVES).astype(np.float32)[..., None]


def frame_input(harmonics_db: np.ndarray, bands_db: np.ndarray, inharmonicity: np.ndarray) -> np.ndarray:
    """A frame as the network takes and gives it [shape=(n, outputs)]: levels, the floor being 0, then stiffness."""
    stiffness = np.sqrt(np.asarray(inharmonicity) / STIFFEST)[..., None]
    levels = 1.0 - np.concatenate([harmonics_db, bands_db], axis=-1) / FLOOR_DB
    return np.concatenate([levels, stiffness], axis=-1).astype(np.float32)


def levels_db(output: np.ndarray) -> np.ndarray:
    """Decibels of the network's levels, within `FLOOR_DB` to 0."""
    return np.clip(FLOOR_DB * (1.0 - output), FLOOR_DB, 0.0)


def stiffness(output: np.ndarray) -> np.ndarray:
    """Inharmonicity of the network's last output."""
    return STIFFEST * np.square(np.clip(output, 0.0, 1.0))
