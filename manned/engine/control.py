"""Events in the audio thread: taking them from the ring, preparing what they start, carrying them out."""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from .. import events as ev
from .atomics import load_acquire, store_release
from .memory import (
    LEAD,
    RING,
    SLOT_ASSIGNED,
    STAGE_WAITING,
    VOICES,
    WORD_MODEL,
    WORD_RING_READ,
    WORD_RING_WRITE,
)
from .mixer import set_gain, set_spread
from .motion import clear_offsets, copy_motion, drone_note, set_offset, steer
from .notes import (
    cancel,
    express,
    gate,
    lift_key,
    offset_note,
    release,
    retune_drone,
    set_mode,
    silence,
    start_note,
    take_up_model,
    thin_out,
)
from .pitch import set_shared_pitch, set_vibrato_depth, set_vibrato_rate
from .slots import ask_now, ask_slot, free_slot
from .waiting import pending, wait

NEVER = np.int64(1 << 62)
MOVES = 4096  # of waiting events in one block


@nb.njit(error_model="numpy", cache=True)
def take_events(memory, now):
    """Empty the ring: events that are due are carried out, dated ones are put in order to wait.

    When putting them in order takes too long, the rest is left for the next block.

    Audio thread: no locks, no allocation, no Python objects.
    """
    write = load_acquire(memory.words, WORD_RING_WRITE)
    read = memory.words[WORD_RING_READ]
    moves = 0
    while read < write:
        event = memory.ring[read % RING]
        if event.when <= now:
            carry_out(memory, event, now)
        elif moves > MOVES:
            break
        elif memory.pending_count < RING:
            moves += wait(memory, event)
        else:
            memory.dropped_events += 1
            free_slot(memory, event.slot)
        read += 1
    store_release(memory.words, WORD_RING_READ, read)


@nb.njit(error_model="numpy", cache=True)
def due_events(memory, now):
    """Carry out the waiting events dated ``now`` or before; returns the sample of the next one."""
    while memory.pending_count > 0 and pending(memory, 0).when <= now:
        event = pending(memory, 0)
        memory.pending_first += 1
        memory.pending_count -= 1
        carry_out(memory, event, now)
    return pending(memory, 0).when if memory.pending_count > 0 else NEVER


@nb.njit(error_model="numpy", cache=True)
def prepare_notes(memory, now, until):
    """Ask for the first spectra of the notes that begin now or are dated before sample ``until + LEAD``.

    Their latents are those of the moment they will start, with what is
    due before taken into account.
    """
    if memory.settled_model != load_acquire(memory.words, WORD_MODEL):
        take_up_model(memory, now)
    for index in range(VOICES):
        voice = memory.voices[index]
        if voice.stage == STAGE_WAITING and load_acquire(memory.slot_state, voice.slot) == SLOT_ASSIGNED:
            ask_now(memory, index, voice.slot, voice.pitch, voice.velocity, now)
        elif voice.next_slot >= 0 and load_acquire(memory.slot_state, voice.next_slot) == SLOT_ASSIGNED:
            ask_now(memory, index, voice.next_slot, voice.next_pitch, voice.next_velocity, now)
    scratch = memory.audio_scratch
    motion = scratch.motion
    copied = False
    for i in range(memory.pending_count):
        event = pending(memory, i)
        if event.when >= until + LEAD:
            break
        if event.slot < 0 or event.prepared:
            continue
        if not copied:
            copy_motion(motion, memory.motion)
            copied = True
            bend, bend_range, tuning = memory.bend, memory.bend_range, memory.tuning_offset
            formant, portamento, led, lead = memory.formant, memory.portamento, memory.led, memory.lead.target
            replayed = 0
        while replayed < memory.pending_count and pending(memory, replayed).when <= event.when:
            before = pending(memory, replayed)
            if not steer(motion, before.kind, before.index, before.a, before.when, memory.samplerate):
                if before.kind == ev.BEND:
                    bend = before.a
                elif before.kind == ev.BEND_RANGE:
                    bend_range = before.a
                elif before.kind == ev.A4:
                    tuning = _semitones_from_440(before.a)
                elif before.kind == ev.FORMANT:
                    formant = before.a
                elif before.kind == ev.PORTAMENTO:
                    portamento = int(before.a * memory.samplerate + 0.5)
                elif before.kind == ev.NOTE_ON and before.when < event.when:
                    led, lead = 1, before.a
            replayed += 1
        is_drone = event.kind == ev.GATE
        pitch = drone_note(motion.drone) if is_drone else event.a
        velocity = np.float32(1) if is_drone else np.float32(event.b)
        clear_offsets(scratch.offsets)
        if not is_drone:
            _find_offsets(memory, event, i, scratch.offsets)
        entry = memory.slots[event.slot]
        entry.offset = bend * bend_range + tuning
        if led and portamento > 0 and not is_drone:
            entry.offset += lead - pitch
        entry.formant = formant
        ask_slot(memory, motion, event.slot, is_drone, pitch, velocity, scratch.offsets, event.when)
        event.prepared = 1


