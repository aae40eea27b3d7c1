"""Measures of sound that several rows use.  Signals are mono, full scale ±1, at `RATE` unless said otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.signal import fftconvolve, firwin, get_window, resample_poly

RATE = 44100
FFT = 4096
FLOOR_DB = -60.0  # of a recording's strongest bin: what lies below is not compared
HIGH_HZ = 12000.0
EVENT_S = 0.005
PARTIALS = 10
REACH_CENTS = 100.0  # how far from its place a partial is looked for
_HIGH_PASS = firwin(255, HIGH_HZ - 1000.0, window=("kaiser", 12.0), pass_zero=False, fs=RATE)  # type: ignore[arg-type]


def decibels(ratio: ArrayLike, least_db: float = -200.0) -> Any:
    """20 log10 of an amplitude ratio, at least ``least_db``."""
    return 20.0 * np.log10(np.maximum(np.abs(ratio), 10.0 ** (least_db / 20.0)))


def rms(signal: np.ndarray) -> float:
    """Root of the mean square."""
    return float(np.sqrt(np.mean(np.square(signal, dtype=np.float64))))


def spectral_convergence_db(found: np.ndarray, wanted: np.ndarray) -> float:
    """Spectral convergence of magnitude frames, ``20 log10(‖found − wanted‖ / ‖wanted‖)``; lower is better."""
    return float(decibels(np.linalg.norm(found - wanted) / np.linalg.norm(wanted)))


def log_spectral_distance_db(found: np.ndarray, wanted: np.ndarray) -> float:
    """Mean over the frames of the RMS difference of levels in dB, both cut off `FLOOR_DB` below the loudest bin.

    Only bins count where one of the two is above that floor.
    """
    floor = wanted.max() * 10.0 ** (FLOOR_DB / 20.0)
    counted = (found > floor) | (wanted > floor)
    difference = decibels(np.maximum(found, floor) / np.maximum(wanted, floor))
    squares = np.sum(np.where(counted, difference**2, 0.0), axis=1)
    frames = counted.any(axis=1)
    return float(np.mean(np.sqrt(squares[frames] / counted.sum(axis=1)[frames])))


def level_curve(signal: np.ndarray, hop: int = 512, size: int = FFT) -> np.ndarray:
    """RMS level over time, through a Hann window so long that a tone's own periods do not show."""
    power = np.lib.stride_tricks.sliding_window_view(np.square(signal, dtype=np.float64), size)[::hop]
    window = np.asarray(get_window("hann", size))
    return np.sqrt(power @ window / window.sum())


def flutter(signal: np.ndarray) -> float:
    """Standard deviation over mean of the level of a held sound."""
    levels = level_curve(signal)
    return float(levels.std() / levels.mean())


def high_band(signal: np.ndarray) -> np.ndarray:
    """What lies above 12 kHz (100 dB down at 10 kHz), undelayed."""
    return fftconvolve(signal, _HIGH_PASS, mode="same")


def event_energy(signal: np.ndarray) -> np.ndarray:
    """Mean square over every stretch of 5 ms, one per millisecond."""
    size, step = round(EVENT_S * RATE), round(0.001 * RATE)
    squares = np.concatenate([[0.0], np.cumsum(np.square(signal, dtype=np.float64))])
    return np.maximum(squares[size:] - squares[:-size], 0.0)[::step] / size


def true_peak(signal: np.ndarray, over: int = 4) -> float:
    """Highest magnitude of a signal oversampled four times, as ITU-R BS.1770 asks."""
    return float(np.abs(resample_poly(signal.astype(np.float64), over, 1, axis=0, window=("kaiser", 12.0))).max())


def partials(signal: np.ndarray, note_hz: float, count: int = PARTIALS) -> tuple[np.ndarray, np.ndarray]:
    """Deviation in cents and amplitude of each partial of a note: the highest peak within a semitone of its place.

    Deviation is NaN where there is no peak.  Adapted for static or gliding amplitude, not for a gliding pitch.
    """
    size = 4 * 2 ** int(np.ceil(np.log2(len(signal))))
    spectrum = np.abs(np.fft.rfft(signal * get_window("hann", len(signal)), size))
    step = RATE / size
    cents, heights = [], []
    for number in range(1, min(count, int(0.45 * RATE / note_hz)) + 1):
        place = number * note_hz
        reach = min(place * (2 ** (REACH_CENTS / 1200) - 1), 0.45 * note_hz)
        low, high = int((place - reach) / step), int((place + reach) / step) + 1
        k = low + int(spectrum[low:high].argmax())
        a, b, c = np.log(np.maximum(spectrum[k - 1 : k + 2], 1e-30))
        found = (k + 0.5 * (a - c) / (a - 2 * b + c)) * step if low < k < high - 1 else np.nan
        cents.append(1200 * np.log2(found / place))
        heights.append(spectrum[k])
    return np.array(cents), np.array(heights)


def deviation_cents(signal: np.ndarray, curve_hz: np.ndarray, smoothing: int) -> np.ndarray:
    """How far a tone's pitch lies from a curve, sample by sample.

    Each of the first six partials is brought to rest by turning it back along the curve, everything
    else is smoothed away with a Hann window, and what turning is left is its deviation.  Their
    mean counts each by its power and the square of its number, as their noise in cents asks.

    Parameters
    ----------
    signal : np.ndarray [shape=(n,)]
    curve_hz : np.ndarray [shape=(n,)]
        The fundamental that is wanted.
    smoothing : int
        Length of the window in samples; a deviation that is faster is averaged.

    Returns
    -------
    np.ndarray [shape=(n,)]
        In cents; NaN within half a window of the ends.
    """
    turns = np.cumsum(curve_hz / RATE)
    window = np.asarray(get_window("hann", smoothing))
    window /= window.sum()
    total, weights = np.zeros(len(signal)), np.zeros(len(signal))
    for number in range(1, 7):
        if number * curve_hz.max() > 0.45 * RATE:
            break
        still = fftconvolve(signal * np.exp(-2j * np.pi * number * turns), window, mode="same")
        left = np.angle(still[1:] * np.conj(still[:-1])) / (2 * np.pi) * RATE  # Hertz at that partial
        weight = number**2 * np.abs(still) ** 2
        total += weight * np.append(left, left[-1]) / number
        weights += weight
    cents = 1200 / np.log(2) * total / weights / curve_hz
    cents[: smoothing // 2] = cents[-smoothing // 2 :] = np.nan
    return cents


def distortion_and_noise(signal: np.ndarray, frequency_hz: float) -> float:
    """THD+N of a sine: RMS of all but the fundamental (Blackman–Harris main lobe) over the whole RMS."""
    window = get_window("blackmanharris", len(signal))
    power = np.abs(np.fft.rfft(signal * window)) ** 2
    k = round(frequency_hz * len(signal) / RATE)
    rest = power[10:].sum() - power[k - 8 : k + 9].sum()
    return float(np.sqrt(max(rest, 0.0) / power[10:].sum()))
