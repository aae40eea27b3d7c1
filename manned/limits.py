"""Counts and the order of choices, once for the table, the engine and the models.

The table of parameters offers the words, the engine counts their places.
"""

from __future__ import annotations

CLASSES = 12
"""Pitch classes, C first."""

MAX_LATENTS = 64
MAX_VOICES = 64
"""Notes that sound at a time, beside the drone."""

MAX_STOPS = 32
"""Presets that one path may lead through."""

LFOS = 4
ENVELOPES = 2
"""Of each, for every voice."""

TARGETS = ("level", "pitch", "pan", "noise", "brightness")
"""What an LFO, an envelope or a note moves of one voice, beside the latents; they are counted after `MAX_LATENTS`."""

NOISE_DB, SEMITONES = 24.0, 12.0
"""What a depth of 1 moves noise and pitch by."""

MAX_UNISON = 7
"""Voices that one note may have."""

GESTURE_LOOPS = ("loop", "once", "hold")
"""How a held note plays a gesture: round and round, to its end, or up to a point where it waits for the release."""

MAX_GESTURE_FRAMES = 8192

PHASES = ("peaks", "noise", "rtpghi")
"""Phase methods; each is a file of its name in `manned.engine.phase`."""

HOPS = (512, 1024, 256)
"""Samples from one frame to the next, at the model's sample rate."""

MODES = ("poly", "mono", "legato")
SHAPES = ("sine", "triangle", "wander")
"""Shapes of an LFO."""

STARTS = ("free", "note")
"""Where an LFO begins: it goes on by itself, alike for all voices, or begins anew with each note."""

MPE = ("off", "lower", "upper", "both")
"""MPE zones that a port may have from the start."""

SOUND_RATES = (1_000, 768_000)
"""Lowest and highest sample rate, in Hertz, that a sound file may say it has."""

DEVICE_RATES = (8_000, 192_000)
"""Lowest and highest sample rate, in Hertz, of an output."""

SHORTEST_NOTE_S = 0.01
"""A note is not released sooner after its beginning: one that a sequencer writes without length is to be heard."""

OSC_PORT = 57130
