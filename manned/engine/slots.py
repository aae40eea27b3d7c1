"""Slots, in which the first frames of what will sound are prepared."""

from __future__ import annotations

import numba as nb

from .atomics import load_acquire, store_release
from .memory import (
    HANDOVERS,
    LATENTS,
    NOISE_FRAMES,
    SEED_STEP,
    SLOT_ASSIGNED,
    SLOT_FREE,
    SLOT_READY,
    SLOT_REQUESTED,
    SLOTS,
    WORD_MODEL,
)
from .motion import voice_latents
from .pitch import line_value
from .voice import DRONE, ask_for_mixture, nearest_note, note_hz


@nb.njit(error_model="numpy", cache=True)
def ask_slot(memory, motion, slot, is_drone, pitch, velocity, offsets, when):
    """Ask the decode thread to prepare a note that starts at sample ``when``."""
    entry = memory.slots[slot]
    request = entry.request
    voice_latents(motion, offsets, velocity, pitch, when, LATENTS, request.latents)
    ask_for_mixture(request, motion.drone, is_drone)
    request.pitch_class, request.octave = nearest_note(pitch)
    request.pitch_hz = note_hz(pitch)
    request.model = load_acquire(memory.words, WORD_MODEL)
    entry.phase_method = motion.phase_method
    entry.hop = motion.hop
    entry.noise_seed = _next_seed(memory)
    memory.asked = 1
    store_release(memory.slot_state, slot, SLOT_REQUESTED)


@nb.njit(error_model="numpy", cache=True)
def ask_now(memory, index, slot, pitch, velocity, now):
    """Ask for what a voice waits for, as everything is at this sample."""
    voice = memory.voices[index]
    entry = memory.slots[slot]
    entry.offset = memory.shared_pitch.target
    if memory.portamento > 0:
        entry.offset += line_value(voice.glide, now) - pitch
    entry.formant = memory.formant
    ask_slot(memory, memory.motion, slot, index == DRONE, pitch, velocity, voice.offsets, now)


@nb.njit(error_model="numpy", cache=True)
def _next_seed(memory):
    """A place in the stored noise for each note in turn."""
    memory.note_count += 1
    return memory.note_count * SEED_STEP % NOISE_FRAMES


@nb.njit(error_model="numpy", cache=True)
def own_slot(memory):
    """One of the slots that the audio thread fills itself, or -1."""
    for slot in range(SLOTS, SLOTS + HANDOVERS):
        state = load_acquire(memory.slot_state, slot)
        if state == SLOT_FREE or (state == SLOT_READY and memory.slots[slot].abandoned):
            memory.slots[slot].abandoned = 0
            store_release(memory.slot_state, slot, SLOT_ASSIGNED)
            return slot
    return -1


@nb.njit(error_model="numpy", cache=True)
def free_slot(memory, slot):
    """Give back the slot of a note that will not begin; one that is being decoded is free when it is ready."""
    if slot >= 0:
        if load_acquire(memory.slot_state, slot) == SLOT_REQUESTED:
            memory.slots[slot].abandoned = 1
        else:
            store_release(memory.slot_state, slot, SLOT_FREE)


@nb.njit(error_model="numpy", cache=True)
def drop_next(memory, voice):
    """Forget what a voice waits for to go on with."""
    free_slot(memory, voice.next_slot)
    voice.next_slot = -1
