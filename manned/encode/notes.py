"""The notes of a pitch that moves."""

from __future__ import annotations

import numpy as np

_LEAVES_SEMITONES = 0.8  # so far a vibrato goes without becoming another note


def notes_of(f0_hz: np.ndarray, voiced: np.ndarray) -> np.ndarray:
    """MIDI note [shape=(n,)] of every frame: one for as long as the pitch stays around it, nearest to its middle.

    Parameters
    ----------
    f0_hz : np.ndarray [shape=(n,)]
    voiced : np.ndarray [shape=(n,)], bool
        Frames that have a pitch; where a note has some, they alone tell it.
    """
    pitches = semitones(f0_hz)
    starts, around = [], np.inf
    for frame, pitch in enumerate(pitches):
        if abs(pitch - around) > _LEAVES_SEMITONES:
            starts.append(frame)
            around = np.floor(pitch + 0.5)
    notes = np.empty(len(pitches), dtype=np.int64)
    for start, stop in zip(starts, [*starts[1:], len(pitches)]):
        sure = pitches[start:stop][voiced[start:stop]]
        notes[start:stop] = np.floor(np.median(sure if len(sure) else pitches[start:stop]) + 0.5)
    return np.clip(notes, 0, 127)


def semitones(f0_hz: np.ndarray) -> np.ndarray:
    """MIDI note with fraction of frequencies in Hertz, of any shape."""
    return 69.0 + 12.0 * np.log2(np.asarray(f0_hz, dtype=np.float64) / 440.0)


def frequencies(notes: np.ndarray) -> np.ndarray:
    """Hertz of MIDI notes, of any shape."""
    return 440.0 * 2.0 ** ((np.asarray(notes, dtype=np.float64) - 69.0) / 12.0)
