"""Where each voice's latents are, which pitch classes the drone mixes, and how frames become sound.

A `MOTION` record holds all that events say of it.  The audio thread has the one
that plays; copies of it look ahead, so that a note that is prepared begins with
the very values it will go on with.

A voice's latent is the global one, plus velocity and key times their amounts,
plus the note's own offset, plus the LFOs, kept within 0–1.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from .. import events as ev
from .lfo import lfo_phase, lfo_value
from .memory import CLASSES, HOPS, LATENTS, LFOS
from .ramp import copy_ramps, ramp_at, set_ramp

OFFSET_GLIDE_S = 0.02  # of a note's own offset, at least
MIDDLE_C = 60.0
_HOPS = np.array(HOPS)


@nb.njit(error_model="numpy", cache=True)
def steer(motion, kind, index, a, now, samplerate):
    """Let an event of one of these kinds take effect at sample ``now``; False when it is of another kind.

    Audio thread: no locks, no allocation, no Python objects.
    """
    if kind == ev.LATENT:
        set_ramp(motion.latents, index, np.float32(a), now, motion.glide_samples)
    elif kind == ev.GLIDE:
        motion.glide_samples = int(a * samplerate + 0.5)
    elif kind == ev.VELOCITY_LATENT:
        motion.velocity[index] = np.float32(a)
        _note_tracking(motion)
    elif kind == ev.KEY_LATENT:
        motion.key[index] = np.float32(a)
        _note_tracking(motion)
    elif ev.LFO_RATE <= kind <= ev.LFO_TARGET:
        _set_lfo(motion.lfos[index], kind, a, now, samplerate)
    elif kind == ev.CHROMA:
        motion.drone.pitch_class = int(a)
        motion.drone.mixture = 0
        for k in range(CLASSES):
            motion.drone.weights[k] = 1.0 if k == int(a) else 0.0
    elif kind == ev.CHROMA_WEIGHT:
        _weigh(motion.drone, index, np.float32(a))
    elif kind == ev.OCTAVE:
        motion.drone.octave = int(a)
    elif kind == ev.DRONE_TUNING:
        motion.drone.tuning = a
    elif kind == ev.PHASE:
        motion.phase_method = int(a)
    elif kind == ev.HOP:
        motion.hop = _HOPS[int(a)]
    else:
        return False
    return True


@nb.njit(error_model="numpy", cache=True)
def _note_tracking(motion):
    """Note whether velocity or key moves anything at all."""
    motion.tracking = 0
    for i in range(LATENTS):
        if motion.velocity[i] != 0 or motion.key[i] != 0:
            motion.tracking = 1


@nb.njit(error_model="numpy", cache=True)
def _set_lfo(lfo, kind, a, now, samplerate):
    if kind == ev.LFO_RATE:
        lfo.phase = lfo_phase(lfo, now)
        lfo.time = now
        lfo.rate = a / samplerate
    elif kind == ev.LFO_DEPTH:
        lfo.depth = np.float32(a)
    elif kind == ev.LFO_SHAPE:
        lfo.shape = int(a)
    else:
        lfo.target = int(a)


@nb.njit(error_model="numpy", cache=True)
def _weigh(drone, index, weight):
    """Weigh one class; one class alone is the drone's plain class, and none leaves the last one."""
    drone.weights[index] = weight
    count, last = 0, 0
    for k in range(CLASSES):
        if drone.weights[k] > 0:
            count += 1
            last = k
    drone.mixture = 1 if count > 1 else 0
    if count == 1:
        drone.pitch_class = last


@nb.njit(error_model="numpy", cache=True)
def drone_note(drone):
    """Note number of the drone."""
    return drone.pitch_class + 12 * (drone.octave + 1) + drone.tuning


@nb.njit(error_model="numpy", cache=True)
def copy_motion(to, source):
    """Copy all of it, to look ahead with."""
    copy_ramps(to.latents, source.latents)
    to.glide_samples = source.glide_samples
    to.tracking = source.tracking
    for i in range(LATENTS):
        to.velocity[i] = source.velocity[i]
        to.key[i] = source.key[i]
    for k in range(LFOS):
        to.lfos[k].rate = source.lfos[k].rate
        to.lfos[k].depth = source.lfos[k].depth
        to.lfos[k].shape = source.lfos[k].shape
        to.lfos[k].target = source.lfos[k].target
        to.lfos[k].phase = source.lfos[k].phase
        to.lfos[k].time = source.lfos[k].time
    to.drone.pitch_class = source.drone.pitch_class
    to.drone.octave = source.drone.octave
    to.drone.tuning = source.drone.tuning
    to.drone.mixture = source.drone.mixture
    for k in range(CLASSES):
        to.drone.weights[k] = source.drone.weights[k]
    to.phase_method = source.phase_method
    to.hop = source.hop


@nb.njit(error_model="numpy", cache=True)
def global_latents(motion, now, out):
    """The latents that all voices share at sample ``now``, before anything of a voice's own."""
    for i in range(LATENTS):
        out[i] = ramp_at(motion.latents, i, now)


@nb.njit(error_model="numpy", cache=True)
def voice_latents(motion, offsets, velocity, pitch, now, count, out):
    """The first ``count`` latents of a voice at sample ``now``.

    Audio thread: no locks, no allocation, no Python objects.
    """
    moved = False
    for i in range(count):
        out[i] = ramp_at(motion.latents, i, now)
    if motion.tracking:
        key = np.float32((pitch - MIDDLE_C) / 60.0)
        for i in range(count):
            out[i] += motion.velocity[i] * np.float32(velocity) + motion.key[i] * key
        moved = True
    if offsets.given:
        for i in range(count):
            out[i] += ramp_at(offsets.ramps, i, now)
        moved = True
    for k in range(LFOS):
        lfo = motion.lfos[k]
        if lfo.depth != 0 and lfo.target < count:
            out[lfo.target] += np.float32(lfo.depth * lfo_value(lfo.shape, lfo_phase(lfo, now), k))
            moved = True
    if moved:
        for i in range(count):
            out[i] = min(max(out[i], np.float32(0)), np.float32(1))


@nb.njit(error_model="numpy", cache=True)
def clear_offsets(offsets):
    """Forget what a note before had of its own."""
    if offsets.given:
        offsets.given = 0
        for i in range(LATENTS):
            offsets.ramps.target[i] = 0.0
            offsets.ramps.time[i] = 0
            offsets.ramps.length[i] = 0


@nb.njit(error_model="numpy", cache=True)
def set_offset(offsets, latent, offset, now, glide_samples):
    """Let a note's own offset of a latent glide from sample ``now`` on."""
    offsets.given = 1
    set_ramp(offsets.ramps, latent, np.float32(offset), now, glide_samples)
