"""What a frame is: STFT magnitudes, normalising, silence, chroma and the condition vector.

One definition for training and for live use.  Every function works frame by
frame, so a single live frame is measured exactly as it was in training.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from ..limits import CLASSES
from .pitch import note_to_hz
from .topology import Topology

A0, C8 = 21, 108
SILENCE_DB = -60.0
_FRAMES_AT_ONCE = 512
_NARROW_BAND_BINS = 0.7
_HARMONICS = 10
_HARMONIC_DECAY = 0.8


def magnitudes(signal: np.ndarray, n_fft: int = 4096, hop: int = 1024, starts: ArrayLike | None = None) -> np.ndarray:
    """Hann STFT magnitudes of a mono signal, free of DC (paper, section IV).

    Only whole windows count; a signal shorter than ``n_fft`` has no frame.

    Parameters
    ----------
    signal : np.ndarray [shape=(n,)]
        Full scale is ±1.
    n_fft, hop : int
        Samples.
    starts : array_like of int, optional
        First samples of the windows; every ``hop`` samples by default.

    Returns
    -------
    np.ndarray [shape=(frames, n_fft / 2 + 1)], float32
        A full-scale sine reaches ``n_fft / 4``.
    """
    signal = np.asarray(signal, dtype=np.float32)
    if starts is None:
        starts = np.arange(0, len(signal) - n_fft + 1, hop)
    starts = np.asarray(starts, dtype=np.int64)
    result = np.empty((len(starts), n_fft // 2 + 1), dtype=np.float32)
    window = np.hanning(n_fft + 1)[:-1].astype(np.float32)
    for first in range(0, len(starts), _FRAMES_AT_ONCE):
        block = starts[first : first + _FRAMES_AT_ONCE]
        spectra = np.fft.rfft(signal[block[:, None] + np.arange(n_fft)] * window)
        # A constant c under the periodic Hann window is c·n/2 in bin 0 and -c·n/4 in bin 1.
        spectra[:, 1] += 0.5 * spectra[:, 0]
        spectra[:, 0] = 0.0
        result[first : first + _FRAMES_AT_ONCE] = np.abs(spectra)
    return result


def audible(frames: np.ndarray, threshold_db: float = SILENCE_DB) -> np.ndarray:
    """Which frames are not silence.

    Parameters
    ----------
    frames : np.ndarray [shape=(..., bins)]
        Magnitudes from `magnitudes`, before `normalise`.
    threshold_db : float
        Level below which a frame is silence, in dB relative to full scale: its
        strongest bin is weaker than that of a sine of this peak level.

    Returns
    -------
    np.ndarray [shape=(...)], bool
    """
    full_scale = (frames.shape[-1] - 1) / 2
    return frames.max(axis=-1) >= full_scale * 10.0 ** (threshold_db / 20.0)


def normalise(frames: np.ndarray) -> np.ndarray:
    """Divide each frame by its maximum, so that it lies in [0, 1] (section IV); zeros stay zeros."""
    peak = frames.max(axis=-1, keepdims=True)
    return np.divide(frames, peak, out=np.zeros_like(frames), where=peak > 0)


@lru_cache(maxsize=8)
def chroma_filterbank(samplerate: int = 44100, n_fft: int = 4096) -> np.ndarray:
    """Weights that sum a power spectrum into the 12 pitch classes (section III-B).

    The 88 bands A0–C8 are one semitone wide.  Below about 370 Hz a semitone is
    narrower than the two bins a Hann window can tell apart; there a bin's power
    is shared among the bands by a Gaussian about each note, so that the nearest
    note gets most.  With it, sines and harmonic tones from C2 up are told right,
    a fifth of a semitone out of tune or not; plain bands miss half of octave 2.

    Returns
    -------
    np.ndarray [shape=(12, n_fft / 2 + 1)], float32, read-only
        Each bin's weights sum to 1 at most.
    """
    bin_hz = samplerate / n_fft
    bins = np.arange(n_fft // 2 + 1)
    bands = []
    for note in range(A0, C8 + 1):
        bottom, centre, top = (note_to_hz(note + offset) / bin_hz for offset in (-0.5, 0.0, 0.5))
        if top - bottom > 2.0:
            bands.append(np.clip(np.minimum(bins + 0.5, top) - np.maximum(bins - 0.5, bottom), 0.0, None))
        else:
            bands.append(np.exp(-0.5 * ((bins - centre) / _NARROW_BAND_BINS) ** 2))
    shares = np.array(bands) / np.maximum(np.sum(bands, axis=0), 1.0)
    filterbank = np.zeros((CLASSES, len(bins)), dtype=np.float32)
    np.add.at(filterbank, np.arange(A0, C8 + 1) % CLASSES, shares)
    filterbank.setflags(write=False)
    return filterbank


def chroma(frames: np.ndarray, samplerate: int = 44100) -> np.ndarray:
    """Power of each pitch class in each frame.

    Parameters
    ----------
    frames : np.ndarray [shape=(..., bins)]
        Magnitudes.

    Returns
    -------
    np.ndarray [shape=(..., 12)], C first
    """
    return np.square(frames) @ chroma_filterbank(samplerate, 2 * (frames.shape[-1] - 1)).T


def pitch_classes(frames: np.ndarray, samplerate: int = 44100) -> np.ndarray:
    """Strongest pitch class 0–11 of each frame [shape=(...)]: the maximum over the classes, never over time."""
    return np.argmax(chroma(frames, samplerate), axis=-1)


def estimate_octaves(
    frames: np.ndarray, classes: np.ndarray, octaves: Sequence[int] = range(1, 8), samplerate: int = 44100
) -> np.ndarray:
    """Octave of the note that a frame of known pitch class most likely holds.

    A harmonic sum: the square roots of the magnitudes at the first ten
    multiples of each octave's note, each multiple weighing 0.8 of the one
    before.  The roots keep one loud partial from deciding alone.

    Parameters
    ----------
    frames : np.ndarray [shape=(n, bins)]
    classes : np.ndarray [shape=(n,)], 0–11
    octaves : iterable of int
        The octaves to choose from; 4 holds A = 440 Hz.

    Returns
    -------
    np.ndarray [shape=(n,)], int
    """
    weights = harmonic_sums(tuple(map(int, octaves)), samplerate, 2 * (frames.shape[-1] - 1))
    loudness = np.sqrt(frames)
    best = np.zeros(len(frames), dtype=np.int64)
    for pitch_class in np.unique(classes):
        rows = classes == pitch_class
        best[rows] = np.argmax(loudness[rows] @ weights[pitch_class].T, axis=1)
    return np.asarray(list(octaves))[best]


@lru_cache(maxsize=8)
def harmonic_sums(octaves: tuple[int, ...], samplerate: int, n_fft: int) -> np.ndarray:
    """Weights [shape=(12, octaves, bins)] of the harmonic sum of every note."""
    weights = np.zeros((CLASSES, len(octaves), n_fft // 2 + 1), dtype=np.float32)
    for pitch_class in range(CLASSES):
        for index, octave in enumerate(octaves):
            fundamental = note_to_hz(12 * (octave + 1) + pitch_class) * n_fft / samplerate
            for harmonic in range(1, _HARMONICS + 1):
                position = harmonic * fundamental
                below = int(position)
                if below + 1 > n_fft // 2:
                    break
                share = position - below
                weights[pitch_class, index, below] += (1 - share) * _HARMONIC_DECAY ** (harmonic - 1)
                weights[pitch_class, index, below + 1] += share * _HARMONIC_DECAY ** (harmonic - 1)
    return weights


def condition(classes: ArrayLike, octaves: ArrayLike | None = None, octave_choices: tuple[int, ...] = ()) -> np.ndarray:
    """The condition vector: one-hot pitch class, then one-hot octave if the model has octaves.

    Parameters
    ----------
    classes : array_like of int [shape=(n,)], 0–11
    octaves : array_like of int [shape=(n,)], optional
        Each one of ``octave_choices``.
    octave_choices : tuple of int
        ``Topology.octaves``.

    Returns
    -------
    np.ndarray [shape=(n, 12 + len(octave_choices))], float32
    """
    classes = np.asarray(classes, dtype=np.int64)
    vector = np.zeros((len(classes), CLASSES + len(octave_choices)), dtype=np.float32)
    rows = np.arange(len(classes))
    vector[rows, classes] = 1.0
    if octaves is not None and octave_choices:
        vector[rows, CLASSES + np.searchsorted(octave_choices, octaves)] = 1.0
    return vector


def encoder_input(topology: Topology, frames: np.ndarray, conditions: np.ndarray) -> np.ndarray:
    """Frames and their augmentation (section III-B), as the encoder takes them.

    Parameters
    ----------
    topology : Topology
    frames : np.ndarray [shape=(n, bins)]
        Normalised.
    conditions : np.ndarray [shape=(n, conditions)]
        From `condition`.

    Returns
    -------
    np.ndarray [shape=(n, topology.encoder_inputs)], float32
    """
    extra = {
        "none": frames[:, :0],
        "difference": np.diff(frames, axis=1),
        "chroma": conditions,
    }[topology.augmentation]
    return np.concatenate([frames, extra], axis=1).astype(np.float32)
