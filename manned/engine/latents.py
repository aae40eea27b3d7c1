"""Where each voice's latents are.

A voice's latent is the global one, plus velocity and key times their amounts,
plus the note's own offset, plus LFOs and envelopes, kept within 0–1.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from ..limits import ENVELOPES, LFOS
from ..table.parameters import control_index
from .latent_envelope import envelope_value
from .lfo import lfo_value, random_value, voice_turns
from .ramp import RAMP, move_ramp, ramp_value
from .record import Record
from .sizes import LATENTS

OFFSETS = np.dtype([("given", "i4"), ("ramps", RAMP, LATENTS)], align=True)
"""What one note adds to the latents; ``given`` is 0 while that is nothing."""

MIDDLE_C = 60.0
_RANDOM = control_index("note/random")


@nb.njit(error_model="numpy", cache=True)
def voice_latents(
    controls: Record,
    offsets: Record,
    velocity: float,
    pitch: float,
    since: int,
    released: int,
    seed: int,
    now: int,
    count: int,
    out: np.ndarray,
) -> None:
    """The first ``count`` latents of a voice at sample ``now``.

    Its note began ``since`` samples before, and was ``released`` so many after that, or is `latent_envelope.HELD`;
    ``seed`` is the note's own chance.

    Audio thread: no locks, no allocation, no Python objects.
    """
    moved = False
    for i in range(count):
        out[i] = ramp_value(controls.latents[i], now)
    if controls.tracking:
        key = np.float32((pitch - MIDDLE_C) / 60.0)
        for i in range(count):
            out[i] += controls.velocity[i] * np.float32(velocity) + controls.key[i] * key
        moved = True
    if offsets.given:
        for i in range(count):
            out[i] += ramp_value(offsets.ramps[i], now)
        moved = True
    for k in range(LFOS):
        lfo = controls.lfos[k]
        if lfo.depth != 0 and lfo.target < count:
            out[lfo.target] += np.float32(lfo.depth * lfo_value(lfo.shape, voice_turns(lfo, now, since), k))
            moved = True
    for e in range(ENVELOPES):
        envelope = controls.envelopes[e]
        if envelope.depth != 0 and envelope.target < count:
            out[envelope.target] += np.float32(envelope_value(envelope, velocity, since, released))
            moved = True
    random = controls.values[_RANDOM]
    if random > 0.0:
        for i in range(count):
            out[i] += np.float32(random * random_value(seed, LFOS + i))
        moved = True
    if moved:
        for i in range(count):
            out[i] = min(max(out[i], np.float32(0)), np.float32(1))


@nb.njit(error_model="numpy", cache=True)
def clear_offsets(offsets: Record) -> None:
    """Forget what a note before had of its own."""
    if offsets.given:
        offsets.given = 0
        for i in range(LATENTS):
            offsets.ramps[i].target = 0.0
            offsets.ramps[i].begin = 0
            offsets.ramps[i].length = 0


@nb.njit(error_model="numpy", cache=True)
def set_offset(offsets: Record, latent: int, offset: float, now: int, glide_samples: int) -> None:
    """Let a note's own offset of a latent glide from sample ``now`` on."""
    offsets.given = 1
    move_ramp(offsets.ramps[latent], np.float32(offset), now, glide_samples)
