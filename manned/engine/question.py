"""What a voice asks the decoder for at a sample: the same for the voice itself and for who looks ahead."""

from __future__ import annotations

import numpy as np

from ..limits import CLASSES
from .decode import HARMONIC_KIND
from .latents import voice_latents
from .modulation import tilt_of
from .native import native
from .pitch import nearest_note, note_hz
from .record import Record
from .sizes import LATENTS


@native
def ask_for_mixture(question: Record, drone: Record, is_drone: bool) -> None:
    """Ask for the drone's mixture of pitch classes, or for none."""
    question.mixture = drone.mixture if is_drone else 0
    if question.mixture:
        for k in range(CLASSES):
            question.weights[k] = drone.weights[k]


@native
def _same_mixture(a: Record, b: Record) -> bool:
    """Whether two questions, or a question and the drone, have the same mixture of pitch classes, or both none."""
    if a.mixture != b.mixture:
        return False
    if a.mixture:
        for k in range(CLASSES):
            if a.weights[k] != b.weights[k]:
                return False
    return True


@native
def ask(
    controls: Record,
    gestures: Record,
    tone: Record,
    is_drone: bool,
    generation: int,
    model: Record,
    now: int,
    asked: bool,
    question: Record,
    latents: np.ndarray,
) -> bool:
    """Write what a voice asks for at sample ``now`` over its last ``question``; False when that is the same.

    Parameters
    ----------
    tone : tone.TONE
    generation : int
        Number of the model that plays.
    model : decode.MODEL
    asked : bool
        Whether there was a last question.
    latents : float32 [shape=(LATENTS,)]
        Scratch.
    """
    pitch_class, octave = nearest_note(tone.pitch)
    count = model.latents
    voice_latents(controls, gestures, tone, now, count, latents)
    tilt = np.float32(tilt_of(controls, tone, is_drone, now))
    same = asked and question.pitch_class == pitch_class and question.octave == octave and question.model == generation
    if same and model.kind == HARMONIC_KIND:
        same = question.tilt == tilt
    if same:
        for i in range(count):
            if question.latents[i] != latents[i]:
                same = False
                break
    if same and is_drone:
        same = _same_mixture(question, controls.drone)
    if same:
        return False
    # All of them: the next model, which may decode this already, may have more.
    voice_latents(controls, gestures, tone, now, LATENTS, question.latents)
    question.tilt = tilt
    ask_for_mixture(question, controls.drone, is_drone)
    question.pitch_class = pitch_class
    question.octave = octave
    question.pitch_hz = note_hz(tone.pitch)
    question.model = generation
    return True


@native
def same_question(a: Record, b: Record, count: int) -> bool:
    """Whether two questions have the same answer from a model of ``count`` latents."""
    if a.model != b.model or a.pitch_class != b.pitch_class or a.octave != b.octave or a.pitch_hz != b.pitch_hz:
        return False
    if a.tilt != b.tilt:
        return False
    for i in range(count):
        if a.latents[i] != b.latents[i]:
            return False
    return _same_mixture(a, b)
