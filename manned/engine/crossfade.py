"""A voice goes on with another stream: the next key of a mono line, the drone's next class.

A stream is tied to the pitch class it was decoded for.  So the new pitch gets a
stream of its own, prepared in a slot like a note's, and takes over the voice with
its envelope; what sounded before fades out in a spare voice.  Both ways of fading
are quarters of a sine, which keeps the power.  A note that another model takes up
goes on as it was, from where the new stream is most like the old one.
"""

from __future__ import annotations

import numpy as np

from .align import find_start
from .allocation import spare_voice
from .atomics import load_acquire, store_release
from .controls import lead_with, portamento_samples
from .envelope import STAGE_ATTACK, STAGE_FREE, STAGE_WAITING, enter_stage
from .fade import FADE_IN, FADE_NONE, FADE_OUT, fade_gain
from .frames_ahead import MAIL_EMPTY
from .gesture import begin_gesture
from .keys import find_key
from .motion import begin_motion
from .native import native
from .ramp import move_line, rest_line
from .reader import HISTORY, begin_cells
from .record import Record
from .sizes import DRONE
from .slots import SLOT_FREE, SLOT_READY
from .tone import begin_tone
from .voice import take_stream


@native
def take_over(memory: Record, part: Record, index: int, now: int) -> None:
    """Let the stream that a voice waits for take over, if its sample has come and it is ready.

    Audio thread: no locks, no allocation, no Python objects.
    """
    voice = part.voices[index]
    slot = voice.next_slot
    if now < voice.begin_at or load_acquire(memory.slot_state, slot) != SLOT_READY:
        return
    voice.next_slot = -1
    if voice.stage == STAGE_FREE:
        if voice.next_restart:
            voice.stage = STAGE_WAITING
            voice.slot = slot
            voice.fade = FADE_NONE
            _take_note(memory, part, index, voice, now)
        else:
            store_release(memory.slot_state, slot, SLOT_FREE)
        return
    spare = spare_voice(memory, part, now)
    part.voices[spare] = part.voices[index]
    old = part.voices[spare]
    old.note_id = 0
    old.fade = FADE_OUT
    old.fade_level = fade_gain(voice, now, memory.samplerate)
    old.fade_begin = now
    old.discard = load_acquire(part.mail_state, spare) != MAIL_EMPTY
    start, likeness = 0, np.float32(0)
    if voice.next_model:
        start, likeness = _where_alike(memory.audio_scratch, old, memory.slots[slot].stream)
    else:
        voice.tone.seed = memory.slots[slot].noise_seed
        _take_note(memory, part, index, voice, now)
        if portamento_samples(part.controls, memory.samplerate) > 0:
            old.tone.glide = voice.tone.glide
    take_stream(memory, part, index, voice, slot)
    if voice.next_model:
        voice.reader.position = float(HISTORY + start)
    old.likeness = voice.likeness = likeness
    voice.fade = FADE_IN
    voice.fade_begin = now
    if voice.next_restart:
        enter_stage(memory, part, voice, STAGE_ATTACK, now)
        begin_tone(part.controls, memory.gestures, voice.tone, now, memory.samplerate)
        begin_motion(part.controls, memory.gestures, voice, now, memory.samplerate)
    elif voice.next_gesture:
        begin_gesture(part.controls, memory.gestures, voice.tone, now, memory.samplerate)
        begin_motion(part.controls, memory.gestures, voice, now, memory.samplerate)
    begin_cells(part.controls, memory.gestures, voice.tone, voice.reader, now, memory.samplerate)


@native
def _where_alike(scratch: Record, old: Record, stream: Record) -> tuple[int, float]:
    """Where in a prepared stream to begin, to go on as a voice sounds, and how alike they are."""
    timing = old.stream.timing
    at = max(int(old.reader.position) - (old.reader.filled - timing.step), 0)
    new = stream.timing
    return find_start(old.stream.overlap, at, timing.mean_tuning, stream.overlap, new.tuning, scratch.fft.time)


@native
def _take_note(memory: Record, part: Record, index: int, voice: Record, now: int) -> None:
    """Give a voice the pitch and velocity that it waited for."""
    tone = voice.tone
    move_line(tone.glide, voice.next_pitch, now, portamento_samples(part.controls, memory.samplerate))
    tone.pitch = voice.next_pitch
    tone.velocity = voice.next_velocity
    if index != DRONE:
        lead_with(part.controls, tone.glide)
        place = find_key(part, voice.note_id)
        rest_line(tone.own_bend, part.keys[place].bend if place >= 0 else 0.0)
        rest_line(voice.pressure, part.keys[place].pressure if place >= 0 else 1.0)
