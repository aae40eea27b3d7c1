"""Events in the audio thread: taking them from the ring, waiting for their sample, carrying them out."""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from . import events as ev
from .atomics import load_acquire, store_release
from .handover import fading, spare_voice
from .keys import find_key, push_key, remove_key
from .memory import (
    FADE_NONE,
    FADE_OUT,
    HANDOVERS,
    LATENTS,
    LEAD,
    NOISE_FRAMES,
    RING,
    SEED_STEP,
    SLOTS,
    SLOT_ASSIGNED,
    SLOT_FREE,
    SLOT_READY,
    SLOT_REQUESTED,
    STAGE_ATTACK,
    STAGE_FREE,
    STAGE_KILL,
    STAGE_RELEASE,
    STAGE_SUSTAIN,
    STAGE_WAITING,
    VOICES,
    WORD_MODEL,
    WORD_RING_READ,
    WORD_RING_WRITE,
)
from .mixer import emptiest_place, set_gain, set_spread
from .motion import clear_offsets, copy_motion, drone_note, set_offset, steer, voice_latents, OFFSET_GLIDE_S
from .pitch import (
    BEND_S,
    line_value,
    move_line,
    place_note,
    rest_line,
    set_shared_pitch,
    set_vibrato_depth,
    set_vibrato_rate,
)
from .voice import DRONE, ask_for_mixture, enter_stage, nearest_note, note_hz

POLY, MONO, LEGATO = 0, 1, 2  # indices of parameters.MODES
PRESSURE_S = 0.01
HANDOVER_LEAD = 512  # samples from a change that needs a stream to its taking over: a block and time to prepare it
MODEL_CHANGES = 4  # voices that hand over to another model at a time; each plays twice meanwhile
NEVER = np.int64(1 << 62)
NOTHING = 0  # kind of an event that was taken back
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
            moves += _wait(memory, event)
        else:
            memory.dropped_events += 1
            _free_slot(memory, event.slot)
        read += 1
    store_release(memory.words, WORD_RING_READ, read)


@nb.njit(error_model="numpy", cache=True)
def _wait(memory, event):
    """Put a dated event in its place among those that wait; returns how many had to move."""
    place = memory.pending_count
    while place > 0 and pending(memory, place - 1).when > event.when:
        _copy_event(pending(memory, place), pending(memory, place - 1))
        place -= 1
    _copy_event(pending(memory, place), event)
    memory.pending_count += 1
    return memory.pending_count - place


@nb.njit(error_model="numpy", cache=True)
def pending(memory, place):
    """The waiting event at a place: 0 is the next one."""
    return memory.pending[(memory.pending_first + place) % RING]


@nb.njit(error_model="numpy", cache=True)
def _copy_event(to, source):
    to.kind = source.kind
    to.index = source.index
    to.when = source.when
    to.number = source.number
    to.a = source.a
    to.b = source.b
    to.slot = source.slot
    to.prepared = source.prepared


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
def _cancel(memory, kind, index, number):
    """Take back waiting events that would start a voice and were pushed before event ``number``.

    ``index`` is the id of the note, or -1 for all.
    """
    for place in range(memory.pending_count):
        event = pending(memory, place)
        if event.slot >= 0 and event.kind == kind and event.number < number and (index < 0 or event.index == index):
            _free_slot(memory, event.slot)
            event.kind = NOTHING
            event.slot = -1


@nb.njit(error_model="numpy", cache=True)
def prepare_notes(memory, now, until):
    """Ask for the first spectra of the notes that begin now or are dated before sample ``until + LEAD``.

    Their latents are those of the moment they will start, with what is
    due before taken into account.
    """
    if memory.settled_model != load_acquire(memory.words, WORD_MODEL):
        _take_up_model(memory, now)
    for index in range(VOICES):
        voice = memory.voices[index]
        if voice.stage == STAGE_WAITING and load_acquire(memory.slot_state, voice.slot) == SLOT_ASSIGNED:
            _ask_now(memory, index, voice.slot, voice.pitch, voice.velocity, now)
        elif voice.next_slot >= 0 and load_acquire(memory.slot_state, voice.next_slot) == SLOT_ASSIGNED:
            _ask_now(memory, index, voice.next_slot, voice.next_pitch, voice.next_velocity, now)
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
        _ask_slot(memory, motion, event.slot, is_drone, pitch, velocity, scratch.offsets, event.when)
        event.prepared = 1


@nb.njit(error_model="numpy", cache=True)
def _take_up_model(memory, now):
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
        slot = _own_slot(memory)
        if slot < 0:
            break
        voice.next_slot = slot
        voice.next_model = 1
        voice.next_pitch = voice.pitch
        voice.next_velocity = voice.velocity
        voice.next_restart = 0
        voice.begin_at = now + HANDOVER_LEAD
        _cut_at(memory, voice.begin_at)
        changing += 1
    if settled:
        memory.settled_model = model


