"""Sound of harmonic frames, offline: oscillators and shaped noise, the reference for the engine's own way.

Not fast and not causal; it is there to listen, to measure and to compare the engine with.
"""

from __future__ import annotations

import numpy as np

from .scale import FLOOR_DB, SAMPLERATE, harmonic_frequencies
from .spectrum import noise_power

_NOISE_WINDOW = 2048


def render(
    harmonics_db: np.ndarray,
    bands_db: np.ndarray,
    f0_hz: np.ndarray,
    inharmonicity: np.ndarray,
    level_db: np.ndarray,
    hop: int,
    samplerate: int = SAMPLERATE,
    seed: int = 0,
) -> np.ndarray:
    """Play frames one after another, ``hop`` samples apart.

    Parameters
    ----------
    harmonics_db : np.ndarray [shape=(n, HARMONICS)]
    bands_db : np.ndarray [shape=(n, BANDS)]
    f0_hz, inharmonicity, level_db : np.ndarray [shape=(n,)]
        See `analysis.Frames`.
    hop, samplerate : int
    seed : int
        Of the first phases and the noise.

    Returns
    -------
    np.ndarray [shape=(n * hop,)], float32
        Frame ``i`` stands at sample ``i * hop``.
    """
    rng = np.random.default_rng(seed)
    level = np.asarray(level_db, dtype=np.float64)[:, None]
    oscillators = _oscillators(harmonics_db + level, f0_hz, inharmonicity, hop, samplerate, rng)
    noise = _noise(bands_db + level, hop, samplerate, len(oscillators), rng)
    return (oscillators + noise).astype(np.float32)


def _oscillators(harmonics_db, f0_hz, inharmonicity, hop, samplerate, rng) -> np.ndarray:
    """Sum of sinusoids whose amplitudes and frequencies go from frame to frame in straight lines."""
    length = len(f0_hz) * hop
    frequency = harmonic_frequencies(f0_hz, inharmonicity, harmonics_db.shape[1])
    heard = (harmonics_db > FLOOR_DB - 60.0) & (frequency < 0.5 * samplerate)
    amplitude = np.where(heard, np.sqrt(2.0) * 10.0 ** (harmonics_db / 20.0), 0.0)
    steps = np.arange(length) / hop
    frames = np.arange(len(f0_hz))
    result = np.zeros(length)
    for harmonic in np.flatnonzero(amplitude.max(axis=0) > 1e-6):
        phase = np.cumsum(np.interp(steps, frames, frequency[:, harmonic])) / samplerate + rng.random()
        result += np.interp(steps, frames, amplitude[:, harmonic]) * np.cos(2.0 * np.pi * phase)
    return result


def _noise(bands_db, hop, samplerate, length, rng) -> np.ndarray:
    """White noise through the bands of each frame, overlapping windows of sine shape in power."""
    window = np.sqrt(np.hanning(_NOISE_WINDOW + 1)[:-1])
    step = _NOISE_WINDOW // 4
    frames = np.arange(len(bands_db))
    result = np.zeros(length + 2 * _NOISE_WINDOW)
    for start in range(0, length + _NOISE_WINDOW, step):
        place = np.clip((start - _NOISE_WINDOW / 2) / hop, 0, len(bands_db) - 1)
        below = min(int(place), len(frames) - 2) if len(frames) > 1 else 0
        share = place - below
        levels = bands_db[below] if len(frames) < 2 else (1 - share) * bands_db[below] + share * bands_db[below + 1]
        gain = np.sqrt(noise_power(levels[None], _NOISE_WINDOW, samplerate)[0])
        white = rng.standard_normal(_NOISE_WINDOW) * window
        # A bin of white noise of variance 1 has the power 2 / length; the windows overlap to a power of 2.
        shaped = np.fft.irfft(np.fft.rfft(white) * gain * np.sqrt(_NOISE_WINDOW / 2.0)) * window
        result[start : start + _NOISE_WINDOW] += shaped / np.sqrt(1.5)
    return result[_NOISE_WINDOW : _NOISE_WINDOW + length]
