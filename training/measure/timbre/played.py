"""A note and its rendering side by side, as they are heard from beginning to end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from manned.model.analysis import magnitudes
from manned.model.harmonic.pitch_track import without_offset

_N_FFT, _HOP = 4096, 1024
_LEVEL_HOP, _LEVEL_WINDOW = 512, 2048
_HEARD_DB = -40.0  # frames so far below the loudest are not asked
_FLOOR_DB = -60.0  # bins so far below the note's loudest are cut


@dataclass(frozen=True)
class Likeness:
    """How a rendering differs from its source, one gain for the whole note.

    Attributes
    ----------
    lsd_db : float
        Root mean square over bins, mean over the frames that are heard.
    sounding_lsd_db : float
        The same over those bins alone that one of the two has above the floor: silence in both is no likeness.
    contour_db : float
        Root mean square difference of the levels over those frames.
    """

    lsd_db: float
    sounding_lsd_db: float
    contour_db: float


def likeness(source: np.ndarray, rendering: np.ndarray, samplerate: int = 44100) -> Likeness:
    """Compare a rendering [shape=(n,)] with its source [shape=(m,)], both of one sample rate and with one onset."""
    length = min(len(source), len(rendering))
    pad = np.zeros(_N_FFT // 2, np.float32)
    wanted, found = (
        magnitudes(np.concatenate([pad, np.asarray(sound[:length], np.float32), pad]), _N_FFT, _HOP)
        for sound in (source, rendering)
    )
    energy = np.square(wanted, dtype=np.float64).sum(axis=1)
    heard = 10.0 * np.log10(energy / energy.max() + 1e-12) >= _HEARD_DB
    gain = np.sqrt(energy[heard].sum() / max(np.square(found[heard], dtype=np.float64).sum(), 1e-20))
    top = wanted.max()
    levels = [
        20.0 * np.log10(np.maximum(frames[heard] / top, 10.0 ** (_FLOOR_DB / 20.0)))
        for frames in (wanted, gain * found)
    ]
    contours = [_contour(without_offset(sound[:length], samplerate)) for sound in (source, gain * rendering)]
    loud = contours[0] >= contours[0].max() + _HEARD_DB
    difference = np.maximum(contours[0], contours[0].max() + 2 * _HEARD_DB) - np.maximum(
        contours[1], contours[0].max() + 2 * _HEARD_DB
    )
    squares = (levels[0] - levels[1]) ** 2
    sounding = np.maximum(*levels) > _FLOOR_DB
    return Likeness(
        float(np.mean(np.sqrt(np.mean(squares, axis=1)))),
        float(np.mean(np.sqrt(np.sum(squares, axis=1) / np.maximum(sounding.sum(axis=1), 1)))),
        float(np.sqrt(np.mean(difference[loud] ** 2))),
    )


def _contour(sound: np.ndarray) -> np.ndarray:
    """Level [shape=(frames,)] every 512 samples, in windows of 2048, dB."""
    sums = np.concatenate([[0.0], np.cumsum(np.square(sound, dtype=np.float64))])
    centres = np.arange(0, len(sound), _LEVEL_HOP)
    first, last = (
        np.clip(centres - _LEVEL_WINDOW // 2, 0, None),
        np.clip(centres + _LEVEL_WINDOW // 2, None, len(sound)),
    )
    return 10.0 * np.log10((sums[last] - sums[first]) / _LEVEL_WINDOW + 1e-14)