@nb.njit(error_model="numpy", cache=True)
def _ask_now(memory, index, slot, pitch, velocity, now):
    """Ask for what a voice waits for, as everything is at this sample."""
    voice = memory.voices[index]
    entry = memory.slots[slot]
    entry.offset = memory.shared_pitch.target
    if memory.portamento > 0:
        entry.offset += line_value(voice.glide, now) - pitch
    entry.formant = memory.formant
    _ask_slot(memory, memory.motion, slot, index == DRONE, pitch, velocity, voice.offsets, now)


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
def _ask_slot(memory, motion, slot, is_drone, pitch, velocity, offsets, when):
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
def _next_seed(memory):
    """A place in the stored noise for each note in turn."""
    memory.note_count += 1
    return memory.note_count * SEED_STEP % NOISE_FRAMES


@nb.njit(error_model="numpy", cache=True)
def carry_out(memory, event, now):
    """Let one event take effect at sample ``now``.

    Audio thread: no locks, no allocation, no Python objects.
    """
    kind = event.kind
    if steer(memory.motion, kind, event.index, event.a, now, memory.samplerate):
        if kind in (ev.CHROMA, ev.CHROMA_WEIGHT, ev.OCTAVE, ev.DRONE_TUNING):
            _retune_drone(memory, now)
    elif kind == ev.NOTE_ON:
        _start_note(memory, event, now)
    elif kind == ev.NOTE_OFF:
        _cancel(memory, ev.NOTE_ON, event.index, event.number)
        if not _lift_key(memory, event.index, now):
            for index in range(1, VOICES):
                voice = memory.voices[index]
                if voice.note_id == event.index:
                    release(memory, voice, now)
    elif kind == ev.GATE:
        _gate(memory, event, now)
    elif kind == ev.NOTE_LATENT:
        _offset_note(memory, event, now)
    elif kind == ev.GAIN:
        memory.gain = np.float32(event.a)
        set_gain(memory, now)
    elif kind == ev.EXPRESSION:
        memory.expression = np.float32(event.a)
        set_gain(memory, now)
    elif kind == ev.ALL_NOTES_OFF:
        _cancel(memory, ev.NOTE_ON, -1, event.number)
        memory.key_count = 0
        for index in range(VOICES):
            release(memory, memory.voices[index], now)
    elif kind == ev.ALL_SOUND_OFF:
        _cancel(memory, ev.NOTE_ON, -1, event.number)
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
        _express(memory, event, now)
    elif kind == ev.MODE:
        _set_mode(memory, int(event.a), now)
    elif kind == ev.POLYPHONY:
        memory.polyphony = int(event.a)
        _thin_out(memory, memory.polyphony, now)


@nb.njit(error_model="numpy", cache=True)
def _semitones_from_440(a4_hz):
    return 12.0 * math.log2(a4_hz / 440.0)


@nb.njit(error_model="numpy", cache=True)
def _express(memory, event, now):
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
def _set_mode(memory, mode, now):
    """Chords, or one note at a time; what was played in another mode is released."""
    if mode != memory.mode:
        memory.mode = mode
        memory.key_count = 0
        memory.solo = 0
        for index in range(1, VOICES):
            release(memory, memory.voices[index], now)


@nb.njit(error_model="numpy", cache=True)
def _start_note(memory, event, now):
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
def _offset_note(memory, event, now):
    """Let a latent of one note glide beside the others; a note that begins now begins there."""
    glide = max(memory.motion.glide_samples, int(OFFSET_GLIDE_S * memory.samplerate + 0.5))
    for index in range(1, VOICES):
        voice = memory.voices[index]
        if voice.note_id == event.index:
            waiting = voice.stage == STAGE_WAITING or (voice.next_slot >= 0 and not voice.next_model)
            set_offset(voice.offsets, int(event.b), event.a, now, 0 if waiting else glide)


@nb.njit(error_model="numpy", cache=True)
def _press_key(memory, event, now):
    """Let the voice of the mono line go on to another key; False when a note has to begin."""
    held = memory.key_count
    push_key(memory, event.index, event.a, event.b)
    if memory.solo == 0:
        return False
    voice = memory.voices[memory.solo]
    if voice.stage == STAGE_FREE or fading(voice):
        _drop_next(memory, voice)
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
def _lift_key(memory, note_id, now):
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
def _change_pitch(memory, index, pitch, velocity, restart, now):
    """Let a sounding voice go on at another pitch, with a stream that is prepared now."""
    voice = memory.voices[index]
    slot = _own_slot(memory)
    if slot < 0:  # all are being prepared: the stream that plays changes its class instead
        _drop_next(memory, voice)
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
    _ask_now(memory, index, slot, pitch, velocity, now)
    _cut_at(memory, now + HANDOVER_LEAD)


