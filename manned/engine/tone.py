"""What is one note's own: its pitch and velocity, when it began and ended, and what it is given beside the others."""

from __future__ import annotations

import numpy as np

from ..table.parameters import control_index
from .gesture import begin_gesture
from .latent_envelope import HELD
from .lfo import lfo_phase
from .native import native
from .pitch import vibrato_cycles
from .ramp import LINE, RAMP, move_ramp
from .record import Record
from .sizes import MOVED

OFFSETS = np.dtype([("given", "i4"), ("ramps", RAMP, MOVED)], align=True)
"""What one note adds to the latents and to the other targets; ``given`` is 0 while that is nothing."""

TONE = np.dtype(
    [
        ("pitch", "f8"),  # note number that the stream is tuned to
        ("velocity", "f4"),
        ("glide", LINE),  # note number that it is to sound, before bends
        ("own_bend", LINE),
        ("onset", "i8"),
        ("release", "i8"),  # sample, or HELD
        ("seed", "i8"),  # of what it has by chance
        ("member", "i4"),  # of a unison, from 0
        ("members", "i4"),
        ("vibrato_origin", "f8"),
        ("vibrato_delay", "i8"),
        ("gesture", "i8"),  # its number, or 0
        ("gesture_pace", "f8"),  # factor on the speed
        ("gesture_begin", "f8"),  # what the clock of gestures shows where the gesture begins
        ("gesture_release", "f8"),  # and where the note is released
        ("offsets", OFFSETS),
    ],
    align=True,
)
"""What a voice's pitch, latents and level are made from, beside the controls that all share."""

VIBRATO_DELAY = control_index("vibrato/delay")


@native
def begin_tone(controls: Record, gestures: Record, tone: Record, now: int, samplerate: float) -> None:
    """Let a note begin at sample ``now``: its vibrato, its envelopes and its gesture begin there."""
    tone.onset = now
    tone.release = HELD
    tone.vibrato_origin = vibrato_cycles(controls.vibrato, now, samplerate)
    tone.vibrato_delay = int(controls.values[VIBRATO_DELAY] * samplerate + 0.5)
    begin_gesture(controls, gestures, tone, now, samplerate)


@native
def release_tone(controls: Record, tone: Record, now: int) -> None:
    """Note that a note is released at sample ``now``."""
    tone.release = now
    tone.gesture_release = lfo_phase(controls.gesture, now)


@native
def unison_place(tone: Record) -> float:
    """Where a voice stands among those of its note, -1 to 1."""
    return 2.0 * tone.member / (tone.members - 1) - 1.0 if tone.members > 1 else 0.0


@native
def clear_offsets(offsets: Record) -> None:
    """Forget what a note before had of its own."""
    if offsets.given:
        offsets.given = 0
        for i in range(MOVED):
            offsets.ramps[i].target = 0.0
            offsets.ramps[i].begin = 0
            offsets.ramps[i].length = 0


@native
def set_offset(offsets: Record, target: int, offset: float, now: int, glide_samples: int) -> None:
    """Let a note's own offset of a target glide from sample ``now`` on."""
    offsets.given = 1
    move_ramp(offsets.ramps[target], np.float32(offset), now, glide_samples)
