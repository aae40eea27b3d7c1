"""What the control thread can tell the engine: the kinds of events and their numbers.

An event is placed at an audio sample (``when``); None is the start of the next
block.  Events handed over together take effect together.
"""

from __future__ import annotations

from typing import NamedTuple

NOTE_ON = 1  # index: note id; a: note number with fraction; b: velocity 0–1
NOTE_OFF = 2  # index: note id
ALL_NOTES_OFF = 3
ALL_SOUND_OFF = 4
LATENT = 5  # index: latent from 0; a: target 0–1
GLIDE = 6  # a: seconds, for the latents that are set from now on
CHROMA = 7  # a: pitch class of the drone
OCTAVE = 8  # a: octave of the drone
GATE = 9  # a: 1 on, 0 off
GAIN = 10  # a: factor
EXPRESSION = 11  # a: factor
ATTACK = 12  # a: seconds
DECAY = 13
SUSTAIN = 14  # a: level 0–1
RELEASE = 15
PHASE = 16  # a: index into parameters.PHASES
BEND = 17  # a: -1 to 1
BEND_RANGE = 18  # a: semitones

PARAMETERS = {
    "chroma": CHROMA,
    "octave": OCTAVE,
    "gate": GATE,
    "gain": GAIN,
    "expression": EXPRESSION,
    "glide": GLIDE,
    "env/attack": ATTACK,
    "env/decay": DECAY,
    "env/sustain": SUSTAIN,
    "env/release": RELEASE,
    "phase": PHASE,
    "bend": BEND,
    "bend/range": BEND_RANGE,
}


class Event(NamedTuple):
    """One thing to do at one audio sample."""

    kind: int
    when: int | None
    index: int = 0
    a: float = 0.0
    b: float = 0.0
