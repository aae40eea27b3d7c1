"""What a note that starts at a sample finds: the one function that says it, for every thread that prepares notes."""

from __future__ import annotations

import numpy as np

from .latents import voice_latents
from .manner import find_manner
from .modulation import tilt_of
from .native import native
from .pitch import nearest_note, note_hz
from .question import ask_for_mixture
from .ramp import line_value
from .record import Record
from .sizes import LATENTS


@native
def note_glide(controls: Record, pitch: float, now: int) -> float:
    """Semitones from a note to where its portamento begins, after `apply_event` took the note's own event."""
    return line_value(controls.lead, now) - pitch


@native
def find_onset(controls: Record, gestures: Record, slot: Record, is_drone: bool, tone: Record, when: int) -> None:
    """Write into a slot what a note finds that starts at sample ``when``.

    Parameters
    ----------
    controls : CONTROLS
        After all events up to that sample.
    slot : SLOT
        Its ``glide`` must have been set: semitones from the note to where it begins.
    tone : TONE
        The note's own; `tone.begin_tone` has seen it.
    """
    question = slot.request.question
    voice_latents(controls, gestures, tone, when, LATENTS, question.latents)
    question.tilt = np.float32(tilt_of(controls, tone, is_drone, when))
    ask_for_mixture(question, controls.drone, is_drone)
    question.pitch_class, question.octave = nearest_note(tone.pitch)
    question.pitch_hz = note_hz(tone.pitch)
    find_manner(controls, tone, when, slot.manner)
    slot.offset = controls.shared_pitch.target + slot.glide
