"""How a model of the paper's kind hears a recording."""

from __future__ import annotations

import numpy as np

from ..model import analysis
from ..model.decoder_file import Decoder
from ..model.encoder_file import Encoder
from ..model.forward import forward
from ..model.harmonic.pitch_track import PitchTrack, without_offset
from ..model.harmonic.track import levels_db
from ..model.pieces import Piece
from .likeness import LikenessSums
from .notes import frequencies, notes_of
from .trajectory import Trajectory

_FRAMES_AT_ONCE = 512
_OCTAVES = range(1, 8)  # that are told apart for a model without octaves
_SOME_HZ = 440.0


class SpectrumListener:
    """Takes the pieces of a recording and keeps what is small.

    Parameters
    ----------
    encoder : Encoder
    decoder : Decoder
        The one that the encoder belongs to.
    track : PitchTrack
        Of the whole recording.  When no frame of it has a pitch, pitch class and octave
        are those that each frame shows most of.
    silence_db : float
        Below which a frame is silence, see `manned.model.analysis.audible`.
    """

    def __init__(
        self, encoder: Encoder, decoder: Decoder, track: PitchTrack, silence_db: float = analysis.SILENCE_DB
    ) -> None:
        self._silence_db = silence_db
        self._encoder, self._decoder, self._track = encoder, decoder, track
        notes = notes_of(track.f0_hz, track.voiced)
        self._notes = PitchTrack(notes, track.voiced, track.hop) if track.voiced.any() else None
        self._parts: list[tuple[np.ndarray, ...]] = []
        self._likeness = LikenessSums(decoder.samplerate)
        self._outside = 0

    def add(self, piece: Piece) -> None:
        """Take the next piece: every whole window whose middle lies in it."""
        topology = self._decoder.topology
        half = topology.n_fft // 2
        centres = piece.steps(topology.hop, half) * topology.hop + half
        centres = centres[centres - half + topology.n_fft <= piece.first + len(piece.signal)]
        signal = without_offset(piece.signal, topology.samplerate)
        for first in range(0, len(centres), _FRAMES_AT_ONCE):
            some = centres[first : first + _FRAMES_AT_ONCE]
            starts = some - half - piece.first
            frames = analysis.magnitudes(piece.signal, topology.n_fft, topology.hop, starts)
            f0_hz, voiced = self._track.at(some)
            if self._notes is None:
                f0_hz = np.full(len(some), _SOME_HZ)
            level = 10.0 ** (levels_db(signal, some - piece.first, f0_hz, topology.samplerate) / 20.0)
            audible = analysis.audible(frames, self._silence_db)
            latents = np.full((len(frames), topology.bottleneck), np.nan, dtype=np.float32)
            notes = np.zeros(len(frames), dtype=np.int64)
            if audible.any():
                latents[audible], notes[audible] = self._analyse(analysis.normalise(frames[audible]), some[audible])
            if self._notes is None:
                f0_hz = frequencies(notes)
            self._parts.append((some, latents, notes, f0_hz, voiced, np.where(audible, level, 0.0)))

    def _analyse(self, frames: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Control values and MIDI notes of normalised frames."""
        topology, decoder = self._decoder.topology, self._decoder
        if self._notes is None:
            classes = analysis.pitch_classes(frames, topology.samplerate)
            octaves = analysis.estimate_octaves(frames, classes, topology.octaves or _OCTAVES, topology.samplerate)
        else:
            notes, _ = self._notes.at(centres)
            classes, octaves = notes % 12, notes // 12 - 1
        known = [topology.octaves[decoder.octave_index(octave)] for octave in octaves] if topology.octaves else None
        conditions = analysis.condition(classes, known, topology.octaves)
        low, high = decoder.latent_range.T
        size = np.where(high > low, high - low, 1.0)
        controls = (self._encoder.latents(frames, conditions) - low) / size
        played = np.clip(controls, 0.0, 1.0)
        inputs = low + size * played
        if topology.skip:
            inputs = np.concatenate([inputs, conditions], axis=1)
        self._likeness.add(frames, forward(topology.decoder_layers(), decoder.weights, topology.alpha, inputs))
        if decoder.timbres is not None:
            self._outside += int(np.sum(~decoder.timbres.inside(controls)))
        return played, classes + 12 * (octaves + 1)

    def trajectory(self, seconds: float) -> Trajectory | None:
        """All that was heard; None when it was silence."""
        if not self._parts:
            return None
        topology = self._decoder.topology
        centres, latents, notes, f0_hz, voiced, levels = (np.concatenate(part) for part in zip(*self._parts))
        held = held_frames(levels)
        if held is None:
            return None
        power = np.square(levels)
        return Trajectory(
            times_s=centres / topology.samplerate,
            latents=latents[held],
            notes=notes[held],
            f0_hz=f0_hz[held],
            voiced=voiced,
            levels=levels,
            one_pitch=float(power[voiced].sum() / power.sum()),
            hop_s=topology.hop / topology.samplerate,
            seconds=seconds,
            likeness=self._likeness.summed_up(),
            outside=self._outside / np.count_nonzero(levels) if self._decoder.timbres is not None else None,
        )


def held_frames(levels: np.ndarray) -> np.ndarray | None:
    """The frame [shape=(n,)] that each one holds: itself, or the last before it that is no silence; None without any.

    Those before the first that is no silence hold it.
    """
    audible = np.flatnonzero(levels)
    if not len(audible):
        return None
    return audible[np.maximum(np.searchsorted(audible, np.arange(len(levels)), side="right") - 1, 0)]
