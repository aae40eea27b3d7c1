"""One played note as harmonic frames, with a judgement whether it sounds its note at all."""

from __future__ import annotations

import numpy as np

from manned.model.harmonic.analysis import Frames, analyse

OCTAVES_APART = (1.0, 0.5, 2.0)
"""Pitches that are tried, over the note's: many patches sound an octave lower or higher than they are played."""

_SHARE = 0.4  # of a note's power that lies in harmonics of its pitch, at least
_SUBOCTAVE_GAIN = 0.1  # what an octave lower must explain of the power besides
_ODD_SHARE = 0.003  # of the power of harmonics that are odd ones: with less it sounds an octave higher
_CENTS = 60.0
_QUIET_DB = -60.0  # frames so far below the loudest of the note are left out
_FIRST_S, _LAST_S = 0.004, 0.03  # from the onset to the first frame, from the last to the end


def moments(length: int, count: int, samplerate: int, rng: np.random.Generator) -> np.ndarray:
    """Samples [shape=(count,)] to take frames at: the nearer to the onset, the denser, for attacks change fastest."""
    span = length / samplerate - _FIRST_S - _LAST_S
    places = ((np.arange(count) + rng.random(count)) / count) ** 2
    return np.unique(((_FIRST_S + places * max(span, 0.0)) * samplerate).astype(np.int64))


def note_frames(
    signal: np.ndarray, centres: np.ndarray, f0_hz: float | np.ndarray, samplerate: int, steady: bool = True
) -> tuple[Frames, np.ndarray] | None:
    """Frames of a note at the octave that it sounds in, and which of the moments they are.

    None when it does not sound its note.

    Parameters
    ----------
    signal : np.ndarray [shape=(n,)]
        The note from its onset to its end, or a sound that it is part of.
    centres : np.ndarray [shape=(frames,)], int
        Moments of the note, such as those of `moments`.
    f0_hz : float or np.ndarray [shape=(frames,)]
        The pitch that was played, or one that was heard at each moment.
    samplerate : int
        Hertz.
    steady : bool
        Whether the pitch stays, see `manned.model.harmonic.analysis.analyse`.
    """
    f0_hz = np.broadcast_to(np.asarray(f0_hz, dtype=np.float64), np.shape(centres))
    found = {}
    for ratio in OCTAVES_APART:
        frames = analyse(signal, centres, f0_hz * ratio, samplerate, steady)
        cents = 1200.0 * np.log2(frames.f0_hz / (f0_hz * ratio))
        power = 10.0 ** (frames.level_db / 10.0)
        weight = power / max(power.sum(), 1e-30)
        harmonics = weight @ 10.0 ** (frames.harmonics_db / 10.0)
        found[ratio] = frames, float(weight @ frames.harmonic_share), float(harmonics[::2].sum()), abs(np.median(cents))
        if ratio == 1.0 and found[ratio][1] > 1.0 - _SUBOCTAVE_GAIN and found[ratio][2] > _ODD_SHARE:
            break
    ratio = 1.0
    if 0.5 in found and found[0.5][1] > found[1.0][1] + _SUBOCTAVE_GAIN:
        ratio = 0.5
    elif 2.0 in found and found[1.0][2] <= _ODD_SHARE * found[1.0][1] and found[2.0][1] >= found[1.0][1] - 0.05:
        ratio = 2.0
    frames, share, _, cents = found[ratio]
    if share < _SHARE or cents > _CENTS:
        return None
    loud = frames.level_db > frames.level_db.max() + _QUIET_DB
    return frames[loud], loud
