"""Where each voice's latents are.

A voice's latent is the global one, plus velocity and key times their amounts,
plus the note's own offset, plus the LFOs, kept within 0–1.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from ..limits import LFOS
from .lfo import lfo_phase, lfo_value
from .ramp import RAMP, move_ramp, ramp_value
from .record import Record
from .sizes import LATENTS

OFFSETS = np.dtype([("given", "i4"), ("ramps", RAMP, LATENTS)], align=True)
"""What one note adds to the latents; ``given`` is 0 while that is nothing."""

MIDDLE_C = 60.0


@nb.njit(error_model="numpy", cache=True)
def voice_latents(
    controls: Record, offsets: Record, velocity: float, pitch: float, now: int, count: int, out: np.ndarray
) -> None:
    """The first ``count`` latents of a voice at sample ``now``.

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
            out[lfo.target] += np.float32(lfo.depth * lfo_value(lfo.shape, lfo_phase(lfo, now), k))
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
