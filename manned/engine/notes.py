"""Notes and the drone in the audio thread: what takes them, what it waits for, how it ends.

In mono and legato mode one voice goes from key to key; the drone goes on from pitch
to pitch in the same way (see `crossfade`).
"""

from __future__ import annotations

import numpy as np

from .. import events as ev
from ..limits import MAX_UNISON, MODES
from ..table.parameters import control_index
from . import words
from .allocation import count_notes, pan_of, spare_voice, to_steal
from .atomics import load_acquire
from .drone import drone_note
from .envelope import STAGE_ATTACK, STAGE_FREE, STAGE_KILL, STAGE_RELEASE, STAGE_SUSTAIN, STAGE_WAITING, enter_stage
from .event_queue import NOTHING, cut_at, pending
from .fade import FADE_NONE, FADE_OUT, fading
from .keys import find_key, push_key, remove_key
from .native import native
from .pitch import BEND_S
from .ramp import move_line, rest_line
from .record import Record
from .sizes import DRONE, VOICES
from .slots import SLOT_REQUESTED, ask_now, claim_slot, drop_next, free_slot
from .tone import clear_offsets, set_offset

POLY, MONO = MODES.index("poly"), MODES.index("mono")
MODE, POLYPHONY = control_index("mode"), control_index("voices")
PRESSURE_S = 0.01
OFFSET_GLIDE_S = 0.02  # of a note's own offset, at least
CROSSFADE_LEAD = 512  # samples from a change that needs a stream to its taking over: a block and time to prepare it
MODEL_CHANGES = 4  # voices that cross over to another model at a time; each plays twice meanwhile


@native
def cancel(memory: Record, kind: int, index: int, number: int) -> None:
    """Take back waiting events that would start a voice and were pushed before event ``number``.

    ``index`` is the id of the note, or -1 for all.
    """
    for place in range(memory.pending_count):
        event = pending(memory, place)
        if event.slot >= 0 and event.kind == kind and event.number < number and (index < 0 or event.index == index):
            free_slot(memory, event.slot)
            event.kind = NOTHING
            event.slot = -1


@native
def start_note(memory: Record, part: Record, event: Record, now: int) -> None:
    """Let a note begin, in a voice of its own or on the mono line; its pitch leads already (see `apply_event`)."""
    if part.mode != POLY and _press_key(memory, part, event, now):
        return
    index = _free_voice(memory, part, now)
    pan = pan_of(part, event.index)
    _await_slot(memory, part, index, event.slot, event.a, now)
    voice = part.voices[index]
    voice.pan = pan
    voice.note_id = event.index
    _place_note(part, voice, event)
    if part.mode != POLY:
        part.mono_voices[event.member] = index


@native
def _place_note(part: Record, voice: Record, event: Record) -> None:
    """Give a new note its velocity and its pitch: with portamento it comes from where the note before it is."""
    tone = voice.tone
    tone.velocity = np.float32(event.b)
    tone.member, tone.members = event.member, event.members
    tone.glide = part.controls.lead
    clear_offsets(tone.offsets)
    rest_line(tone.own_bend, 0.0)
    rest_line(voice.pressure, 1.0)


@native
def _press_key(memory: Record, part: Record, event: Record, now: int) -> bool:
    """Let a voice of the mono line go on to another key; False when one has to begin.

    In a unison the line has several voices, and its key is pressed by the first.
    """
    if event.member == 0:
        push_key(part, event.index, event.a, event.b)
        for member in range(event.members, MAX_UNISON):
            if part.mono_voices[member] > 0:
                silence(memory, part, part.voices[part.mono_voices[member]], now)
                part.mono_voices[member] = 0
    index = part.mono_voices[event.member]
    if index == 0:
        return False
    voice = part.voices[index]
    if voice.stage == STAGE_FREE or fading(voice):
        drop_next(memory, voice)
        return False
    voice.note_id = event.index
    if voice.stage == STAGE_WAITING:
        _await_slot(memory, part, index, event.slot, event.a, now)
        _place_note(part, voice, event)
    else:
        clear_offsets(voice.tone.offsets)
        voice.tone.member, voice.tone.members = event.member, event.members
        restart = part.mode == MONO or part.key_count == 1
        _cross_over(memory, voice, event.slot, event.a, event.b, restart, now)
    return True


@native
def lift_key(memory: Record, part: Record, note_id: int, now: int) -> bool:
    """Take a key from the mono line, which returns to the key held before; False when it has no such key."""
    place = find_key(part, note_id)
    if place < 0:
        return False
    remove_key(part, place)
    for member in range(MAX_UNISON):
        index = part.mono_voices[member]
        voice = part.voices[index]
        if index == 0 or voice.note_id != note_id:
            continue
        if part.key_count == 0:
            release(memory, part, voice, now)
            continue
        key = part.keys[part.key_count - 1]
        voice.note_id = key.note_id
        _change_pitch(memory, part, index, key.pitch, key.velocity, part.mode == MONO, now)
    return True


