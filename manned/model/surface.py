"""What a decoder really sounds like over a plane: the colours of a pad.

The plane is that of ``/xy``: the decoder's chart, or its first two latents while the others stand still.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .analysis import pitch_classes
from .harmonic.decoder_file import HarmonicDecoder
from .harmonic.scale import band_centres_hz, harmonic_frequencies
from .kinds import AnyDecoder
from .loudness import k_weight
from .pitch import note_to_hz

SIDE = 16
"""Rows and columns of a plane of latents."""

_AT_ONCE = 48  # points, so that other threads get their turn
_TINY = 1e-12

_SINE_POWER = 1.5  # of a Hann window's bins around a sinusoid whose peak is 1

# As `manned.engine.synthesis` has them.
_LOWEST_HZ, _HIGHEST_HZ = 16.0, 18000.0  # it plays nothing below, and weakens what is above
_QUIETEST = 0.25  # frames of less weighted power are not raised further


@dataclass(frozen=True, eq=False)
class Surface:
    """Measures at evenly spread places; ``x`` runs along the columns, ``y`` along the rows.

    Attributes
    ----------
    brightness : np.ndarray [shape=(rows, columns)]
        Spectral centroid, the mean frequency by power, in Hertz.
    noisiness : np.ndarray [shape=(rows, columns)]
        0–1: the noise's share of the power where the decoder tells noise from harmonics, else the spectral flatness.
    level : np.ndarray [shape=(rows, columns)]
        dB over a sine of 1 kHz that is as loud: every place is played equally loud, and a dark one takes more level.
        One that is hardly heard is raised no further.
    pitch_class : np.ndarray [shape=(rows, columns)], int
        Measured in the spectrum, 0–11; empty (0, 0) where every pitch is as good as any other.
    counts : np.ndarray [shape=(rows, columns)]
        Training frames nearest to each place; empty (0, 0) without a chart.
    """

    brightness: np.ndarray
    noisiness: np.ndarray
    level: np.ndarray
    pitch_class: np.ndarray
    counts: np.ndarray


def measure(decoder: AnyDecoder, latents: np.ndarray, pitch_class: int = 0, octave: int = 4) -> Surface:
    """Measure the plane of a decoder with its own network, in any thread.

    Parameters
    ----------
    decoder : AnyDecoder
    latents : np.ndarray [shape=(latents,)]
        Control values, 0–1, of the latents that the plane does not move.
    pitch_class, octave : int
        The note that is measured.
    """
    points = plane(decoder, latents)
    shape = points.shape[:2]
    flat = points.reshape(-1, points.shape[2])
    some = [flat[first : first + _AT_ONCE] for first in range(0, len(flat), _AT_ONCE)]
    none = np.zeros((0, 0))
    counts = none if decoder.chart is None else decoder.chart.counts
    if isinstance(decoder, HarmonicDecoder):
        hertz = note_to_hz(pitch_class + 12 * (octave + 1))
        bright, noisy, level = map(np.concatenate, zip(*(_of_harmonics(decoder, part, hertz) for part in some)))
        classes = none
    else:
        measures = zip(*(_of_spectrum(decoder.spectra(part, pitch_class, octave), decoder.samplerate) for part in some))
        bright, noisy, level, classes = map(np.concatenate, measures)
        classes = classes.reshape(shape)
    return Surface(bright.reshape(shape), noisy.reshape(shape), level.reshape(shape), classes, counts)


def plane(decoder: AnyDecoder, latents: np.ndarray) -> np.ndarray:
    """Control values [shape=(rows, columns, latents)] of the places of the plane."""
    if decoder.chart is not None:
        return decoder.chart.points
    points = np.tile(np.asarray(latents, dtype=np.float32), (SIDE, SIDE, 1))
    points[..., 0] = np.linspace(0.0, 1.0, SIDE)
    if points.shape[2] > 1:
        points[..., 1] = np.linspace(0.0, 1.0, SIDE)[:, None]
    return points


def _of_harmonics(decoder: HarmonicDecoder, points: np.ndarray, f0_hz: float) -> tuple[np.ndarray, ...]:
    pitch = np.full(len(points), f0_hz)
    harmonics_db, bands_db, stiffness = decoder.frames(points, pitch)
    power = 10.0 ** (np.concatenate([harmonics_db, bands_db], axis=1) / 10.0)
    partials = harmonic_frequencies(pitch, stiffness, harmonics_db.shape[1])
    centres = np.tile(band_centres_hz(bands_db.shape[1]), (len(points), 1))
    hertz = np.concatenate([partials, centres], axis=1)
    total = power.sum(axis=1) + _TINY
    noise = power[:, harmonics_db.shape[1] :].sum(axis=1)
    level = _level_db(_SINE_POWER * power / total[:, None], hertz)
    return np.sum(power * hertz, axis=1) / total, noise / total, level


def _of_spectrum(frames: np.ndarray, samplerate: int) -> tuple[np.ndarray, ...]:
    power = np.square(frames, dtype=np.float64) + _TINY
    hertz = np.linspace(0.0, samplerate / 2, frames.shape[1])
    flatness = np.exp(np.log(power).mean(axis=1)) / power.mean(axis=1)
    bright = power @ hertz / power.sum(axis=1)
    return bright, flatness, _level_db(power, hertz), pitch_classes(frames, samplerate)


def _level_db(power: np.ndarray, hertz: np.ndarray) -> np.ndarray:
    """Level [shape=(n,)] over a sine of 1 kHz that is as loud as power [shape=(n, parts)] at frequencies.

    Power is that of the bins of a Hann window.
    """
    played = np.where((hertz >= _LOWEST_HZ) & (hertz < _HIGHEST_HZ), power, 0.0)
    loud = np.maximum(np.sum(played * k_weight(hertz), axis=1), _QUIETEST)
    return 10.0 * np.log10((played.sum(axis=1) + _TINY) / loud)
