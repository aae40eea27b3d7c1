"""The pitch of a recording and its level, followed through the whole file."""

from __future__ import annotations

import numpy as np

from manned.model.harmonic.analysis import Frames, analyse

HOP = 1024
LOWEST_HZ, HIGHEST_HZ = 27.5, 4200.0
_WINDOW = 4096
_SEMITONE_STEPS = 0.5  # of the track, semitones: `analysis.refine` finds the rest, and pYIN takes an eighth of the time
_LEVEL_WINDOW_S, _PERIODS = 0.03, 3.0
_SUBSONIC_HZ = 16.0


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
    """
    import librosa

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
    every = np.arange(len(found))
    after = np.clip(np.searchsorted(sure, every), 0, len(sure) - 1)
    before = np.maximum(after - 1, 0)
    nearest = np.where(every - sure[before] <= np.abs(sure[after] - every), sure[before], sure[after])
    return found[np.where(voiced, every, nearest)], voiced


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
        f0_hz, voiced = pitch_track(signal, samplerate, hop)
    else:
        f0_hz = np.full(1 + len(signal) // hop, float(note_hz))
        voiced = np.ones(len(f0_hz), dtype=bool)
    centres = np.arange(len(f0_hz)) * hop
    steady = bool(np.ptp(np.log2(f0_hz[voiced])) < 1.0 / 12.0) if voiced.any() else False
    frames = analyse(signal, centres, f0_hz, samplerate, steady)
    level = levels_db(signal, centres, frames.f0_hz, samplerate)
    return Frames(frames.harmonics_db, frames.bands_db, frames.f0_hz, frames.inharmonicity, level), voiced


def without_offset(signal: np.ndarray, samplerate: int) -> np.ndarray:
    """A signal [shape=(n,)], float32, without what lies below 16 Hz: an offset or a rumble has no level to the ear."""
    if not len(signal):
        return np.zeros(0, np.float32)
    spectrum = np.fft.rfft(np.asarray(signal, dtype=np.float32))
    spectrum[: int(np.ceil(_SUBSONIC_HZ * len(signal) / samplerate))] = 0.0
    return np.fft.irfft(spectrum, len(signal)).astype(np.float32)
