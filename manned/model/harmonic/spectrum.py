"""From harmonic frames to magnitude spectra: what a window of the sound they tell would show.

The reference for the engine's frame builder, and what decoders of both kinds are compared by.
"""

from __future__ import annotations

import numpy as np

from .analysis import lobe
from .scale import FLOOR_DB, SAMPLERATE, band_centres_hz, band_edges_hz, harmonic_frequencies

_KERNEL_BINS = 12


def magnitudes(
    harmonics_db: np.ndarray,
    bands_db: np.ndarray,
    f0_hz: np.ndarray,
    inharmonicity: np.ndarray,
    n_fft: int = 4096,
    samplerate: int = SAMPLERATE,
) -> np.ndarray:
    """Root of the expected power in each bin of a Hann window.

    Parameters
    ----------
    harmonics_db : np.ndarray [shape=(n, HARMONICS)]
        Power of each harmonic, dB.
    bands_db : np.ndarray [shape=(n, BANDS)]
        Power of each noise band, dB.
    f0_hz, inharmonicity : np.ndarray [shape=(n,)]
    n_fft, samplerate : int
        Of the window.

    Returns
    -------
    np.ndarray [shape=(n, n_fft / 2 + 1)], float32
        In the scale of `analysis.spectra`: squared and summed up they are the power of the frame.
    """
    bins = n_fft // 2 + 1
    frames = len(f0_hz)
    bin_hz = samplerate / n_fft
    places = harmonic_frequencies(f0_hz, inharmonicity, harmonics_db.shape[1]) / bin_hz
    index = np.round(places).astype(np.int64)[:, :, None] + np.arange(-_KERNEL_BINS, _KERNEL_BINS + 1)
    power = 10.0 ** (harmonics_db / 10.0) / 1.5  # the squared lobe sums up to 1.5
    parts = power[:, :, None] * lobe(index - places[:, :, None]) ** 2
    seen = (index >= 0) & (index < bins) & (harmonics_db > FLOOR_DB)[:, :, None]
    flat = np.arange(frames)[:, None, None] * bins + np.clip(index, 0, bins - 1)
    result = np.bincount(flat.ravel(), np.where(seen, parts, 0.0).ravel(), frames * bins).reshape(frames, bins)
    return np.sqrt(result + noise_power(bands_db, n_fft, samplerate)).astype(np.float32)


def noise_power(bands_db: np.ndarray, n_fft: int, samplerate: int) -> np.ndarray:
    """Power of the noise in each bin [shape=(n, bins)]: densities at the middles of bands, in dB straight between."""
    count = bands_db.shape[1]
    bin_hz = samplerate / n_fft
    density_db = bands_db - 10.0 * np.log10(np.diff(band_edges_hz(count)) / bin_hz)
    frequency = np.arange(n_fft // 2 + 1) * bin_hz
    place = np.interp(frequency, band_centres_hz(count), np.arange(count))
    below = np.minimum(place.astype(np.int64), count - 2)
    share = place - below
    return 10.0 ** ((density_db[:, below] * (1.0 - share) + density_db[:, below + 1] * share) / 10.0)
