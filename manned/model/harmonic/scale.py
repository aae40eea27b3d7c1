"""The numbers of a harmonic frame: how many harmonics and bands, the ERB scale, and dB.

A frame divides the power of a sound among the harmonics of its pitch and bands of noise between them (the
harmonic-plus-noise model: Serra and Smith, "Spectral modeling synthesis", 1990).  All levels are dB of mean
square power under the power of the whole frame, so that a frame says nothing of loudness.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

HARMONICS = 128
BANDS = 64
FLOOR_DB = -90.0
"""The lowest level told: nothing is there."""

LOWEST_HZ, HIGHEST_HZ = 16.0, 8500.0
"""Range of fundamentals: C0 to C9 and what bends them."""

SAMPLERATE = 44100
"""Hertz, of the sounds that models are made of."""

NYQUIST_HZ = SAMPLERATE / 2
"""Bands end here, whatever the sample rate that plays them."""


def erb_number(frequency_hz: np.ndarray | float) -> np.ndarray:
    """Place on the ERB-rate scale (Glasberg and Moore, 1990): equal steps are equally far apart in the ear."""
    return 21.4 * np.log10(1.0 + 0.00437 * np.asarray(frequency_hz, dtype=np.float64))


def erb_frequency(number: np.ndarray | float) -> np.ndarray:
    """Frequency in Hertz of a place on the ERB-rate scale."""
    return (10.0 ** (np.asarray(number, dtype=np.float64) / 21.4) - 1.0) / 0.00437


@lru_cache(maxsize=8)
def band_edges_hz(bands: int = BANDS) -> np.ndarray:
    """Edges [shape=(bands + 1,)] of bands of equal width on the ERB-rate scale, from 0 Hz to `NYQUIST_HZ`."""
    edges = erb_frequency(np.linspace(0.0, erb_number(NYQUIST_HZ), bands + 1))
    edges.setflags(write=False)
    return edges


@lru_cache(maxsize=8)
def band_centres_hz(bands: int = BANDS) -> np.ndarray:
    """Middle [shape=(bands,)] of each band on the ERB-rate scale."""
    numbers = np.linspace(0.0, erb_number(NYQUIST_HZ), bands + 1)
    centres = erb_frequency(0.5 * (numbers[1:] + numbers[:-1]))
    centres.setflags(write=False)
    return centres


def to_db(power: np.ndarray) -> np.ndarray:
    """Power in dB, `FLOOR_DB` at least."""
    return np.maximum(10.0 * np.log10(np.maximum(power, 1e-30)), FLOOR_DB)


def harmonic_frequencies(f0_hz: np.ndarray, inharmonicity: np.ndarray, harmonics: int = HARMONICS) -> np.ndarray:
    """Where harmonics lie: ``h f0 sqrt(1 + B h²)``, the partials of a stiff string (Fletcher, 1964).

    Parameters
    ----------
    f0_hz, inharmonicity : array_like [shape=(n,)]
        ``B`` is 0 for a harmonic sound, about 0.0004 for the middle of a piano.

    Returns
    -------
    np.ndarray [shape=(n, harmonics)], Hertz
    """
    number = np.arange(1, harmonics + 1, dtype=np.float64)
    f0_hz, inharmonicity = (np.asarray(values, dtype=np.float64)[:, None] for values in (f0_hz, inharmonicity))
    return number * f0_hz * np.sqrt(1.0 + inharmonicity * number**2)
