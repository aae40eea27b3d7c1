"""Measurements on rendered sound."""

from __future__ import annotations

import numpy as np


def frequency_of(signal: np.ndarray, near_hz: float, samplerate: float = 44100) -> float:
    """Frequency in Hertz of the strongest partial within 10 % of ``near_hz``."""
    size = 4 * len(signal)
    spectrum = np.abs(np.fft.rfft(signal * np.hanning(len(signal)), size))
    low, high = int(near_hz * 0.9 * size / samplerate), int(near_hz * 1.1 * size / samplerate)
    k = low + int(spectrum[low:high].argmax())
    a, b, c = np.log(spectrum[k - 1 : k + 2])
    return (k + 0.5 * (a - c) / (a - 2 * b + c)) * samplerate / size


def cents(found_hz: float, wanted_hz: float) -> float:
    """How far a frequency lies above another, in cents."""
    return 1200 * np.log2(found_hz / wanted_hz)


def level_db(signal: np.ndarray) -> float:
    """RMS level in decibels below full scale."""
    return 20 * np.log10(np.sqrt(np.mean(np.square(signal, dtype=np.float64))) + 1e-30)


def sharpest(signal: np.ndarray) -> float:
    """Largest second difference: what a click raises."""
    return float(np.abs(np.diff(signal, 2)).max())
