"""Envelopes that move a latent of each voice, as pure functions of the samples since its note began.

They rise in a straight line; decay and release are cubes that reach their end exactly, as the envelope of the level.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from .. import events as ev
from .record import Record

ENVELOPE = np.dtype(
    [
        ("attack", "f8"),  # samples
        ("decay", "f8"),
        ("release", "f8"),
        ("sustain", "f4"),
        ("depth", "f4"),
        ("velocity", "f4"),  # share of the depth
        ("target", "i4"),  # latent from 0
    ],
    align=True,
)

HELD = -1
"""Of a note that was not released: the samples from its beginning to its release."""


@nb.njit(error_model="numpy", cache=True)
def set_envelope(envelope: Record, kind: int, value: float, samplerate: float) -> None:
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
        envelope.depth = np.float32(value)
    elif kind == ev.ENVELOPE_VELOCITY:
        envelope.velocity = np.float32(value)
    elif kind == ev.ENVELOPE_TARGET:
        envelope.target = int(value)


@nb.njit(error_model="numpy", cache=True)
def envelope_value(envelope: Record, velocity: float, since: int, released: int) -> float:
    """What it adds to its latent ``since`` samples after its note began; ``released`` counts from there too."""
    level = _held(envelope, since if released == HELD else min(since, released))
    if released != HELD and since > released:
        left = 1.0 - (since - released) / envelope.release if envelope.release > 0.0 else 0.0
        level *= max(left, 0.0) ** 3
    return envelope.depth * (1.0 - envelope.velocity * (1.0 - velocity)) * level


@nb.njit(error_model="numpy", cache=True)
def _held(envelope: Record, since: int) -> float:
    if since < envelope.attack:
        return since / envelope.attack
    passed = since - envelope.attack
    if passed < envelope.decay:
        return envelope.sustain + (1.0 - envelope.sustain) * (1.0 - passed / envelope.decay) ** 3
    return envelope.sustain
