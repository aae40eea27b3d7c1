"""Envelopes that move a latent of each voice, or another target, as pure functions of the sample number.

They rise in a straight line; decay and release are cubes that reach their end exactly, as the envelope of the level.
"""

from __future__ import annotations

import numpy as np

from .. import events as ev
from .depth import DEPTH, set_depth, set_depth_target
from .native import native
from .record import Record

ENVELOPE = np.dtype(
    [
        ("attack", "f8"),  # samples
        ("decay", "f8"),
        ("release", "f8"),
        ("sustain", "f4"),
        ("depth", DEPTH),
        ("velocity", "f4"),  # share of the depth
        ("key", "f4"),  # by how much the depth grows in five octaves above middle C
    ],
    align=True,
)

MIDDLE_C, KEYS = 60.0, 60.0  # five octaves
HELD = -1
"""Of a note that was not released: the sample of its release."""


@native
def set_envelope(envelope: Record, kind: int, value: float, now: int, samplerate: float) -> None:
    """Let an event of an envelope take effect."""
    if kind == ev.ENVELOPE_ATTACK:
        envelope.attack = value * samplerate
    elif kind == ev.ENVELOPE_DECAY:
        envelope.decay = value * samplerate
    elif kind == ev.ENVELOPE_RELEASE:
        envelope.release = value * samplerate
    elif kind == ev.ENVELOPE_SUSTAIN:
        envelope.sustain = np.float32(value)
    elif kind == ev.ENVELOPE_DEPTH:
        set_depth(envelope.depth, value, now, samplerate)
    elif kind == ev.ENVELOPE_VELOCITY:
        envelope.velocity = np.float32(value)
    elif kind == ev.ENVELOPE_KEY:
        envelope.key = np.float32(value)
    elif kind == ev.ENVELOPE_TARGET:
        set_depth_target(envelope.depth, int(value), now, samplerate)


@native
def envelope_value(envelope: Record, tone: Record, now: int) -> float:
    """Height of an envelope, 0–1, for a note (a `tone.TONE`) at sample ``now``."""
    since = now - tone.onset
    released = tone.release != HELD and tone.release < now
    level = _held(envelope, tone.release - tone.onset if released else since)
    if released:
        left = 1.0 - (now - tone.release) / envelope.release if envelope.release > 0.0 else 0.0
        level *= max(left, 0.0) ** 3
    return level


@native
def note_depth(envelope: Record, depth: float, velocity: float, pitch: float) -> float:
    """How far an envelope of a depth moves its target at its height, of a note of that velocity and pitch."""
    by_key = max(1.0 + envelope.key * (pitch - MIDDLE_C) / KEYS, 0.0)
    return depth * (1.0 - envelope.velocity * (1.0 - velocity)) * by_key


@native
def _held(envelope: Record, since: int) -> float:
    if since < envelope.attack:
        return since / envelope.attack
    passed = since - envelope.attack
    if passed < envelope.decay:
        return envelope.sustain + (1.0 - envelope.sustain) * (1.0 - passed / envelope.decay) ** 3
    return envelope.sustain
