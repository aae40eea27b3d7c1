"""Recordings through a decoder and back to sound: what `manned encode` and a render make of them."""

from __future__ import annotations

import numpy as np

from manned.model.harmonic.analysis import Frames
from manned.model.harmonic.decoder_file import HarmonicDecoder, HarmonicEncoder
from manned.model.harmonic.render import render
from manned.model.harmonic.track import follow

from .rivals import through

HOP = 512
_RIGHT_CENTS = 60.0
_LOUD_DB = -30.0


def replay(
    sound: np.ndarray, decoder: HarmonicDecoder | None, encoder: HarmonicEncoder | None, samplerate: int = 44100
) -> tuple[np.ndarray, Frames]:
    """A recording [shape=(n,)] as the decoder plays it, its pitch heard, and the frames that were heard in it.

    Without a decoder and encoder it is the analysis and back, which nothing through a network can beat.
    """
    heard, _ = follow(sound, samplerate, HOP)
    played = through(decoder, encoder, heard) if decoder is not None and encoder is not None else heard
    answer = render(
        played.harmonics_db,
        played.bands_db,
        played.f0_hz,
        played.inharmonicity,
        played.level_db,
        HOP,
        samplerate,
    )
    return answer[: len(sound)], heard


def sounds_its_note(heard: Frames, note_hz: float) -> bool:
    """Whether the middle pitch of the loud frames is the note's."""
    loud = heard.level_db >= heard.level_db.max() + _LOUD_DB
    return bool(abs(1200.0 * np.log2(np.median(heard.f0_hz[loud]) / note_hz)) < _RIGHT_CENTS)
