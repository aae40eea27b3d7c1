"""Sounds whose harmonic frames are known."""

from __future__ import annotations

import numpy as np

RATE = 44100


def harmonic_tone(
    f0_hz: float, amplitudes: list[float], seconds: float = 1.0, noise: float = 0.0, inharmonicity: float = 0.0
) -> np.ndarray:
    """Sinusoids at the partials of a string, and white noise of a standard deviation."""
    time_s = np.arange(int(seconds * RATE)) / RATE
    rng = np.random.default_rng(0)
    sound = noise * rng.standard_normal(len(time_s))
    for number, amplitude in enumerate(amplitudes, 1):
        frequency = number * f0_hz * np.sqrt(1.0 + inharmonicity * number**2)
        sound += amplitude * np.cos(2.0 * np.pi * (frequency * time_s + rng.random()))
    return sound


def level_db(amplitude: float) -> float:
    """Level of a sinusoid, dB of mean square."""
    return 10.0 * np.log10(amplitude**2 / 2.0)
