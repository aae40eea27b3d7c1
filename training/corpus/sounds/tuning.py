"""Is a rendered note the note that was played?  Measured on the partials of its spectrum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from manned.model.pitch import note_to_hz

PARTIALS = 24
"""Partials that are looked at, fewer where the Nyquist frequency ends the series."""

_FLOOR_DB = -40.0  # partials below the strongest by more say nothing about pitch
_LOBE = 2.0  # half the main lobe of a Hann window, in bins of the window's length
_SPREAD_CENTS = 15.0  # how far from its place a partial still counts as harmonic


@dataclass(frozen=True)
class Tuning:
    """How a sound fits the note it should be.

    Attributes
    ----------
    cents : float
        Deviation of the fundamental, the energy-weighted median over the partials.
    harmonic : float
        Share of the energy at harmonics of the note, 0..1.
    odd : float
        Share of the odd harmonics in the energy of all, 0..1: next to nothing says an octave higher.
    fundamental_db : float
        Level of the first partial under the strongest.
    below_db : float
        Level of the strongest thing below the first partial, under the strongest partial.
    class_db : float
        Energy of the partials in the note's own pitch class over that of the strongest other class.
    level_db : float
        Root mean square, decibels re full scale.
    partials_db : tuple of float
        Energy of each partial looked at, under the sum of all, -60 at least.
    """

    cents: float
    harmonic: float
    odd: float
    fundamental_db: float
    below_db: float
    class_db: float
    level_db: float
    partials_db: tuple[float, ...]


def measure(sound: np.ndarray, note: int, samplerate: int) -> Tuning:
    """Compare a steady sound with the harmonic series of a note.

    Parameters
    ----------
    sound : np.ndarray [shape=(n,)]
        At least a tenth of a second.
    note : int
        MIDI note.
    samplerate : int
        Hertz.
    """
    rms = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))
    level_db = 20.0 * np.log10(rms + 1e-12)
    size = 2 * 2 ** int(np.ceil(np.log2(len(sound))))
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), size)) ** 2
    power[: int(20.0 * size / samplerate)] = 0.0  # an offset is no partial
    total = float(power.sum())
    fundamental = note_to_hz(note)
    numbers = np.arange(1, min(PARTIALS, int(0.45 * samplerate / fundamental)) + 1)
    if level_db < -90.0 or total == 0.0:
        return Tuning(np.inf, 0.0, 0.0, -120.0, 0.0, -120.0, level_db, (-60.0,) * len(numbers))
    bin_hz = samplerate / size
    lobe_hz = _LOBE * samplerate / len(sound)
    peaks, cents, energies = [], [], []
    for number in numbers:
        place = number * fundamental
        reach = max(lobe_hz, place * (2.0 ** (_SPREAD_CENTS / 1200.0) - 1.0))
        reach = min(reach, 0.45 * fundamental)
        first, last = int(np.ceil((place - reach) / bin_hz)), int((place + reach) / bin_hz)
        band = power[first : last + 1]
        top = first + int(np.argmax(band))
        peaks.append(power[top])
        energies.append(float(band.sum()))
        cents.append(1200.0 * np.log2(_refined(power, top) * bin_hz / place))
    peaks, energies, cents = np.array(peaks), np.array(energies), np.array(cents)
    strongest = float(power.max())
    sounding = peaks > strongest * 10.0 ** (_FLOOR_DB / 10.0)
    below = power[: max(0, int((0.9 * fundamental - 2.0 * lobe_hz) / bin_hz))]
    outside = power[int((numbers[-1] + 0.5) * fundamental / bin_hz) :].sum()  # beyond the partials looked at
    classes = np.bincount(np.round(12.0 * np.log2(numbers)).astype(int) % 12, energies, minlength=12)
    return Tuning(
        cents=_weighted_median(cents[sounding], energies[sounding]) if sounding.any() else np.inf,
        harmonic=float(energies.sum() / max(total - outside, 1e-30)),
        odd=float(energies[::2].sum() / energies.sum()),
        fundamental_db=10.0 * float(np.log10(peaks[0] / strongest + 1e-12)),
        below_db=10.0 * float(np.log10(below.max(initial=0.0) / strongest + 1e-12)),
        class_db=10.0 * float(np.log10((classes[0] + 1e-30) / (classes[1:].max() + 1e-30))),
        level_db=level_db,
        partials_db=tuple(10.0 * np.log10(energies / energies.sum() + 1e-6)),
    )


def _refined(power: np.ndarray, top: int) -> float:
    """Place of a peak between bins: the top of the parabola through three logarithmic magnitudes."""
    if not 0 < top < len(power) - 1:
        return float(top)
    left, middle, right = np.log(power[top - 1 : top + 2] + 1e-30)
    curve = left - 2.0 * middle + right
    return top + (float(np.clip(0.5 * (left - right) / curve, -0.5, 0.5)) if curve < 0.0 else 0.0)


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values)
    return float(values[order][np.searchsorted(np.cumsum(weights[order]), 0.5 * weights.sum())])
