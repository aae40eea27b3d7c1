"""How a model of the kind harmonic hears a recording."""

from __future__ import annotations

import numpy as np

from ..model import analysis
from ..model.harmonic.analysis import Frames
from ..model.harmonic.decoder_file import HarmonicDecoder, HarmonicEncoder
from ..model.harmonic.frame import HOP, N_FFT
from ..model.harmonic.pitch_track import PitchTrack, without_offset
from ..model.harmonic.spectrum import magnitudes
from ..model.harmonic.track import frames_at, is_steady
from ..model.pieces import Piece
from .likeness import LikenessSums
from .notes import notes_of
from .spectrum import held_frames
from .trajectory import Trajectory

_FRAMES_AT_ONCE = 256
_FIRST, _FIRST_DB = 3, -40.0  # harmonics that one voice has, and how far below the frame


class HarmonicListener:
    """Takes the pieces of a recording and keeps what is small.

    Parameters
    ----------
    encoder : HarmonicEncoder
    decoder : HarmonicDecoder
        The one that the encoder belongs to.
    track : PitchTrack
        Of the whole recording; some of its frames have a pitch.
    note : int, optional
        MIDI note that all frames belong to; that of their pitch by default.
    silence_db : float
        Below which a frame is silence, see `manned.model.analysis.audible`.
    """

    def __init__(
        self,
        encoder: HarmonicEncoder,
        decoder: HarmonicDecoder,
        track: PitchTrack,
        note: int | None = None,
        silence_db: float = analysis.SILENCE_DB,
    ) -> None:
        self._encoder, self._decoder, self._track, self._note = encoder, decoder, track, note
        self._silence_db = silence_db
        self._steady = is_steady(track)
        self._parts: list[tuple[np.ndarray, ...]] = []
        self._likeness = LikenessSums(decoder.samplerate)
        self._outside = 0

    def add(self, piece: Piece) -> None:
        """Take the next piece."""
        signal = without_offset(piece.signal, self._decoder.samplerate)
        padded = np.pad(signal, N_FFT // 2)
        centres = piece.steps(HOP) * HOP
        local = centres - piece.first
        heard_hz, voiced = self._track.at(centres)
        frames = frames_at(signal, local, heard_hz, self._decoder.samplerate, self._steady)
        latents = np.zeros((len(centres), self._decoder.latent_count), dtype=np.float32)
        audible = np.zeros(len(centres), dtype=bool)
        for first in range(0, len(centres), _FRAMES_AT_ONCE):
            some = slice(first, first + _FRAMES_AT_ONCE)
            source = analysis.magnitudes(padded, N_FFT, HOP, local[some])
            audible[some] = analysis.audible(source, self._silence_db)
            rows = first + np.flatnonzero(audible[some])
            if len(rows):
                latents[rows] = self._analyse(frames[rows], analysis.normalise(source[rows - first]))
        levels = np.where(audible, 10.0 ** (frames.level_db / 20.0), 0.0)
        f0_hz = np.where(voiced, frames.f0_hz, heard_hz)
        self._parts.append((centres, latents, f0_hz, voiced, levels, _one_pitch(frames)))

    def _analyse(self, frames: Frames, source: np.ndarray) -> np.ndarray:
        """Control values of frames, whose magnitudes are compared with what the decoder makes of them."""
        decoder = self._decoder
        latents = decoder.latents.controls(
            self._encoder.latents(frames.harmonics_db, frames.bands_db, frames.f0_hz, frames.inharmonicity)
        )
        harmonics_db, bands_db, inharmonicity = decoder.frames(latents, frames.f0_hz)
        played = magnitudes(harmonics_db, bands_db, frames.f0_hz, inharmonicity, N_FFT)
        self._likeness.add(source, analysis.normalise(played))
        if decoder.timbres is not None:
            self._outside += int(np.sum(~decoder.timbres.inside(latents)))
        return latents

    def trajectory(self, seconds: float) -> Trajectory | None:
        """All that was heard; None when it was silence."""
        if not self._parts:
            return None
        centres, latents, f0_hz, voiced, levels, share = (np.concatenate(part) for part in zip(*self._parts))
        held = held_frames(levels)
        if held is None:
            return None
        f0_hz, power = f0_hz[held], np.square(levels)
        samplerate = self._decoder.samplerate
        return Trajectory(
            times_s=centres / samplerate,
            latents=latents[held],
            notes=notes_of(f0_hz, voiced) if self._note is None else np.full(len(f0_hz), self._note),
            f0_hz=f0_hz,
            voiced=voiced,
            levels=levels,
            one_pitch=float(np.sum((power * share)[voiced]) / power.sum()),
            hop_s=HOP / samplerate,
            seconds=seconds,
            likeness=self._likeness.summed_up(),
            outside=self._outside / np.count_nonzero(levels) if self._decoder.timbres is not None else None,
        )


def _one_pitch(frames: Frames) -> np.ndarray:
    """Share [shape=(n,)] of the power of frames that one pitch tells.

    A chord may lie on harmonics of a note far below, of which nothing sounds: that is none.
    """
    first = np.sum(10.0 ** (frames.harmonics_db[:, :_FIRST] / 10.0), axis=1)
    return np.where(first >= 10.0 ** (_FIRST_DB / 10.0), frames.harmonic_share, 0.0)
