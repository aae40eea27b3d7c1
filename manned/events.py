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
CONTROL = 12  # index: place among the rows of the table that are plain numbers; a: the number
BEND = 13  # a: -1 to 1
BEND_RANGE = 14  # a: semitones
VIBRATO_RATE = 15  # a: Hertz
VIBRATO_DEPTH = 16  # a: semitones to either side
A4 = 17  # a: Hertz
SPREAD = 18  # a: 0–1
VELOCITY_LATENT = 19  # index: latent from 0; a: -1 to 1
KEY_LATENT = 20  # index: latent from 0; a: -1 to 1
LFO_RATE = 21  # index: LFO from 0; a: Hertz
LFO_DEPTH = 22  # a: 0–1
LFO_SHAPE = 23  # a: index into limits.SHAPES
LFO_TARGET = 24  # a: latent from 0, or one of limits.TARGETS, counted after MAX_LATENTS
NOTE_PITCH = 25  # index: note id; a: semitones up or down
NOTE_PRESSURE = 26  # index: note id; a: factor on the note's level, 0–1
NOTE_LATENT = 27  # index: note id; a: offset, -1 to 1; b: latent from 0, or target, as of an LFO
CHROMA_WEIGHT = 28  # index: pitch class; a: weight 0–1 in the drone's mixture; CHROMA ends the mixture
DRONE_TUNING = 29  # a: semitones from the drone's class and octave to where the scale has it
LFO_START = 30  # a: index into limits.STARTS
ENVELOPE_ATTACK = 31  # index: envelope from 0; a: seconds
ENVELOPE_DECAY = 32  # a: seconds
ENVELOPE_SUSTAIN = 33  # a: 0–1
ENVELOPE_RELEASE = 34  # a: seconds
ENVELOPE_DEPTH = 35  # a: -1 to 1
ENVELOPE_VELOCITY = 36  # a: share of the depth that velocity gives, 0–1
ENVELOPE_TARGET = 37  # a: as of an LFO
ENVELOPE_KEY = 38  # a: -1 to 1
GESTURE = 39  # index: number of the gesture that notes play from now on, 0 is none
GESTURE_SPEED = 40  # a: factor
LEVEL = 41  # a: dB
UNISON_WIDTH = 42  # a: 0–1

OF_NOTES = (NOTE_ON, NOTE_OFF, NOTE_PITCH, NOTE_PRESSURE, NOTE_LATENT)
"""Kinds whose index is a note id."""


class Event(NamedTuple):
    """One thing to do at one audio sample."""

    kind: int
    when: int | None
    index: int = 0  # pyright: ignore[reportIncompatibleMethodOverride]  # of tuple, which nobody asks
    a: float = 0.0
    b: float = 0.0
    member: int = 0  # of a unison, from 0: which of the voices of one note this one is
    members: int = 1
