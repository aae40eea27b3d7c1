"""Recordings through a decoder and back to sound: what `manned encode` and a render make of them."""

from __future__ import annotations

import os

import numpy as np

from manned.errors import AudioError
from manned.files import shown
from manned.model.harmonic.analysis import Frames
from manned.model.harmonic.decoder_file import HarmonicDecoder, HarmonicEncoder
from manned.model.harmonic.render import render
from manned.model.harmonic.scale import SAMPLERATE
from manned.model.harmonic.track import follow
from manned.sound_file import open_sound

from .rivals import through

HOP = 512

_LONGEST_S = 300.0
_RIGHT_CENTS = 60.0
_LOUD_DB = -30.0


def read_whole(path: str | os.PathLike[str]) -> np.ndarray:
    """A sound file of any format, mono [shape=(n,)] at `SAMPLERATE`; an `AudioError` when it is too long or silent."""
    with open_sound(path) as sound:
        if sound.seconds > _LONGEST_S:
            raise AudioError(
                f"{shown(path)}: is {sound.seconds:.0f} s long, allowed are {_LONGEST_S:.0f} s; cut a piece from it"
            )
        signal = sound.resampler(SAMPLERATE)(sound.read(sound.frames), True)
    if not signal.any():
        raise AudioError(f"{shown(path)}: is silent")
    return signal


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


def middle_note(heard: Frames) -> int:
    """MIDI note nearest to the middle pitch of the loud frames."""
    return round(float(69.0 + 12.0 * np.log2(_middle_hz(heard) / 440.0)))


def sounds_its_note(heard: Frames, note_hz: float) -> bool:
    """Whether the middle pitch of the loud frames is the note's."""
    return bool(abs(1200.0 * np.log2(_middle_hz(heard) / note_hz)) < _RIGHT_CENTS)


def _middle_hz(heard: Frames) -> float:
    loud = heard.level_db >= heard.level_db.max() + _LOUD_DB
    return float(np.median(heard.f0_hz[loud]))