@nb.njit(error_model="numpy", cache=True)
def _find_offsets(memory, note, place, offsets):
    """Offsets that a waiting note is given at the very sample at which it begins."""
    for i in range(place + 1, memory.pending_count):
        event = pending(memory, i)
        if event.when > note.when:
            break
        if event.kind == ev.NOTE_LATENT and event.index == note.index:
            set_offset(offsets, int(event.b), event.a, event.when, 0)


@nb.njit(error_model="numpy", cache=True)
def carry_out(memory, event, now):
    """Let one event take effect at sample ``now``.

    Audio thread: no locks, no allocation, no Python objects.
    """
    kind = event.kind
    if steer(memory.motion, kind, event.index, event.a, now, memory.samplerate):
        if kind in (ev.CHROMA, ev.CHROMA_WEIGHT, ev.OCTAVE, ev.DRONE_TUNING):
            retune_drone(memory, now)
    elif kind == ev.NOTE_ON:
        start_note(memory, event, now)
    elif kind == ev.NOTE_OFF:
        cancel(memory, ev.NOTE_ON, event.index, event.number)
        if not lift_key(memory, event.index, now):
            for index in range(1, VOICES):
                voice = memory.voices[index]
                if voice.note_id == event.index:
                    release(memory, voice, now)
    elif kind == ev.GATE:
        gate(memory, event, now)
    elif kind == ev.NOTE_LATENT:
        offset_note(memory, event, now)
    elif kind == ev.GAIN:
        memory.gain = np.float32(event.a)
        set_gain(memory, now)
    elif kind == ev.EXPRESSION:
        memory.expression = np.float32(event.a)
        set_gain(memory, now)
    elif kind == ev.ALL_NOTES_OFF:
        cancel(memory, ev.NOTE_ON, -1, event.number)
        memory.key_count = 0
        for index in range(VOICES):
            release(memory, memory.voices[index], now)
    elif kind == ev.ALL_SOUND_OFF:
        cancel(memory, ev.NOTE_ON, -1, event.number)
        memory.key_count = 0
        for index in range(VOICES):
            silence(memory, memory.voices[index], now)
    elif kind == ev.ATTACK:
        memory.attack_s = event.a
    elif kind == ev.DECAY:
        memory.decay_s = event.a
    elif kind == ev.SUSTAIN:
        memory.sustain = np.float32(event.a)
    elif kind == ev.RELEASE:
        memory.release_s = event.a
    elif kind == ev.BEND:
        memory.bend = event.a
        set_shared_pitch(memory, now)
    elif kind == ev.BEND_RANGE:
        memory.bend_range = event.a
        set_shared_pitch(memory, now)
    elif kind == ev.SPREAD:
        set_spread(memory, np.float32(event.a), now)
    elif kind == ev.A4:
        memory.tuning_offset = _semitones_from_440(event.a)
        set_shared_pitch(memory, now)
    elif kind == ev.PORTAMENTO:
        memory.portamento = int(event.a * memory.samplerate + 0.5)
    elif kind == ev.VIBRATO_RATE:
        set_vibrato_rate(memory, event.a, now)
    elif kind == ev.VIBRATO_DEPTH:
        set_vibrato_depth(memory, event.a, now)
    elif kind == ev.VIBRATO_DELAY:
        memory.vibrato_delay = int(event.a * memory.samplerate + 0.5)
    elif kind == ev.FORMANT:
        memory.formant = event.a
    elif kind == ev.NOTE_PITCH or kind == ev.NOTE_PRESSURE:
        express(memory, event, now)
    elif kind == ev.MODE:
        set_mode(memory, int(event.a), now)
    elif kind == ev.POLYPHONY:
        memory.polyphony = int(event.a)
        thin_out(memory, memory.polyphony, now)


@nb.njit(error_model="numpy", cache=True)
def _semitones_from_440(a4_hz):
    return 12.0 * math.log2(a4_hz / 440.0)
