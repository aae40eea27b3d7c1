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
PHASE = 16  # a: index into limits.PHASES
BEND = 17  # a: -1 to 1
BEND_RANGE = 18  # a: semitones
HOP = 19  # a: index into limits.HOPS
MODE = 20  # a: index into limits.MODES
POLYPHONY = 21  # a: notes that sound at a time
PORTAMENTO = 22  # a: seconds
VIBRATO_RATE = 23  # a: Hertz
VIBRATO_DEPTH = 24  # a: semitones to either side
VIBRATO_DELAY = 25  # a: seconds
A4 = 26  # a: Hertz
FORMANT = 27  # a: 0–1
SPREAD = 28  # a: 0–1
VELOCITY_LATENT = 29  # index: latent from 0; a: -1 to 1
KEY_LATENT = 30  # index: latent from 0; a: -1 to 1
LFO_RATE = 31  # index: LFO from 0; a: Hertz
LFO_DEPTH = 32  # a: 0–1
LFO_SHAPE = 33  # a: index into limits.SHAPES
LFO_TARGET = 34  # a: latent from 0
NOTE_PITCH = 35  # index: note id; a: semitones up or down
NOTE_PRESSURE = 36  # index: note id; a: factor on the note's level, 0–1
NOTE_LATENT = 37  # index: note id; a: offset, -1 to 1; b: latent from 0
CHROMA_WEIGHT = 38  # index: pitch class; a: weight 0–1 in the drone's mixture; CHROMA ends the mixture
DRONE_TUNING = 39  # a: semitones from the drone's class and octave to where the scale has it

OF_NOTES = (NOTE_ON, NOTE_OFF, NOTE_PITCH, NOTE_PRESSURE, NOTE_LATENT)
"""Kinds whose index is a note id."""


class Event(NamedTuple):
    """One thing to do at one audio sample."""

    kind: int
    when: int | None
    index: int = 0
    a: float = 0.0
    b: float = 0.0
