"""The pitch of a voice as a pure function of the sample number.

Counted in semitones above the note that the voice's stream is tuned to: the
glide from the note before, the note's own bend, its place in the unison, its gesture, the vibrato, LFOs and envelopes,
and what all voices share, the pitch bend and the master tuning.
"""

from __future__ import annotations

import math

from ..limits import SEMITONES
from ..table.parameters import control_index
from .gesture import gesture_pitch
from .modulation import PITCH, moved_by
from .native import native
from .pitch import vibrato_cycles
from .ramp import line_value
from .record import Record
from .tone import unison_place

_DETUNE = control_index("unison/detune")


@native
def pitch_offset(controls: Record, gestures: Record, tone: Record, now: int, samplerate: float) -> float:
    """Semitones between what a voice's stream is tuned to and what it is to sound at sample ``now``.

    ``tone`` is a `tone.TONE`.
    """
    shared = controls.shared_pitch
    offset = line_value(tone.glide, now) - tone.pitch + line_value(tone.own_bend, now)
    offset += shared.target if tone.onset >= shared.begin else line_value(shared, now)
    vibrato = controls.vibrato
    depth = line_value(vibrato.depth, now)
    if depth != 0.0:
        passed = now - tone.onset
        if passed < tone.vibrato_delay:
            depth *= passed / tone.vibrato_delay
        offset += depth * math.sin(2.0 * math.pi * (vibrato_cycles(vibrato, now, samplerate) - tone.vibrato_origin))
    if tone.members > 1:
        offset += unison_place(tone) * controls.values[_DETUNE] / 100.0
    if tone.gesture > 0:
        offset += gesture_pitch(controls, gestures, tone, now)
    if controls.moved[PITCH] or tone.offsets.given:
        offset += SEMITONES * moved_by(controls, tone, PITCH, now)
    return offset
