"""What training a harmonic network makes small: differences of levels as they are heard, in dB.

Three parts: harmonics, each as much as the next; all power in bands of the ERB-rate scale, harmonics and noise
together; and the noise alone, so that the floor between partials is right.  Below what is heard beside the
strongest harmonic, lower is as good as right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from manned.model.harmonic.analysis import Frames
from manned.model.harmonic.scale import BANDS, FLOOR_DB, band_edges_hz, harmonic_frequencies
from manned.model.harmonic.topology import frame_input, pitch_input
from training.network.backend import Tensor, keras

ops: Any = keras.ops  # to a type checker some of its back ends answer with None

HEARD_DB = 50.0
"""Harmonics within so much of the strongest are heard one by one."""

_HARMONIC_FLOOR_DB = 65.0  # under the strongest harmonic
_BAND_FLOOR_DB = -72.0  # under the whole frame
_FAINT = 0.3  # weight of all harmonics together that are not heard one by one
_MASKED = 0.25  # weight of noise far below the harmonics of its band
_LEAK = 0.02  # slope below the floors, so that what went too low still feels which way is up
_SCALE = -FLOOR_DB / 10.0  # the loss counts tens of dB
_ERB_WEIGHT, _NOISE_WEIGHT = 0.3, 0.2


@dataclass(frozen=True, eq=False)
class Targets:
    """Frames as training takes them, all [shape=(n, …)]; see `targets`.

    Attributes
    ----------
    inputs : np.ndarray [shape=(n, outputs)], float32
        Of the encoder, and what the decoder should answer.
    pitch : np.ndarray [shape=(n, 1)], float32
    harmonic_weights, noise_weights : np.ndarray [shape=(n, HARMONICS)], [shape=(n, BANDS)], float32
        Each row sums up to 1 over what is heard.
    harmonic_floor : np.ndarray [shape=(n, 1)], float32
        In the scale of ``inputs``.
    bands : np.ndarray [shape=(n, HARMONICS)], int32
        Band that each harmonic lies in; `BANDS` beyond the last.
    """

    inputs: np.ndarray
    pitch: np.ndarray
    harmonic_weights: np.ndarray
    noise_weights: np.ndarray
    harmonic_floor: np.ndarray
    bands: np.ndarray


def targets(frames: Frames) -> Targets:
    """Prepare frames for training."""
    levels = frames.harmonics_db
    strongest = levels.max(axis=1, keepdims=True)
    heard = levels >= strongest - HEARD_DB
    faint = _FAINT * ~heard / np.maximum(np.sum(~heard, axis=1, keepdims=True), 1)
    places = harmonic_frequencies(frames.f0_hz, frames.inharmonicity, levels.shape[1])
    bands = np.searchsorted(band_edges_hz(), places, side="right").astype(np.int32) - 1
    rows = np.arange(len(levels))[:, None]
    power = np.where(levels > FLOOR_DB, 10.0 ** (levels / 10.0), 0.0)
    flat = (rows * (BANDS + 1) + np.minimum(bands, BANDS)).ravel()
    harmonic_power = np.bincount(flat, power.ravel(), len(levels) * (BANDS + 1)).reshape(-1, BANDS + 1)[:, :BANDS]
    above_db = frames.bands_db - 10.0 * np.log10(harmonic_power + 1e-12)
    audible = _MASKED + (1.0 - _MASKED) * np.clip((above_db + 30.0) / 20.0, 0.0, 1.0)
    return Targets(
        frame_input(levels, frames.bands_db, frames.inharmonicity),
        pitch_input(frames.f0_hz),
        (heard / heard.sum(axis=1, keepdims=True) + faint).astype(np.float32),
        (audible / audible.sum(axis=1, keepdims=True)).astype(np.float32),
        np.clip(1.0 - (strongest - _HARMONIC_FLOOR_DB) / FLOOR_DB, 0.0, 1.0).astype(np.float32),
        np.minimum(bands, BANDS),
    )


def loss(output: Tensor, batch: Targets) -> tuple[Tensor, ...]:
    """The loss of decoder outputs [shape=(n, outputs)] for a batch of tensors.

    Returns
    -------
    total, harmonic, erb, noise, stiffness : scalar tensors
        The parts in tens of dB, but the last.
    """
    count = batch.harmonic_weights.shape[1]
    wanted = batch.inputs
    band_floor = 1.0 - _BAND_FLOOR_DB / FLOOR_DB
    harmonic = ops.abs(_difference(output[:, :count], wanted[:, :count], batch.harmonic_floor))
    noise = _difference(output[:, count:-1], wanted[:, count:-1], band_floor)
    erb = _difference(_all_power(output, batch.bands, count), _all_power(wanted, batch.bands, count), band_floor)
    parts = (
        ops.mean(ops.sum(batch.harmonic_weights * harmonic, axis=1)),
        ops.mean(ops.sqrt(ops.mean(ops.square(erb), axis=1) + 1e-4)),
        ops.mean(ops.sqrt(ops.sum(batch.noise_weights * ops.square(noise), axis=1) + 1e-4)),
        ops.mean(ops.square(output[:, -1] - wanted[:, -1])),
    )
    return (parts[0] + _ERB_WEIGHT * parts[1] + _NOISE_WEIGHT * parts[2] + parts[3], *parts)


def _difference(found: Tensor, wanted: Tensor, floor: Tensor | float) -> Tensor:
    """In tens of dB; below the floor all is equal, unless something is wanted above it."""
    below = floor + ops.where(wanted > floor, _LEAK * (found - floor), 0.0)
    return _SCALE * (ops.where(found > floor, found, below) - ops.maximum(wanted, floor))


def _all_power(levels: Tensor, bands: Tensor, count: int) -> Tensor:
    """Level of harmonics and noise together in each band, in the scale of the network's levels."""
    nepers = float(np.log(10.0) / 10.0)
    power = ops.exp(nepers * FLOOR_DB * (1.0 - ops.minimum(levels[:, :-1], 1.2)))
    rows = ops.shape(levels)[0]
    segments = ops.reshape(ops.arange(rows, dtype="int32")[:, None] * (BANDS + 1) + bands, (-1,))
    summed = ops.segment_sum(ops.reshape(power[:, :count], (-1,)), segments, rows * (BANDS + 1))
    total = ops.reshape(summed, (-1, BANDS + 1))[:, :BANDS] + power[:, count:]
    return 1.0 - ops.log(total + 1e-12) / (nepers * FLOOR_DB)
