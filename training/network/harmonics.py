"""Which bins of a spectrum belong to a note, and how many of its harmonics sound: what lumps and lone partials fail."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from manned.limits import CLASSES
from manned.model.pitch import note_to_hz

FIRST_HARMONICS = 16
"""Those by which the colour of two notes is compared."""

_LOBE_BINS = 1.5
_VIBRATO_CENTS = 30.0
_MOST_OF_SPACING = 1 / 16


@lru_cache(maxsize=128)
def harmonic_mask(note: int, samplerate: int = 44100, n_fft: int = 4096) -> np.ndarray:
    """Bins that a harmonic of a note can reach [shape=(bins,)], 1 or 0.

    A harmonic reaches 30 cents to either side, as a violinist's vibrato does, but no more than a sixteenth of the way
    to the next one, so that noise does not pass for a note; and 1.5 bins more, nearly all of a Hann window's main lobe.

    Parameters
    ----------
    note : int
        MIDI note.
    samplerate : int
    n_fft : int
    """
    fundamental = note_to_hz(note) * n_fft / samplerate
    bins = np.arange(n_fft // 2 + 1)
    nearest = _nearest_harmonics(note, samplerate, n_fft) * fundamental
    vibrato = np.minimum(nearest * (2.0 ** (_VIBRATO_CENTS / 1200.0) - 1.0), _MOST_OF_SPACING * fundamental)
    return (np.abs(bins - nearest) <= _LOBE_BINS + vibrato).astype(np.float32)


def harmonic_masks(octaves: Iterable[int], samplerate: int = 44100, n_fft: int = 4096) -> np.ndarray:
    """`harmonic_mask` of every pitch class in some octaves [shape=(12, octaves, bins)]."""
    notes = [[12 * (int(octave) + 1) + pitch_class for octave in octaves] for pitch_class in range(CLASSES)]
    return np.array([[harmonic_mask(note, samplerate, n_fft) for note in row] for row in notes])


def harmonic_bins(notes: np.ndarray, samplerate: int = 44100, n_fft: int = 4096) -> tuple[np.ndarray, np.ndarray]:
    """Where the first harmonics of notes lie.

    Parameters
    ----------
    notes : np.ndarray [shape=(n,)]
        MIDI notes.

    Returns
    -------
    bins : np.ndarray [shape=(n, `FIRST_HARMONICS`, 3)], int32
        The bin nearest to each harmonic and those beside it.
    present : np.ndarray [shape=(n, `FIRST_HARMONICS`)], float32
        0 for harmonics that lie above the spectrum.
    """
    fundamentals = np.array([note_to_hz(int(note)) for note in notes]) * n_fft / samplerate
    nearest = np.rint(fundamentals[:, None] * np.arange(1, FIRST_HARMONICS + 1)).astype(np.int32)
    present = nearest < n_fft // 2
    nearest = np.where(present, nearest, 1)
    return (nearest[:, :, None] + np.arange(-1, 2, dtype=np.int32)), present.astype(np.float32)


def sounding_partials(power: np.ndarray, note: int, samplerate: int = 44100) -> np.ndarray:
    """Effective number of a note's harmonics that sound.

    The exponential of the entropy of the power's distribution over the
    harmonics: 1 for a lone partial, n for n of equal power.

    Parameters
    ----------
    power : np.ndarray [shape=(n, bins)]
        Squared magnitudes.
    note : int
        MIDI note.
    samplerate : int

    Returns
    -------
    np.ndarray [shape=(n,)], float32
        0 where no harmonic sounds.
    """
    n_fft = 2 * (power.shape[1] - 1)
    first_bins = np.unique(_nearest_harmonics(note, samplerate, n_fft), return_index=True)[1]
    of_harmonics = np.add.reduceat(power * harmonic_mask(note, samplerate, n_fft), first_bins, axis=1)
    total = of_harmonics.sum(axis=1, keepdims=True)
    shares = np.divide(of_harmonics, total, out=np.zeros_like(of_harmonics), where=total > 0)
    entropy = -np.sum(shares * np.log(np.where(shares > 0, shares, 1.0)), axis=1)
    return np.where(total[:, 0] > 0, np.exp(entropy), 0.0).astype(np.float32)


def _nearest_harmonics(note: int, samplerate: int, n_fft: int) -> np.ndarray:
    """Number of the harmonic, from 1, that lies nearest to each bin."""
    bins = np.arange(n_fft // 2 + 1)
    return np.maximum(np.round(bins * samplerate / n_fft / note_to_hz(note)), 1.0)
