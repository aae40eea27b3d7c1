"""Notes and the drone in the audio thread: which voice takes them, what it waits for, how it ends.

In mono and legato mode one voice goes from key to key; the drone goes on from pitch
to pitch in the same way (see `handover`).
"""

from __future__ import annotations

import numba as nb
import numpy as np

from .. import events as ev
from .atomics import load_acquire
from .handover import fading, spare_voice
from .keys import find_key, push_key, remove_key
from .memory import (
    FADE_NONE,
    FADE_OUT,
    SLOT_REQUESTED,
    STAGE_ATTACK,
    STAGE_FREE,
    STAGE_KILL,
    STAGE_RELEASE,
    STAGE_SUSTAIN,
    STAGE_WAITING,
    VOICES,
    WORD_MODEL,
)
from .mixer import emptiest_place
from .motion import OFFSET_GLIDE_S, clear_offsets, drone_note, set_offset
from .pitch import BEND_S, move_line, place_note, rest_line
from .slots import ask_now, drop_next, free_slot, own_slot
from .voice import DRONE, enter_stage
from .waiting import NOTHING, cut_at, pending

POLY, MONO, LEGATO = 0, 1, 2  # indices of limits.MODES
PRESSURE_S = 0.01
HANDOVER_LEAD = 512  # samples from a change that needs a stream to its taking over: a block and time to prepare it
MODEL_CHANGES = 4  # voices that hand over to another model at a time; each plays twice meanwhile


@nb.njit(error_model="numpy", cache=True)
def cancel(memory, kind, index, number):
    """Take back waiting events that would start a voice and were pushed before event ``number``.

    ``index`` is the id of the note, or -1 for all.
    """
    for place in range(memory.pending_count):
        event = pending(memory, place)
        if event.slot >= 0 and event.kind == kind and event.number < number and (index < 0 or event.index == index):
            free_slot(memory, event.slot)
            event.kind = NOTHING
            event.slot = -1


@nb.njit(error_model="numpy", cache=True)
def start_note(memory, event, now):
    if memory.mode != POLY and _press_key(memory, event, now):
        return
    index = _free_voice(memory, now)
    place = emptiest_place(memory)
    _await_slot(memory, index, event.slot, event.a, now)
    voice = memory.voices[index]
    voice.place = place
    voice.note_id = event.index
    voice.velocity = np.float32(event.b)
    clear_offsets(voice.offsets)
    place_note(memory, voice, event.a, now)
    if memory.mode != POLY:
        memory.solo = index


@nb.njit(error_model="numpy", cache=True)
def _press_key(memory, event, now):
    """Let the voice of the mono line go on to another key; False when a note has to begin."""
    held = memory.key_count
    push_key(memory, event.index, event.a, event.b)
    if memory.solo == 0:
        return False
    voice = memory.voices[memory.solo]
    if voice.stage == STAGE_FREE or fading(voice):
        drop_next(memory, voice)
        return False
    voice.note_id = event.index
    clear_offsets(voice.offsets)
    if voice.stage == STAGE_WAITING:
        _await_slot(memory, memory.solo, event.slot, event.a, now)
        voice.velocity = np.float32(event.b)
        place_note(memory, voice, event.a, now)
    else:
        restart = memory.mode == MONO or held == 0
        _hand_over(memory, voice, event.slot, event.a, event.b, restart, now)
    return True


@nb.njit(error_model="numpy", cache=True)
def lift_key(memory, note_id, now):
    """Take a key from the mono line, which returns to the key held before; False when it has no such key."""
    place = find_key(memory, note_id)
    if place < 0:
        return False
    remove_key(memory, place)
    voice = memory.voices[memory.solo]
    if voice.note_id != note_id:
        return True
    if memory.key_count == 0:
        release(memory, voice, now)
        return True
    key = memory.keys[memory.key_count - 1]
    voice.note_id = key.note_id
    _change_pitch(memory, memory.solo, key.pitch, key.velocity, memory.mode == MONO, now)
    return True


