"""What a decoder's faders hold: how many kinds of sound, how pure, how rough, and whether keys agree.

A player is a function from control values [shape=(n, latents)] and pitches in Hertz [shape=(n,)] to
normalised magnitude frames [shape=(n, 2049)].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from manned.model.harmonic.ear import PARTIAL_DB, erb_levels, foreign_share, harmonic_levels, in_lobes, noise_levels
from manned.model.harmonic.topology import STIFFEST
from manned.model.pitch import note_to_hz
from training.network.harmonics import FIRST_HARMONICS

Player = Callable[[np.ndarray, np.ndarray], np.ndarray]

POINTS = 4000
"""That are heard, unless another number is asked for."""

_C3, _C4, _C5 = 48, 60, 72
_COLOUR_DB = -50.0
_FOREIGN = 0.1
_STANDS_OUT_DB = 3.0  # of the noise, as loud as the partial itself


@dataclass(frozen=True)
class Space:
    """Figures of random faders.

    Attributes
    ----------
    dimensions : tuple of float
        Effective dimensions of loudness spectra at C3, C4 and C5: the participation ratio of their variances.
    evenness_db : float
        Mean change of the first 16 harmonics from C4 to C♯4.
    foreign : float
        Share of points, C2–B6, of whose energy a tenth or more is partials of another note; those of a stiff string
        are its own.
    off_multiples : float
        The same, if only whole multiples of the note are its own.
    purest_partials : float
        The 5 % quantile of partials within 40 dB of the strongest.
    roughest_beside : float
        The 95 % quantile of the share of energy beside harmonics.
    """

    dimensions: tuple[float, ...]
    evenness_db: float
    foreign: float
    off_multiples: float
    purest_partials: float
    roughest_beside: float


def measure(player: Player, latents: int, seed: int = 0, points: int = POINTS) -> Space:
    """Listen to points drawn evenly from all that the faders reach."""
    rng = np.random.default_rng(seed)
    controls = rng.random((points, latents)).astype(np.float32)
    at = {note: player(controls, np.full(points, note_to_hz(note))) for note in (_C3, _C4, _C4 + 1, _C5)}
    notes = rng.integers(36, 96, points)
    f0_hz = np.array([note_to_hz(note) for note in notes])
    anywhere = player(controls, f0_hz)
    partials, beside = partials_and_rest(anywhere, f0_hz)
    return Space(
        tuple(effective_dimensions(loudness(at[note])) for note in (_C3, _C4, _C5)),
        colour_change_db(at[_C4], note_to_hz(_C4), at[_C4 + 1], note_to_hz(_C4 + 1)),
        float(np.mean(foreign_share(anywhere, f0_hz, STIFFEST) > _FOREIGN)),
        float(np.mean(foreign_share(anywhere, f0_hz) > _FOREIGN)),
        float(np.percentile(partials, 5)),
        float(np.percentile(beside, 95)),
    )


def loudness(frames: np.ndarray) -> np.ndarray:
    """Loudness [shape=(n, 40)] in bands of the ERB-rate scale: power to 0.3, as the ear compresses it."""
    return 10.0 ** (0.03 * erb_levels(frames))


def effective_dimensions(levels: np.ndarray) -> float:
    """Participation ratio of the variances of rows [shape=(n, bands)]: k when k of them share all equally."""
    variances = np.linalg.eigvalsh(np.cov(levels.T))
    return float(variances.sum() ** 2 / np.square(variances).sum())


def colour_change_db(lower: np.ndarray, lower_hz: float, upper: np.ndarray, upper_hz: float) -> float:
    """Mean change of a harmonic's level, under that of all, between frames [shape=(n, bins)] of two notes."""
    levels = []
    for frames, hz in ((lower, lower_hz), (upper, upper_hz)):
        level = harmonic_levels(frames, np.full(len(frames), hz), np.zeros(len(frames)))[:, :FIRST_HARMONICS]
        levels.append(level - 10.0 * np.log10(np.sum(10.0 ** (level / 10.0), axis=1, keepdims=True)))
    heard = levels[0] >= levels[0].max(axis=1, keepdims=True) + _COLOUR_DB
    return float(np.sum(np.abs(levels[0] - levels[1]) * heard) / heard.sum())


def partials_and_rest(frames: np.ndarray, f0_hz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many partials lie within 40 dB of the strongest, and the share of energy beside all harmonics, of each frame.

    What noise brings to the place of a harmonic is no partial.
    """
    levels = harmonic_levels(frames, f0_hz, np.zeros(len(frames)))
    heard = levels >= levels.max(axis=1, keepdims=True) - PARTIAL_DB
    heard &= levels >= noise_levels(frames, f0_hz) + _STANDS_OUT_DB
    inside = in_lobes(frames.shape[1], f0_hz)
    power = np.square(frames, dtype=np.float64)
    return np.sum(heard, axis=1), np.sum(power * ~inside, axis=1) / power.sum(axis=1)
