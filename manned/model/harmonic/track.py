"""The pitch of a recording and its level, followed through the whole file."""

from __future__ import annotations

import numpy as np

from ...errors import AudioError
from .analysis import Frames, analyse

HOP = 1024
LOWEST_HZ, HIGHEST_HZ = 27.5, 4200.0
_WINDOW = 4096
_SEMITONE_STEPS = 0.5  # of the track, semitones: `analysis.refine` finds the rest, and pYIN takes an eighth of the time
_LEVEL_WINDOW_S = 0.012  # half of it; a period at least
_PITCH_DB = -30.0  # frames so far below the loudest do not vote for the octave


def pitch_track(signal: np.ndarray, samplerate: int, hop: int = HOP) -> tuple[np.ndarray, np.ndarray]:
    """Pitch of every frame by pYIN (Mauch and Dixon, 2014), as librosa has it: one smooth track, with voicing.

    Parameters
    ----------
    signal : np.ndarray [shape=(n,)]
    samplerate, hop : int
        Frame ``i`` stands for sample ``i * hop``.

    Returns
    -------
    f0_hz : np.ndarray [shape=(frames,)]
        Right to half a semitone; frames without pitch hold that of the nearest frame that has one.
    voiced : np.ndarray [shape=(frames,)], bool

    Raises
    ------
    AudioError
        When librosa is not installed.
    """
    try:
        import librosa
    except ImportError:
        raise AudioError("the pitch of a recording is heard with librosa: pip install librosa") from None
    found, voiced, _ = librosa.pyin(
        np.asarray(signal, dtype=np.float32),
        sr=samplerate,
        fmin=LOWEST_HZ,
        fmax=HIGHEST_HZ,
        frame_length=_WINDOW,
        hop_length=hop,
        resolution=_SEMITONE_STEPS,
        fill_na=None,
    )
    if not voiced.any():
        return found, voiced
    sure = np.flatnonzero(voiced)
    nearest = sure[np.argmin(np.abs(np.arange(len(found))[:, None] - sure), axis=1)]
    return found[nearest], voiced


def levels_db(signal: np.ndarray, centres: np.ndarray, f0_hz: np.ndarray, samplerate: int) -> np.ndarray:
    """Mean square level around each centre [shape=(n,)], dB: in 25 ms or two periods, which an attack shows in.

    Parameters
    ----------
    signal : np.ndarray [shape=(n,)]
    centres : np.ndarray [shape=(frames,)], int
    f0_hz : np.ndarray [shape=(frames,)]
    samplerate : int
    """
    sums = np.concatenate([[0.0], np.cumsum(np.square(signal, dtype=np.float64))])
    half = np.round(np.maximum(_LEVEL_WINDOW_S, 1.0 / np.asarray(f0_hz)) * samplerate).astype(np.int64)
    centres = np.asarray(centres)
    last = len(signal)
    energy = sums[np.clip(centres + half, 0, last)] - sums[np.clip(centres - half, 0, last)]
    return 10.0 * np.log10(np.maximum(energy / (2 * half), 1e-14))


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
    signal = np.asarray(signal, dtype=np.float32)
    signal = signal - signal.mean() if len(signal) else signal
    if note_hz is None:
        f0_hz, voiced = pitch_track(signal, samplerate, hop)
    else:
        f0_hz = np.full(1 + len(signal) // hop, float(note_hz))
        voiced = np.ones(len(f0_hz), dtype=bool)
    centres = np.arange(len(f0_hz)) * hop
    steady = bool(np.ptp(np.log2(f0_hz[voiced])) < 1.0 / 12.0) if voiced.any() else False
    frames = analyse(signal, centres, f0_hz, samplerate, steady)
    level = levels_db(signal, centres, frames.f0_hz, samplerate)
    return Frames(frames.harmonics_db, frames.bands_db, frames.f0_hz, frames.inharmonicity, level), voiced


def octave_jumps(f0_hz: np.ndarray, level_db: np.ndarray) -> int:
    """How many loud frames leave their neighbour by seven semitones or more: what a track of one voice does not do."""
    loud = level_db >= level_db.max() + _PITCH_DB
    steps = np.abs(np.diff(np.log2(f0_hz[loud])))
    return int(np.sum(steps > 7.0 / 12.0))