@nb.njit(error_model="numpy", cache=True)
def _hand_over(memory, voice, slot, pitch, velocity, restart, begin):
    """Let a voice go on with the stream of a slot from sample ``begin`` on, or as soon as it is ready."""
    waited = voice.next_slot >= 0
    _drop_next(memory, voice)
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
def _own_slot(memory):
    """One of the slots that the audio thread fills itself, or -1."""
    for slot in range(SLOTS, SLOTS + HANDOVERS):
        state = load_acquire(memory.slot_state, slot)
        if state == SLOT_FREE or (state == SLOT_READY and memory.slots[slot].abandoned):
            memory.slots[slot].abandoned = 0
            store_release(memory.slot_state, slot, SLOT_ASSIGNED)
            return slot
    return -1


@nb.njit(error_model="numpy", cache=True)
def _cut_at(memory, when):
    """Let a stretch of rendering begin at a sample, where something may begin to sound."""
    if memory.pending_count < RING:
        memory.cut.kind = NOTHING
        memory.cut.when = when
        memory.cut.slot = -1
        _wait(memory, memory.cut)


@nb.njit(error_model="numpy", cache=True)
def _await_slot(memory, index, slot, pitch, now):
    """Let a voice wait for the spectrum of its slot, which is ready already when all went well.

    Nobody asked for it yet when many notes come at once: then `prepare_notes` does, in this block.
    """
    voice = memory.voices[index]
    if voice.stage == STAGE_WAITING:
        _free_slot(memory, voice.slot)
    voice.stage = STAGE_WAITING
    voice.slot = slot
    voice.pitch = pitch
    voice.released = 0
    _drop_next(memory, voice)
    voice.fade = FADE_NONE
    voice.begin_at = now
    if load_acquire(memory.slot_state, slot) == SLOT_REQUESTED:
        memory.late_onsets += 1


@nb.njit(error_model="numpy", cache=True)
def _free_slot(memory, slot):
    """Give back the slot of a note that will not begin; one that is being decoded is free when it is ready."""
    if slot >= 0:
        if load_acquire(memory.slot_state, slot) == SLOT_REQUESTED:
            memory.slots[slot].abandoned = 1
        else:
            store_release(memory.slot_state, slot, SLOT_FREE)


@nb.njit(error_model="numpy", cache=True)
def _drop_next(memory, voice):
    """Forget what a voice waits for to go on with."""
    _free_slot(memory, voice.next_slot)
    voice.next_slot = -1


@nb.njit(error_model="numpy", cache=True)
def _free_voice(memory, now):
    """Index of a voice for a new note; the quietest of too many fades out in 5 ms."""
    _thin_out(memory, memory.polyphony - 1, now)
    return spare_voice(memory)


@nb.njit(error_model="numpy", cache=True)
def _thin_out(memory, most, now):
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
    _drop_next(memory, voice)
    if voice.stage == STAGE_WAITING:
        _free_slot(memory, voice.slot)
        voice.stage = STAGE_FREE
    elif voice.stage != STAGE_FREE and voice.stage != STAGE_KILL:
        enter_stage(memory, voice, STAGE_KILL, now)


@nb.njit(error_model="numpy", cache=True)
def _gate(memory, event, now):
    voice = memory.voices[DRONE]
    if event.a < 0.5:
        _cancel(memory, ev.GATE, -1, event.number)
        release(memory, voice, now)
    elif voice.stage > STAGE_WAITING:
        _free_slot(memory, event.slot)
        voice.released = 0
        if voice.stage == STAGE_RELEASE or voice.stage == STAGE_KILL:
            enter_stage(memory, voice, STAGE_ATTACK, now)
        _retune_drone(memory, now)
    else:
        pitch = drone_note(memory.motion.drone)
        _await_slot(memory, DRONE, event.slot, pitch, now)
        voice.velocity = np.float32(1)
        rest_line(voice.glide, pitch)
        rest_line(voice.pressure, 1.0)


@nb.njit(error_model="numpy", cache=True)
def _retune_drone(memory, now):
    """Let the drone, if it sounds, go on at the pitch that is set."""
    voice = memory.voices[DRONE]
    pitch = drone_note(memory.motion.drone)
    if voice.stage != STAGE_FREE and pitch != (voice.next_pitch if voice.next_slot >= 0 else voice.pitch):
        _change_pitch(memory, DRONE, pitch, 1.0, False, now)
