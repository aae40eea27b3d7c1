"""The level of a recording as it is heard to begin and to fade: finer in time than the frames of a model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..model.gesture import RATE_HZ
from .recording import mono_pieces

_SAMPLERATE = 44100
_HOP = round(_SAMPLERATE / RATE_HZ)
_WINDOW_S, _PERIODS = 0.015, 2.0
_FRAMES_AT_ONCE = 1024
_SUBSONIC_HZ = 10.0
_BEGINNING_S, _STILL = 0.01, 0.03  # what is told of silence, and how still that is beside all of the sound

_SURE_DB, _FIRST_DB, _LAST_DB = -40.0, -60.0, -70.0
_LEAD = 1  # frames kept before the beginning


def level_contour(path: Path, f0_hz: float) -> np.ndarray:
    """Root mean square [shape=(n,)] around every frame of a gesture, from the first sample of a sound file on.

    It goes on behind the last sample until nothing is in the window, so a sound that is cut off goes down to 0.

    The window is a Hann window of 15 ms, or two periods of a low note: shorter ones go up and down with each period,
    longer ones blur an attack (measured on notes of General MIDI, see `docs/presets.md`).

    Parameters
    ----------
    path : Path
    f0_hz : float
        Pitch of the recording.
    """
    half = round(0.5 * max(_WINDOW_S, _PERIODS / f0_hz) * _SAMPLERATE)
    window = np.hanning(2 * half + 3)[1:-1]
    window /= window.sum()
    behind = half // _HOP + 2
    power = []
    for piece, _ in mono_pieces(path, _SAMPLERATE):
        squares = np.square(_without_offset(piece.signal), dtype=np.float64)
        squares = np.pad(squares, (half, half + behind * _HOP))
        around = sliding_window_view(squares, len(window))
        steps = piece.steps(_HOP)
        if piece.last:
            steps = np.arange(steps[0], steps[-1] + behind)
        centres = steps * _HOP - piece.first
        for first in range(0, len(centres), _FRAMES_AT_ONCE):
            power.append(around[centres[first : first + _FRAMES_AT_ONCE]] @ window)
    return np.sqrt(np.concatenate(power))


def _without_offset(signal: np.ndarray) -> np.ndarray:
    """A signal [shape=(n,)] through a causal high pass of one pole: nothing of it comes before an attack.

    Where it begins in silence it is taken to have always been what it is there: an offset is no attack.
    """
    beginning = signal[: round(_BEGINNING_S * _SAMPLERATE)]
    offset = beginning.mean() if beginning.std() < _STILL * signal.std() else 0.0
    length = len(signal) + _SAMPLERATE
    hertz = np.fft.rfftfreq(length, 1.0 / _SAMPLERATE)
    spectrum = np.fft.rfft(signal - offset, length) * (1j * hertz / (1j * hertz + _SUBSONIC_HZ))
    return np.fft.irfft(spectrum, length)[: len(signal)]


def sounding(level: np.ndarray) -> slice:
    """The frames of a contour from the beginning of its sound to its end.

    The beginning is sure where the level comes within 40 dB of the loudest, and goes back from there for as long as the
    level rises: not into the noise before it.
    """
    level_db = 20.0 * np.log10(np.maximum(level / level.max(), 1e-9))
    first = int(np.argmax(level_db >= _SURE_DB))
    while first > 0 and _FIRST_DB <= level_db[first - 1] < level_db[first]:
        first -= 1
    last = int(np.flatnonzero(level_db >= _LAST_DB)[-1])
    return slice(max(first - _LEAD, 0), last + 2)


def closed(level: np.ndarray) -> np.ndarray:
    """A contour [shape=(n,)] whose greatest level is 1 and whose last one is 0."""
    level = level / level.max()
    level[-1] = 0.0
    return level