@native
def take_up_mode(memory: Record, part: Record, now: int) -> None:
    """Chords, or one note at a time.  Held keys stay held; of a chord, the latest note becomes the mono line."""
    mode = int(part.controls.values[MODE])
    if mode == part.mode:
        return
    if part.mode == POLY:
        _hold_keys(part)
        for member in range(MAX_UNISON):
            part.mono_voices[member] = 0
        latest = part.keys[part.key_count - 1].note_id if part.key_count > 0 else 0
        for index in range(1, VOICES):
            voice = part.voices[index]
            if voice.note_id <= 0 or voice.stage == STAGE_FREE or fading(voice):
                continue
            if voice.note_id == latest:
                part.mono_voices[voice.tone.member] = index
            else:
                release(memory, part, voice, now)
    elif mode == POLY:
        part.key_count = 0
    part.mode = mode


@native
def _hold_keys(part: Record) -> None:
    """Take the notes that are held for keys of the mono line, in the order in which they were played."""
    part.key_count = 0
    before = 0
    while True:
        following, first = 0, 0
        for index in range(1, VOICES):
            voice = part.voices[index]
            number = voice.note_id
            if number > before and voice.stage != STAGE_FREE and not fading(voice):
                if following == 0 or number < following:
                    following, first = number, index
        if following == 0:
            return
        voice = part.voices[first]
        push_key(part, following, voice.tone.pitch, voice.tone.velocity)
        key = part.keys[part.key_count - 1]
        key.bend, key.pressure = voice.tone.own_bend.target, voice.pressure.target
        before = following


@native
def change_gesture(memory: Record, part: Record, now: int) -> None:
    """Let the drone, if it sounds, go on in the gesture that is set; notes play theirs to the end."""
    voice = part.voices[DRONE]
    if voice.stage > STAGE_WAITING and voice.next_slot < 0:
        _change_pitch(memory, part, DRONE, voice.tone.pitch, 1.0, False, now)
        voice.next_gesture = voice.next_slot >= 0


@native
def set_gate(memory: Record, part: Record, event: Record, now: int) -> None:
    """Let the drone begin, go on or end."""
    voice = part.voices[DRONE]
    if event.a < 0.5:
        cancel(memory, ev.GATE, -1, event.number)
        release(memory, part, voice, now)
    elif voice.stage > STAGE_WAITING:
        free_slot(memory, event.slot)
        voice.released = 0
        if voice.stage == STAGE_RELEASE or voice.stage == STAGE_KILL:
            enter_stage(memory, part, voice, STAGE_ATTACK, now)
        retune_drone(memory, part, now)
    else:
        pitch = drone_note(part.controls.drone)
        _await_slot(memory, part, DRONE, event.slot, pitch, now)
        voice.tone.velocity = np.float32(1)
        voice.tone.members = 1
        rest_line(voice.tone.glide, pitch)
        rest_line(voice.pressure, 1.0)


@native
def retune_drone(memory: Record, part: Record, now: int) -> None:
    """Let the drone, if it sounds, go on at the pitch that is set."""
    voice = part.voices[DRONE]
    pitch = drone_note(part.controls.drone)
    if voice.stage != STAGE_FREE and pitch != (voice.next_pitch if voice.next_slot >= 0 else voice.tone.pitch):
        _change_pitch(memory, part, DRONE, pitch, 1.0, False, now)


@native
def _change_pitch(
    memory: Record, part: Record, index: int, pitch: float, velocity: float, restart: bool, now: int
) -> None:
    """Let a sounding voice go on at another pitch, with a stream that is prepared now."""
    voice = part.voices[index]
    slot = claim_slot(memory)
    if slot < 0:  # all are being prepared: the stream that plays changes its class instead
        drop_next(memory, voice)
        voice.tone.pitch = pitch
        rest_line(voice.tone.glide, pitch)
        return
    if voice.stage == STAGE_WAITING:
        _await_slot(memory, part, index, slot, pitch, now)
        voice.begin_at = now + CROSSFADE_LEAD
        voice.tone.velocity = np.float32(velocity)
        rest_line(voice.tone.glide, pitch)
    else:
        _cross_over(memory, voice, slot, pitch, velocity, restart, now + CROSSFADE_LEAD)
    ask_now(memory, part, index, slot, pitch, velocity, now)
    cut_at(memory, now + CROSSFADE_LEAD)


@native
def _cross_over(
    memory: Record, voice: Record, slot: int, pitch: float, velocity: float, restart: bool, begin: int
) -> None:
    """Let a voice go on with the stream of a slot from sample ``begin`` on, or as soon as it is ready."""
    waited = voice.next_slot >= 0
    drop_next(memory, voice)
    voice.next_slot = slot
    voice.next_model = 0
    voice.next_gesture = 0
    voice.next_pitch = pitch
    voice.next_velocity = np.float32(velocity)
    voice.next_restart = restart or (waited and voice.next_restart)
    voice.begin_at = begin
    voice.released = 0
    if load_acquire(memory.slot_state, slot) == SLOT_REQUESTED:
        memory.figures.late_onsets += 1