@nb.njit(error_model="numpy", cache=True)
def set_mode(memory, mode, now):
    """Chords, or one note at a time; what was played in another mode is released."""
    if mode != memory.mode:
        memory.mode = mode
        memory.key_count = 0
        memory.solo = 0
        for index in range(1, VOICES):
            release(memory, memory.voices[index], now)


@nb.njit(error_model="numpy", cache=True)
def gate(memory, event, now):
    voice = memory.voices[DRONE]
    if event.a < 0.5:
        cancel(memory, ev.GATE, -1, event.number)
        release(memory, voice, now)
    elif voice.stage > STAGE_WAITING:
        free_slot(memory, event.slot)
        voice.released = 0
        if voice.stage == STAGE_RELEASE or voice.stage == STAGE_KILL:
            enter_stage(memory, voice, STAGE_ATTACK, now)
        retune_drone(memory, now)
    else:
        pitch = drone_note(memory.motion.drone)
        _await_slot(memory, DRONE, event.slot, pitch, now)
        voice.velocity = np.float32(1)
        rest_line(voice.glide, pitch)
        rest_line(voice.pressure, 1.0)


@nb.njit(error_model="numpy", cache=True)
def retune_drone(memory, now):
    """Let the drone, if it sounds, go on at the pitch that is set."""
    voice = memory.voices[DRONE]
    pitch = drone_note(memory.motion.drone)
    if voice.stage != STAGE_FREE and pitch != (voice.next_pitch if voice.next_slot >= 0 else voice.pitch):
        _change_pitch(memory, DRONE, pitch, 1.0, False, now)


@nb.njit(error_model="numpy", cache=True)
def _change_pitch(memory, index, pitch, velocity, restart, now):
    """Let a sounding voice go on at another pitch, with a stream that is prepared now."""
    voice = memory.voices[index]
    slot = own_slot(memory)
    if slot < 0:  # all are being prepared: the stream that plays changes its class instead
        drop_next(memory, voice)
        voice.pitch = pitch
        rest_line(voice.glide, pitch)
        return
    if voice.stage == STAGE_WAITING:
        _await_slot(memory, index, slot, pitch, now)
        voice.begin_at = now + HANDOVER_LEAD
        voice.velocity = np.float32(velocity)
        rest_line(voice.glide, pitch)
    else:
        _hand_over(memory, voice, slot, pitch, velocity, restart, now + HANDOVER_LEAD)
    ask_now(memory, index, slot, pitch, velocity, now)
    cut_at(memory, now + HANDOVER_LEAD)


@nb.njit(error_model="numpy", cache=True)
def _hand_over(memory, voice, slot, pitch, velocity, restart, begin):
    """Let a voice go on with the stream of a slot from sample ``begin`` on, or as soon as it is ready."""
    waited = voice.next_slot >= 0
    drop_next(memory, voice)
    voice.next_slot = slot
    voice.next_model = 0
    voice.next_pitch = pitch
    voice.next_velocity = np.float32(velocity)
    voice.next_restart = restart or (waited and voice.next_restart)
    voice.begin_at = begin
    voice.released = 0
    if load_acquire(memory.slot_state, slot) == SLOT_REQUESTED:
        memory.late_onsets += 1


@nb.njit(error_model="numpy", cache=True)
def _await_slot(memory, index, slot, pitch, now):
    """Let a voice wait for the spectrum of its slot, which is ready already when all went well.

    Nobody asked for it yet when many notes come at once: then `prepare_notes` does, in this block.
    """
    voice = memory.voices[index]
    if voice.stage == STAGE_WAITING:
        free_slot(memory, voice.slot)
    voice.stage = STAGE_WAITING
    voice.slot = slot
    voice.pitch = pitch
    voice.released = 0
    drop_next(memory, voice)
    voice.fade = FADE_NONE
    voice.begin_at = now
    if load_acquire(memory.slot_state, slot) == SLOT_REQUESTED:
        memory.late_onsets += 1


@nb.njit(error_model="numpy", cache=True)
def _free_voice(memory, now):
    """Index of a voice for a new note; the quietest of too many fades out in 5 ms."""
    thin_out(memory, memory.polyphony - 1, now)
    return spare_voice(memory)


