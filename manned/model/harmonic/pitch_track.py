"""The pitch of a recording, followed through the whole file: one smooth track, with voicing, of any length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import AudioError
from ..pieces import LENGTH, Piece, pieces
from .analysis import refine, spectra, window_length

HOP = 1024
LOWEST_HZ, HIGHEST_HZ = 27.5, 4400.0
"""Range of pitches that are heard: A0 to C8 and what is sharp of it."""

_SEMITONE_STEPS = 0.5  # of the track; `refine` finds the rest, and pYIN takes an eighth of the time
_REFINED_SEMITONES = 0.3  # farther the partials of a bell must not lead
_FRAMES_AT_ONCE = 64
_SUBSONIC_HZ = 16.0
_WINDOW, _RANGE_DB = 2048, 60.0  # of the level, and how far below the loudest frame a pitch counts


@dataclass(frozen=True, eq=False)
class PitchTrack:
    """Pitch of a recording, frame by frame.

    Attributes
    ----------
    f0_hz : np.ndarray [shape=(n,)]
        Frames without pitch hold that of the nearest frame that has one.
    voiced : np.ndarray [shape=(n,)], bool
        Which frames have a pitch.
    hop : int
        Frame ``i`` stands for sample ``i * hop``.
    """

    f0_hz: np.ndarray
    voiced: np.ndarray
    hop: int

    def at(self, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pitch in Hertz and voicing [shape=(m,)] of the frames nearest to samples [shape=(m,)]."""
        nearest = np.clip(np.round(np.asarray(centres) / self.hop).astype(np.int64), 0, len(self.f0_hz) - 1)
        return self.f0_hz[nearest], self.voiced[nearest]


class PitchTracker:
    """Hears the pitch of a recording that comes in pieces, by pYIN (Mauch and Dixon, 2014), as librosa has it.

    Parameters
    ----------
    samplerate, hop : int
        Frame ``i`` of the track stands for sample ``i * hop``.
    """

    def __init__(self, samplerate: int, hop: int = HOP) -> None:
        self.samplerate, self.hop = samplerate, hop
        self._parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []

    def add(self, piece: Piece) -> None:
        """Take the next piece, whose ``first`` and ``start`` are multiples of the hop; `AudioError` without librosa."""
        signal = without_offset(piece.signal, self.samplerate)
        heard = self._heard(signal)
        own = piece.steps(self.hop) - piece.first // self.hop
        self._parts.append((heard[0][own], heard[1][own], heard[2][own]))

    def track(self) -> PitchTrack:
        """All that was heard."""
        f0_hz, voiced, level_db = (np.concatenate(values) for values in zip(*self._parts))
        voiced &= level_db >= level_db.max() - _RANGE_DB
        return PitchTrack(_held(f0_hz, voiced), voiced, self.hop)

    def _heard(self, signal: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pitch, voicing and level of every frame of a piece."""
        centres = np.arange(1 + len(signal) // self.hop) * self.hop
        level_db = _levels_db(signal, centres)
        if not signal.any():
            return np.full(len(centres), LOWEST_HZ), np.zeros(len(centres), dtype=bool), level_db
        try:
            import librosa
        except ImportError:
            raise AudioError(
                "pitch cannot be heard, for it librosa is not installed: pip install librosa, or say --note"
            ) from None
        f0_hz, voiced, _ = librosa.pyin(
            signal,
            sr=self.samplerate,
            fmin=LOWEST_HZ,
            fmax=min(HIGHEST_HZ, 0.45 * self.samplerate),
            frame_length=2 ** int(np.ceil(np.log2(2.0 * self.samplerate / LOWEST_HZ))),  # two periods at least
            hop_length=self.hop,
            resolution=_SEMITONE_STEPS,
            fill_na=None,
        )
        sure = np.flatnonzero(voiced)
        f0_hz[sure] = self._refined(signal, centres[sure], f0_hz[sure])
        return f0_hz, voiced, level_db

    def _refined(self, signal: np.ndarray, centres: np.ndarray, f0_hz: np.ndarray) -> np.ndarray:
        result = np.empty_like(f0_hz)
        lengths = np.array([window_length(f0, self.samplerate) for f0 in f0_hz], dtype=np.int64)
        for length in np.unique(lengths):
            rows = np.flatnonzero(lengths == length)
            for first in range(0, len(rows), _FRAMES_AT_ONCE):
                some = rows[first : first + _FRAMES_AT_ONCE]
                bin_hz = self.samplerate / length
                result[some] = refine(spectra(signal, centres[some], int(length)), f0_hz[some] / bin_hz) * bin_hz
        share = 2.0 ** (_REFINED_SEMITONES / 12.0)
        return np.clip(result, f0_hz / share, f0_hz * share)


def _levels_db(signal: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Mean square in a window around each sample, dB."""
    sums = np.concatenate([[0.0], np.cumsum(np.square(signal, dtype=np.float64))])
    first, last = (np.clip(centres + side * _WINDOW // 2, 0, len(signal)) for side in (-1, 1))
    return 10.0 * np.log10(np.maximum(sums[last] - sums[first], 0.0) / _WINDOW + 1e-14)


def _held(f0_hz: np.ndarray, voiced: np.ndarray) -> np.ndarray:
    """Pitches [shape=(n,)], those without voice taking that of the nearest frame that has one."""
    sure = np.flatnonzero(voiced)
    if not len(sure):
        return f0_hz
    every = np.arange(len(f0_hz))
    after = np.clip(np.searchsorted(sure, every), 0, len(sure) - 1)
    before = np.maximum(after - 1, 0)
    nearest = np.where(every - sure[before] <= np.abs(sure[after] - every), sure[before], sure[after])
    return f0_hz[np.where(voiced, every, nearest)]


def track_pitch(signal: np.ndarray, samplerate: int, hop: int = HOP, length: int = LENGTH) -> PitchTrack:
    """The pitch track of a whole signal [shape=(n,)], heard in pieces.

    Parameters
    ----------
    signal : np.ndarray [shape=(n,)]
    samplerate, hop : int
    length : int
        Of a piece, samples, a multiple of 1024.
    """
    tracker = PitchTracker(samplerate, hop)
    for piece in pieces([signal], length):
        tracker.add(piece)
    return tracker.track()


def without_offset(signal: np.ndarray, samplerate: int) -> np.ndarray:
    """A signal [shape=(n,)], float32, without what lies below 16 Hz: an offset or a rumble has no level to the ear."""
    if not len(signal):
        return np.zeros(0, np.float32)
    spectrum = np.fft.rfft(np.asarray(signal, dtype=np.float32))
    spectrum[: int(np.ceil(_SUBSONIC_HZ * len(signal) / samplerate))] = 0.0
    return np.fft.irfft(spectrum, len(signal)).astype(np.float32)
