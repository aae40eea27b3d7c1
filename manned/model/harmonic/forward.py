"""The reference forward pass of a harmonic network: all of it in a screenful of NumPy.

Keras and the native engine are tested against it (1e-5 apart at most).
"""

from __future__ import annotations

import numpy as np

from ..forward import activate
from .scale import FLOOR_DB
from .topology import HarmonicTopology, levels_db, pitch_input, stiffness

Weights = list[tuple[np.ndarray, np.ndarray]]
"""Weight [shape=(inputs, outputs)] and bias [shape=(outputs,)] of each layer, float32."""


def decode(
    topology: HarmonicTopology, weights: Weights, latents: np.ndarray, f0_hz: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frames of latents at a pitch.

    Parameters
    ----------
    topology : HarmonicTopology
    weights : list
        One pair per layer of ``topology.decoder_layers()``.
    latents : np.ndarray [shape=(n, latents)]
        The network's own, see `latents.Latents` for control values.
    f0_hz : np.ndarray [shape=(n,)]

    Returns
    -------
    harmonics_db : np.ndarray [shape=(n, harmonics)]
    bands_db : np.ndarray [shape=(n, bands)]
        Together the power of 1.
    inharmonicity : np.ndarray [shape=(n,)]
    """
    pitch = pitch_input(f0_hz)
    values = np.asarray(latents, dtype=np.float32)
    for (_, _, activation), (weight, bias) in zip(topology.decoder_layers(), weights):
        values = activate(np.concatenate([values, pitch], axis=1) @ weight + bias, activation, topology.alpha)
    levels = normalised(levels_db(values[:, :-1]))
    return levels[:, : topology.harmonics], levels[:, topology.harmonics :], stiffness(values[:, -1])


def encode(topology: HarmonicTopology, weights: Weights, inputs: np.ndarray, f0_hz: np.ndarray) -> np.ndarray:
    """Latents [shape=(n, latents)] of frames as `topology.frame_input` tells them, and their pitch."""
    values = np.concatenate([inputs, pitch_input(f0_hz)], axis=1)
    for (_, _, activation), (weight, bias) in zip(topology.encoder_layers(), weights):
        values = activate(values @ weight + bias, activation, topology.alpha)
    return values


def normalised(levels_db: np.ndarray) -> np.ndarray:
    """Levels whose powers sum up to 1; what lies at the floor is nothing and stays there."""
    power = np.where(levels_db > FLOOR_DB, 10.0 ** (levels_db / 10.0), 0.0)
    total_db = 10.0 * np.log10(np.maximum(power.sum(axis=1, keepdims=True), 1e-9))
    return np.where(levels_db > FLOOR_DB, np.maximum(levels_db - total_db, FLOOR_DB), FLOOR_DB).astype(np.float32)