@native
def _await_slot(memory: Record, part: Record, index: int, slot: int, pitch: float, now: int) -> None:
    """Let a voice wait for the spectrum of its slot, which is ready already when all went well.

    Nobody asked for it yet when many notes come at once: then `prepare_notes` does, in this block.
    """
    voice = part.voices[index]
    if voice.stage == STAGE_WAITING:
        free_slot(memory, voice.slot)
    voice.stage = STAGE_WAITING
    voice.slot = slot
    voice.tone.pitch = pitch
    voice.released = 0
    drop_next(memory, voice)
    voice.fade = FADE_NONE
    voice.begin_at = now
    if load_acquire(memory.slot_state, slot) == SLOT_REQUESTED:
        memory.figures.late_onsets += 1


@native
def _free_voice(memory: Record, part: Record, now: int) -> int:
    """Index of a voice for a new note; of too many, one is stolen."""
    steal(memory, part, int(part.controls.values[POLYPHONY]) - 1, now)
    return spare_voice(memory, part, now)


@native
def steal(memory: Record, part: Record, most: int, now: int) -> None:
    """Let notes end in 5 ms until no more than ``most`` play."""
    for _ in range(count_notes(part) - most):
        silence(memory, part, part.voices[to_steal(memory, part, now)], now)


@native
def take_up_polyphony(memory: Record, part: Record, now: int) -> None:
    """Let notes end that are more than may play at once."""
    steal(memory, part, int(part.controls.values[POLYPHONY]), now)


@native
def release(memory: Record, part: Record, voice: Record, now: int) -> None:
    """Let go of a voice, whose tail can still be bent: it keeps the number of its note, negative."""
    voice.note_id = -abs(voice.note_id)
    if voice.stage == STAGE_WAITING or (voice.next_slot >= 0 and voice.next_restart):
        voice.released = 1
    elif STAGE_ATTACK <= voice.stage <= STAGE_SUSTAIN:
        enter_stage(memory, part, voice, STAGE_RELEASE, now)


@native
def silence(memory: Record, part: Record, voice: Record, now: int) -> None:
    """End a voice as fast as it can be done without a click."""
    voice.note_id = 0
    drop_next(memory, voice)
    if voice.stage == STAGE_WAITING:
        free_slot(memory, voice.slot)
        voice.stage = STAGE_FREE
    elif voice.stage != STAGE_FREE and voice.stage != STAGE_KILL:
        enter_stage(memory, part, voice, STAGE_KILL, now)


@native
def bend_or_press(memory: Record, part: Record, event: Record, now: int) -> None:
    """Bend one note, or press it; its tail too."""
    bends = event.kind == ev.NOTE_PITCH
    place = find_key(part, event.index)
    if place >= 0:
        if bends:
            part.keys[place].bend = event.a
        else:
            part.keys[place].pressure = event.a
    for index in range(1, VOICES):
        voice = part.voices[index]
        if abs(voice.note_id) == event.index and (voice.next_slot < 0 or voice.next_model):
            line = voice.tone.own_bend if bends else voice.pressure
            if voice.stage == STAGE_WAITING:
                rest_line(line, event.a)
            else:
                move_line(line, event.a, now, int((BEND_S if bends else PRESSURE_S) * memory.samplerate))


@native
def offset_note(memory: Record, part: Record, event: Record, now: int) -> None:
    """Let a latent of one note glide beside the others; a note that begins now begins there."""
    glide = max(part.controls.glide_samples, int(OFFSET_GLIDE_S * memory.samplerate + 0.5))
    for index in range(1, VOICES):
        voice = part.voices[index]
        if voice.note_id == event.index:
            waiting = voice.stage == STAGE_WAITING or (voice.next_slot >= 0 and not voice.next_model)
            set_offset(voice.tone.offsets, int(event.b), event.a, now, 0 if waiting else glide)


@native
def take_up_model(memory: Record, part: Record, now: int) -> None:
    """Let voices that sound in an earlier model cross over to the one that plays, a few at a time."""
    model = load_acquire(part.words, words.MODEL)
    changing = 0
    for index in range(VOICES):
        voice = part.voices[index]
        if voice.next_slot >= 0 or (voice.stage > STAGE_WAITING and voice.fade == FADE_OUT):
            changing += 1
    settled = changing == 0
    for index in range(VOICES):
        voice = part.voices[index]
        if voice.stage <= STAGE_WAITING or fading(voice) or voice.next_slot >= 0 or voice.model == model:
            continue
        settled = False
        if changing >= MODEL_CHANGES:
            break
        slot = claim_slot(memory)
        if slot < 0:
            break
        voice.next_slot = slot
        voice.next_model = 1
        voice.next_gesture = 0
        voice.next_pitch = voice.tone.pitch
        voice.next_velocity = voice.tone.velocity
        voice.next_restart = 0
        voice.begin_at = now + CROSSFADE_LEAD
        cut_at(memory, voice.begin_at)
        changing += 1
    if settled:
        part.settled_model = model
