"""A look at what sounds, for whoever asks from the control thread."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from . import envelope


class Stage(IntEnum):
    """Where a voice's envelope is."""

    WAITING = envelope.STAGE_WAITING
    ATTACK = envelope.STAGE_ATTACK
    DECAY = envelope.STAGE_DECAY
    SUSTAIN = envelope.STAGE_SUSTAIN
    RELEASE = envelope.STAGE_RELEASE
    KILL = envelope.STAGE_KILL

    @property
    def held(self) -> bool:
        """Whether the voice sounds and has neither been released nor stolen."""
        return Stage.ATTACK <= self <= Stage.SUSTAIN


@dataclass(frozen=True)
class Voice:
    """One voice in use.

    Attributes
    ----------
    index : int
        0 is the drone.
    note_id : int
        Of the note that it sounds: negative when it was let go of; 0 for the drone, and for what fades out.
    pitch : float
        Note number that its stream is tuned to.
    glide_from : float
        Note number from which its portamento began.
    velocity, level, pressure : float
        0–1; the envelope's level, and what the note's pressure is on its way to.
    stage : Stage
    pan : int
        Position between left and right; 0 in the middle, odd ones left, even ones right of it.
    model : int
        Which of the decoders that were loaded made its stream, counted from 1.
    offsets : np.ndarray [shape=(MAX_LATENTS,)]
        What the note adds to each latent, or is on its way to.
    fundamental_bins : float
        Fundamental of the frame that plays, in bins of the model's FFT; 0 when it has none.
    spectrum : np.ndarray [shape=(2049,)]
        Magnitudes of the frame that plays.
    """

    index: int
    note_id: int
    pitch: float
    glide_from: float
    velocity: float
    level: float
    pressure: float
    stage: Stage
    pan: int
    model: int
    offsets: np.ndarray
    fundamental_bins: float
    spectrum: np.ndarray


def voice_of(index: int, voice: np.void) -> Voice | None:
    """A copy of what a `VOICE` record says; None when nothing sounds there."""
    stage = int(voice["stage"])  # read once: the audio thread may end the voice meanwhile
    if not stage:
        return None
    tone, stream = voice["tone"], voice["stream"]
    return Voice(
        index=index,
        note_id=int(voice["note_id"]),
        pitch=float(tone["pitch"]),
        glide_from=float(tone["glide"]["start"]),
        velocity=float(tone["velocity"]),
        level=float(voice["level"]),
        pressure=float(voice["pressure"]["target"]),
        stage=Stage(stage),
        pan=int(voice["pan"]),
        model=int(voice["model"]),
        offsets=tone["offsets"]["ramps"]["target"].copy(),
        fundamental_bins=float(stream["timing"]["f0"]),
        spectrum=stream["spectrum"].copy(),
    )


def values_at(ramps: np.ndarray, now: int) -> np.ndarray:
    """Values of many `RAMP` records at sample ``now``."""
    passed = (now - ramps["begin"]) / np.maximum(ramps["length"], 1)
    on_the_way = ramps["start"] + (ramps["target"] - ramps["start"]) * passed.astype(np.float32)
    return np.where(now - ramps["begin"] >= ramps["length"], ramps["target"], on_the_way)
