"""What a note will find that starts in the next block, as far as the control thread can know.

A copy of the audio thread's `MOTION` lies in the control thread's scratch, with the
clock at 0; events that wait for the next block are carried out in it.
"""

from __future__ import annotations

import numba as nb
from numba import types

from .memory import LATENTS, LFOS, SHARED
from .motion import clear_offsets, copy_motion, set_offset, steer, voice_latents
from .voice import ask_for_mixture


@nb.njit(types.void(SHARED), error_model="numpy", cache=True)
def look_ahead(shared):
    """Take a fresh copy; what moves is taken from where the last block published it."""
    memory = shared[0]
    motion = memory.control_scratch.motion
    copy_motion(motion, memory.motion)
    for i in range(LATENTS):
        motion.latents.target[i] = memory.latent_now[i]
        motion.latents.time[i] = 0
        motion.latents.length[i] = 0
    for k in range(LFOS):
        motion.lfos[k].phase = memory.lfo_now[k]
        motion.lfos[k].time = 0


@nb.njit(types.void(SHARED, types.int64, types.int64, types.float64), error_model="numpy", cache=True)
def steer_ahead(shared, kind, index, a):
    """Carry out an event that waits; of kinds that `steer` does not know, nothing happens."""
    memory = shared[0]
    steer(memory.control_scratch.motion, kind, index, a, 0, memory.samplerate)


@nb.njit(types.void(SHARED, types.int64, types.float64), error_model="numpy", cache=True)
def offset_ahead(shared, latent, offset):
    """Give the note that is asked for next an offset of its own."""
    set_offset(shared[0].control_scratch.offsets, latent, offset, 0, 0)


@nb.njit(types.void(SHARED, types.int64, types.boolean, types.float64, types.float64), error_model="numpy", cache=True)
def ask_ahead(shared, slot, is_drone, pitch, velocity):
    """Write into a slot's request what its first frame is made from, the note itself left out."""
    memory = shared[0]
    motion, offsets = memory.control_scratch.motion, memory.control_scratch.offsets
    request = memory.slots[slot].request
    voice_latents(motion, offsets, velocity, pitch, 0, LATENTS, request.latents)
    ask_for_mixture(request, motion.drone, is_drone)
    clear_offsets(offsets)