@nb.njit(error_model="numpy", cache=True)
def thin_out(memory, most, now):
    """Let the quietest notes go until no more than ``most`` play."""
    while True:
        playing = 0
        quietest, quietest_level = -1, np.float32(1e9)
        for index in range(1, VOICES):
            voice = memory.voices[index]
            if voice.stage != STAGE_FREE and not fading(voice):
                playing += 1
                level = voice.level * voice.velocity * np.float32(voice.pressure.target)
                if voice.stage == STAGE_WAITING or voice.stage == STAGE_ATTACK:
                    level = np.float32(1e6) + index
                if level < quietest_level:
                    quietest, quietest_level = index, level
        if playing <= most:
            return
        silence(memory, memory.voices[quietest], now)


@nb.njit(error_model="numpy", cache=True)
def release(memory, voice, now):
    """Let go of a voice."""
    voice.note_id = 0
    if voice.stage == STAGE_WAITING or (voice.next_slot >= 0 and voice.next_restart):
        voice.released = 1
    elif STAGE_ATTACK <= voice.stage <= STAGE_SUSTAIN:
        enter_stage(memory, voice, STAGE_RELEASE, now)


@nb.njit(error_model="numpy", cache=True)
def silence(memory, voice, now):
    """End a voice as fast as it can be done without a click."""
    voice.note_id = 0
    drop_next(memory, voice)
    if voice.stage == STAGE_WAITING:
        free_slot(memory, voice.slot)
        voice.stage = STAGE_FREE
    elif voice.stage != STAGE_FREE and voice.stage != STAGE_KILL:
        enter_stage(memory, voice, STAGE_KILL, now)


@nb.njit(error_model="numpy", cache=True)
def express(memory, event, now):
    """Bend or press one note."""
    bends = event.kind == ev.NOTE_PITCH
    place = find_key(memory, event.index)
    if place >= 0:
        if bends:
            memory.keys[place].bend = event.a
        else:
            memory.keys[place].pressure = event.a
    for index in range(1, VOICES):
        voice = memory.voices[index]
        if voice.note_id == event.index and (voice.next_slot < 0 or voice.next_model):
            line = voice.own_bend if bends else voice.pressure
            if voice.stage == STAGE_WAITING:
                rest_line(line, event.a)
            else:
                move_line(line, event.a, now, int((BEND_S if bends else PRESSURE_S) * memory.samplerate))


@nb.njit(error_model="numpy", cache=True)
def offset_note(memory, event, now):
    """Let a latent of one note glide beside the others; a note that begins now begins there."""
    glide = max(memory.motion.glide_samples, int(OFFSET_GLIDE_S * memory.samplerate + 0.5))
    for index in range(1, VOICES):
        voice = memory.voices[index]
        if voice.note_id == event.index:
            waiting = voice.stage == STAGE_WAITING or (voice.next_slot >= 0 and not voice.next_model)
            set_offset(voice.offsets, int(event.b), event.a, now, 0 if waiting else glide)


@nb.njit(error_model="numpy", cache=True)
def take_up_model(memory, now):
    """Let voices that sound in an earlier model hand over to the one that plays, a few at a time."""
    model = load_acquire(memory.words, WORD_MODEL)
    changing = 0
    for index in range(VOICES):
        voice = memory.voices[index]
        if voice.next_slot >= 0 or (voice.stage > STAGE_WAITING and voice.fade == FADE_OUT):
            changing += 1
    settled = changing == 0
    for index in range(VOICES):
        voice = memory.voices[index]
        if voice.stage <= STAGE_WAITING or fading(voice) or voice.next_slot >= 0 or voice.model == model:
            continue
        settled = False
        if changing >= MODEL_CHANGES:
            break
        slot = own_slot(memory)
        if slot < 0:
            break
        voice.next_slot = slot
        voice.next_model = 1
        voice.next_pitch = voice.pitch
        voice.next_velocity = voice.velocity
        voice.next_restart = 0
        voice.begin_at = now + HANDOVER_LEAD
        cut_at(memory, voice.begin_at)
        changing += 1
    if settled:
        memory.settled_model = model
