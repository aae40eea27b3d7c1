"""Where each voice's latents are.

A voice's latent is the global one, plus velocity and key times their amounts,
plus the note's own offset, plus its gesture, LFOs and envelopes, kept within 0–1.
"""

from __future__ import annotations

import numpy as np

from ..limits import ENVELOPES, LFOS
from ..table.parameters import control_index
from .gesture import add_gesture
from .latent_envelope import KEYS, MIDDLE_C, envelope_value, note_depth
from .lfo import lfo_value, random_value, voice_turns
from .native import native
from .ramp import ramp_value
from .record import Record
from .tone import unison_place

_RANDOM, _APART = control_index("note/random"), control_index("unison/latents")
_OF_UNISON = 1 << 20  # random values of its own


@native
def voice_latents(controls: Record, gestures: Record, tone: Record, now: int, count: int, out: np.ndarray) -> None:
    """The first ``count`` latents of a voice at sample ``now``; ``tone`` is a `tone.TONE`.

    Audio thread: no locks, no allocation, no Python objects.
    """
    moved = False
    for i in range(count):
        out[i] = ramp_value(controls.latents[i], now)
    if controls.tracking:
        key = np.float32((tone.pitch - MIDDLE_C) / KEYS)
        for i in range(count):
            out[i] += controls.velocity[i] * np.float32(tone.velocity) + controls.key[i] * key
        moved = True
    if tone.offsets.given:
        for i in range(count):
            out[i] += ramp_value(tone.offsets.ramps[i], now)
        moved = True
    if tone.gesture > 0:
        moved |= add_gesture(controls, gestures, tone, now, count, out)
    for k in range(LFOS):
        lfo, depth = controls.lfos[k], controls.lfos[k].depth
        if depth.amount.target != 0 and depth.target < count:
            turns = voice_turns(lfo, now, now - tone.onset)
            out[depth.target] += np.float32(depth.amount.target * lfo_value(lfo.shape, turns, k))
            moved = True
    for e in range(ENVELOPES):
        envelope, depth = controls.envelopes[e], controls.envelopes[e].depth
        if depth.amount.target != 0 and depth.target < count:
            amount = note_depth(envelope, depth.amount.target, tone.velocity, tone.pitch)
            out[depth.target] += np.float32(amount * envelope_value(envelope, tone, now))
            moved = True
    random = controls.values[_RANDOM]
    if random > 0.0:
        for i in range(count):
            out[i] += np.float32(random * random_value(tone.seed, LFOS + i))
        moved = True
    apart = controls.values[_APART]
    if apart > 0.0 and tone.members > 1:
        reach = apart * unison_place(tone)
        for i in range(count):
            out[i] += np.float32(reach * random_value(_OF_UNISON, i))
        moved = True
    if moved:
        for i in range(count):
            out[i] = min(max(out[i], np.float32(0)), np.float32(1))
