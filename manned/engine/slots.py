"""Slots, in which the first frames of what will sound are prepared."""

from __future__ import annotations

import numpy as np

from . import words
from .atomics import load_acquire, store_release
from .controls import portamento_samples
from .decode import REQUEST
from .gesture import begin_gesture
from .manner import MANNER
from .native import native
from .onset import find_onset
from .phase.noise import NOISE_FRAMES
from .ramp import line_value
from .record import Record
from .sizes import DRONE
from .synthesis import STREAM
from .tone import begin_tone

SLOT = np.dtype(
    [
        ("request", REQUEST),
        ("stream", STREAM),
        ("noise_seed", "i4"),
        ("abandoned", "i4"),  # the note will not begin: free as soon as it is ready
        ("glide", "f8"),  # semitones from its pitch to where its portamento begins
        ("offset", "f8"),  # semitones from its pitch to where the note will begin
        ("manner", MANNER),
    ],
    align=True,
)

SLOTS = 128  # for the notes that control starts
OWN_SLOTS = 8  # more of them, for what the audio thread starts itself
SEED_STEP = 194  # between the places in the stored noise of one note and the next, so that equal notes differ

NEW = -1  # seed of a note that has none yet

# States of a slot.
SLOT_FREE = 0
SLOT_ASSIGNED = 1  # taken for a note, no spectrum yet
SLOT_REQUESTED = 2  # audio asked the decode thread
SLOT_READY = 3


@native
def noise_seed(count: int) -> int:
    """A place in the stored noise for each note in turn."""
    return count * SEED_STEP % NOISE_FRAMES


@native
def ask_slot(
    memory: Record,
    part: Record,
    controls: Record,
    slot: int,
    is_drone: bool,
    tone: Record,
    when: int,
) -> None:
    """Ask the decode thread to prepare a note that starts at sample ``when``; its ``glide`` is set already.

    A ``tone`` whose seed is `NEW` gets one.
    Audio thread: no locks, no allocation, no Python objects.
    """
    entry = memory.slots[slot]
    memory.note_count += 1
    entry.noise_seed = noise_seed(memory.note_count)
    if tone.seed == NEW:
        tone.seed = entry.noise_seed
    find_onset(controls, memory.gestures, entry, is_drone, tone, when)
    entry.request.question.model = load_acquire(part.words, words.MODEL)
    memory.asked = 1
    store_release(memory.slot_state, slot, SLOT_REQUESTED)


@native
def ask_now(memory: Record, part: Record, index: int, slot: int, pitch: float, velocity: float, now: int) -> None:
    """Ask for what a voice waits for, as everything is at this sample."""
    voice = part.voices[index]
    tone, controls = memory.audio_scratch.tone, part.controls
    memory.audio_scratch.tone = voice.tone
    gliding = portamento_samples(controls, memory.samplerate) > 0
    memory.slots[slot].glide = line_value(tone.glide, now) - pitch if gliding else 0.0
    tone.pitch = pitch
    tone.velocity = np.float32(velocity)
    goes_on = slot == voice.next_slot and not voice.next_restart
    if not goes_on:
        begin_tone(controls, memory.gestures, tone, now, memory.samplerate)
    elif voice.next_gesture:
        begin_gesture(controls, memory.gestures, tone, now, memory.samplerate)
    if not (goes_on and voice.next_model):
        tone.seed = NEW
    ask_slot(memory, part, controls, slot, index == DRONE, tone, now)


@native
def claim_slot(memory: Record) -> int:
    """One of the slots that the audio thread fills itself, or -1."""
    for slot in range(SLOTS, SLOTS + OWN_SLOTS):
        state = load_acquire(memory.slot_state, slot)
        if state == SLOT_FREE or (state == SLOT_READY and memory.slots[slot].abandoned):
            memory.slots[slot].abandoned = 0
            store_release(memory.slot_state, slot, SLOT_ASSIGNED)
            return slot
    return -1


@native
def free_slot(memory: Record, slot: int) -> None:
    """Give back the slot of a note that will not begin; one that is being decoded is free when it is ready."""
    if slot >= 0:
        if load_acquire(memory.slot_state, slot) == SLOT_REQUESTED:
            memory.slots[slot].abandoned = 1
        else:
            store_release(memory.slot_state, slot, SLOT_FREE)


@native
def drop_next(memory: Record, voice: Record) -> None:
    """Forget what a voice waits for to go on with."""
    free_slot(memory, voice.next_slot)
    voice.next_slot = -1
