"""Recordings through a decoder and back to sound: what `manned encode` and a render make of them."""

from __future__ import annotations

import numpy as np

from manned.encode.trajectory import Trajectory
from manned.errors import AudioError
from manned.model.harmonic.analysis import Frames
from manned.model.harmonic.decoder_file import HarmonicDecoder, HarmonicEncoder
from manned.model.harmonic.frame import HOP
from manned.model.harmonic.render import render
from manned.model.harmonic.scale import SAMPLERATE
from manned.model.harmonic.track import follow

from .rivals import through

_RIGHT_CENTS = 60.0
_LOUD_DB = -30.0


def replay(
    sound: np.ndarray,
    decoder: HarmonicDecoder | None,
    encoder: HarmonicEncoder | None,
    samplerate: int = SAMPLERATE,
    note_hz: float | None = None,
) -> tuple[np.ndarray, Frames]:
    """A recording [shape=(n,)] as the decoder plays it, its pitch heard, and the frames that were heard in it.

    Without a decoder and encoder it is the analysis and back, which nothing through a network can beat.

    Raises
    ------
    AudioError
        When nothing in it has a pitch and ``note_hz`` says none.
    """
    heard, voiced = follow(sound, samplerate, HOP, note_hz)
    if not voiced.any():
        raise AudioError("no pitch is heard in the sound; allowed are sounds with one pitch at a time, or say --note")
    played = through(decoder, encoder, heard) if decoder is not None and encoder is not None else heard
    return sound_of(played, samplerate)[: len(sound)], heard


def sound_of(frames: Frames, samplerate: int) -> np.ndarray:
    """Sound [shape=(n,)], float32, of frames that lie `HOP` samples apart."""
    return render(
        frames.harmonics_db,
        frames.bands_db,
        frames.f0_hz,
        frames.inharmonicity,
        frames.level_db,
        HOP,
        samplerate,
    )


def played(found: Trajectory, decoder: HarmonicDecoder) -> np.ndarray:
    """A recording that `manned.encode` has followed, as the decoder plays it [shape=(n,)] at `SAMPLERATE`."""
    harmonics_db, bands_db, inharmonicity = decoder.frames(found.latents, found.f0_hz)
    level_db = 20.0 * np.log10(np.maximum(found.levels, 1e-7))
    frames = Frames(harmonics_db, bands_db, found.f0_hz, inharmonicity, level_db)
    return sound_of(frames, SAMPLERATE)[: round(found.seconds * SAMPLERATE)]


def sounds_its_note(heard: Frames, note_hz: float) -> bool:
    """Whether the middle pitch of the loud frames is the note's."""
    return bool(abs(1200.0 * np.log2(_middle_hz(heard) / note_hz)) < _RIGHT_CENTS)


def _middle_hz(heard: Frames) -> float:
    loud = heard.level_db >= heard.level_db.max() + _LOUD_DB
    return float(np.median(heard.f0_hz[loud]))
