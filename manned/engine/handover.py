"""A voice goes on with another stream: the next key of a mono line, the drone's next class.

A stream is tied to the pitch class it was decoded for.  So the new pitch gets a
stream of its own, prepared in a slot like a note's, and takes over the voice with
its envelope; what sounded before fades out in a spare voice.  Both ways of fading
are quarters of a sine, which keeps the power.  A note that another model takes up
goes on as it was, from where the new stream is most like the old one.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from .align import find_start
from .atomics import load_acquire, store_release
from .keys import find_key
from .memory import (
    FADE_IN,
    FADE_NONE,
    FADE_OUT,
    MAIL_EMPTY,
    SLOT_FREE,
    SLOT_READY,
    STAGE_ATTACK,
    STAGE_FREE,
    STAGE_KILL,
    STAGE_WAITING,
    VOICES,
)
from .pitch import (
    begin_cells,
    begin_vibrato,
    copy_line,
    line_value,
    move_line,
    rest_line,
)
from .voice import DRONE, HISTORY, enter_stage, take_stream

FADE_S = 0.02


@nb.njit(error_model="numpy", cache=True)
def fading(voice):
    """Whether a voice is on its way out within milliseconds."""
    return voice.stage == STAGE_KILL or voice.fade == FADE_OUT


@nb.njit(error_model="numpy", cache=True)
def spare_voice(memory):
    """Index of a voice that nobody will miss: a free one, or the quietest that fades out."""
    best = 1
    quietest = np.float32(1e9)
    for index in range(1, VOICES):
        voice = memory.voices[index]
        if voice.stage == STAGE_FREE and voice.next_slot < 0:
            return index
        if fading(voice) and voice.level * voice.velocity < quietest:
            best, quietest = index, voice.level * voice.velocity
    return best


@nb.njit(error_model="numpy", cache=True)
def take_over(memory, index, now):
    """Let the stream that a voice waits for take over, if its sample has come and it is ready.

    Audio thread: no locks, no allocation, no Python objects.
    """
    voice = memory.voices[index]
    slot = voice.next_slot
    if now < voice.begin_at or load_acquire(memory.slot_state, slot) != SLOT_READY:
        return
    voice.next_slot = -1
    if voice.stage == STAGE_FREE:
        if voice.next_restart:
            voice.stage = STAGE_WAITING
            voice.slot = slot
            voice.fade = FADE_NONE
            _take_note(memory, index, voice, now)
        else:
            store_release(memory.slot_state, slot, SLOT_FREE)
        return
    spare = spare_voice(memory)
    memory.voices[spare] = memory.voices[index]
    old = memory.voices[spare]
    old.note_id = 0
    old.fade = FADE_OUT
    old.fade_level = fade_gain(memory, voice, now)
    old.fade_begin = now
    old.discard = load_acquire(memory.mail_state, spare) != MAIL_EMPTY
    start, likeness = 0, np.float32(0)
    if voice.next_model:
        start, likeness = _where_alike(memory.audio_scratch, old, memory.slots[slot].stream)
    else:
        _take_note(memory, index, voice, now)
        if memory.portamento > 0:
            copy_line(old.glide, voice.glide)
    take_stream(memory, index, voice, slot)
    if voice.next_model:
        voice.position = float(HISTORY + start)
    old.likeness = voice.likeness = likeness
    voice.fade = FADE_IN
    voice.fade_begin = now
    if voice.next_restart:
        enter_stage(memory, voice, STAGE_ATTACK, now)
        begin_vibrato(memory, voice, now)
    begin_cells(memory, voice, now)


@nb.njit(error_model="numpy", cache=True)
def _where_alike(scratch, old, stream):
    """Where in a prepared stream to begin, to go on as a voice sounds, and how alike they are."""
    at = max(int(old.position) - (old.filled - old.stream.step), 0)
    return find_start(old.stream.overlap, at, old.stream.mean_tuning, stream.overlap, stream.tuning, scratch.time)


@nb.njit(error_model="numpy", cache=True)
def _take_note(memory, index, voice, now):
    """Give a voice the pitch and velocity that it waited for."""
    move_line(voice.glide, voice.next_pitch, now, memory.portamento)
    voice.pitch = voice.next_pitch
    voice.velocity = voice.next_velocity
    if index != DRONE:
        copy_line(memory.lead, voice.glide)
        place = find_key(memory, voice.note_id)
        rest_line(voice.own_bend, memory.keys[place].bend if place >= 0 else 0.0)
        rest_line(voice.pressure, memory.keys[place].pressure if place >= 0 else 1.0)


@nb.njit(error_model="numpy", cache=True)
def fade_gain(memory, voice, now):
    """Factor of a voice's handover at sample ``now``."""
    x = (now - voice.fade_begin) / (FADE_S * memory.samplerate)
    if x < 1.0:
        rise, fall = math.sin(0.5 * math.pi * x), math.cos(0.5 * math.pi * x)
        together = math.sqrt(1.0 + 2.0 * voice.likeness * rise * fall)
        if voice.fade == FADE_IN:
            return np.float32(rise / together)
        if voice.fade == FADE_OUT:
            return voice.fade_level * np.float32(fall / together)
    elif voice.fade == FADE_OUT:
        return np.float32(0)
    return np.float32(1)


@nb.njit(error_model="numpy", cache=True)
def shape_voice(memory, voice, now, buffer, at, count):
    """Multiply samples of a voice by its handover's fade and its pressure.

    Audio thread: no locks, no allocation, no Python objects.
    """
    if voice.pressure.target != 1.0 or voice.pressure.start != 1.0:
        for i in range(count):
            buffer[at + i] *= np.float32(line_value(voice.pressure, now + i))
        if now + count >= voice.pressure.begin + voice.pressure.length:
            voice.pressure.start = voice.pressure.target
    if voice.fade != FADE_NONE:
        for i in range(count):
            buffer[at + i] *= fade_gain(memory, voice, now + i)
        if now + count - voice.fade_begin >= FADE_S * memory.samplerate:
            if voice.fade == FADE_OUT:
                voice.stage = STAGE_FREE
            voice.fade = FADE_NONE
