"""Harmonic frames of a recording, its pitch and its level followed from beginning to end."""

from __future__ import annotations

import numpy as np

from .analysis import Frames, analyse
from .pitch_track import HOP, PitchTrack, track_pitch, without_offset

_LEVEL_WINDOW_S, _PERIODS = 0.03, 3.0
_STEADY_OCTAVES = 1.0 / 12.0


def levels_db(signal: np.ndarray, centres: np.ndarray, f0_hz: np.ndarray, samplerate: int) -> np.ndarray:
    """Mean square level around each centre [shape=(n,)], dB, in a Hann window of 30 ms or three periods.

    The frames' own windows are longer: an attack would begin before its time.

    Parameters
    ----------
    signal : np.ndarray [shape=(n,)]
    centres : np.ndarray [shape=(frames,)], int
    f0_hz : np.ndarray [shape=(frames,)]
    samplerate : int
    """
    centres, f0_hz = np.asarray(centres), np.asarray(f0_hz)
    octaves = np.ceil(np.log2(np.maximum(_PERIODS / f0_hz / _LEVEL_WINDOW_S, 1.0)))
    power = np.empty(len(centres))
    for octave in np.unique(octaves):
        half = round(0.5 * _LEVEL_WINDOW_S * 2.0**octave * samplerate)
        window = np.hanning(2 * half + 1)
        padded = np.pad(np.square(signal, dtype=np.float64), half)
        rows = np.flatnonzero(octaves == octave)
        for row in rows:
            power[row] = window @ padded[centres[row] : centres[row] + 2 * half + 1] / window.sum()
    return 10.0 * np.log10(np.maximum(power, 1e-14))


def follow(
    signal: np.ndarray, samplerate: int, hop: int = HOP, note_hz: float | None = None
) -> tuple[Frames, np.ndarray]:
    """Harmonic frames of a recording, every ``hop`` samples from its first on, and which of them have a pitch.

    Parameters
    ----------
    signal : np.ndarray [shape=(n,)]
    samplerate, hop : int
    note_hz : float, optional
        The pitch that sounds all through; heard when it is not given.

    Returns
    -------
    frames : Frames
        Their ``level_db`` are those of `levels_db`.
    voiced : np.ndarray [shape=(frames,)], bool
    """
    signal = without_offset(signal, samplerate)
    if note_hz is None:
        track = track_pitch(signal, samplerate, hop)
    else:
        track = constant(note_hz, 1 + len(signal) // hop, hop)
    centres = np.arange(len(track.f0_hz)) * hop
    return frames_at(signal, centres, track.f0_hz, samplerate, is_steady(track)), track.voiced


def constant(note_hz: float, frames: int, hop: int = HOP) -> PitchTrack:
    """A track of one pitch."""
    return PitchTrack(np.full(frames, float(note_hz)), np.ones(frames, dtype=bool), hop)


def is_steady(track: PitchTrack) -> bool:
    """Whether a track is all one note, whose partials lie alike in all frames."""
    return bool(track.voiced.any() and np.ptp(np.log2(track.f0_hz[track.voiced])) < _STEADY_OCTAVES)


def frames_at(signal: np.ndarray, centres: np.ndarray, f0_hz: np.ndarray, samplerate: int, steady: bool) -> Frames:
    """Harmonic frames of a part of a recording, as `analysis.analyse` makes them, with the levels of `levels_db`.

    Parameters
    ----------
    signal : np.ndarray [shape=(n,)]
        From `without_offset`.
    centres : np.ndarray [shape=(frames,)], int
    f0_hz : np.ndarray [shape=(frames,)]
    samplerate : int
    steady : bool
        See `is_steady`.
    """
    frames = analyse(signal, centres, f0_hz, samplerate, steady)
    level = levels_db(signal, centres, frames.f0_hz, samplerate)
    return Frames(frames.harmonics_db, frames.bands_db, frames.f0_hz, frames.inharmonicity, level)
