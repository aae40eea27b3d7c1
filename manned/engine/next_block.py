"""The decode thread finds the frames of all hops of the next block ahead.

A voice asks at each hop for the frame of the next one.  In a block so long that a voice hops
twice in it, nobody could answer in between.  So at the end of a block the audio thread tells
how every voice stands (`foresee`), and the decode thread plays the voices through the next
block without their sound (`look_ahead`): it finds the samples of their hops, what they will ask for there,
and answers it.  The next block is taken to be as long as this one.

Events that are known are taken into account: dated ones that wait, and those in the ring.  What
comes as a surprise makes a voice ask for something else, and its frame is late.
"""

from __future__ import annotations

import numpy as np

from .. import events as ev
from . import words
from .atomics import load_acquire, store_release
from .controls import CONTROLS, apply_event, hop_samples
from .decode import QUESTION, fill_input, run_layers
from .decode_batch import BATCH, take_frame
from .drone import drone_note
from .envelope import STAGE_KILL, STAGE_WAITING
from .event_queue import EVENT, NOTHING, RING, pending
from .fade import FADE_OUT
from .frames_ahead import FRAMES_AHEAD, MAIL_EMPTY, MAIL_READY, find_frame, question_key
from .native import native
from .notes import MODE, OFFSET_GLIDE_S, POLY
from .pitch import BEND_S
from .question import ask
from .ramp import move_line, rest_line
from .reader import READER, begin_cells, forget_read, read_ahead, reading_rate
from .record import Record
from .sizes import DRONE, LATENTS, VOICES
from .slots import SLOT_READY
from .synthesis import TIMING, advance_timing
from .tone import TONE, begin_tone, clear_offsets, release_tone, set_offset
from .voice import place_reader
from .waiting import LIVE

EVENTS = 256  # of the next block, at most
MARGIN = 1.25  # by which a voice may read faster than now

# What a voice will play from its next hop on.
HOLDS = 0  # what it plays now
CHANGES = 1  # a frame whose tuning is known
WAITS = 2  # a frame that is still to be decoded

VOICE_AHEAD = np.dtype(
    [
        ("index", "i4"),  # of the voice, or -1 when it begins in the block
        ("note_id", "i4"),
        ("is_drone", "i4"),
        ("model", "i4"),
        ("asked", "i4"),
        ("begins", "i4"),  # its grid is still to begin
        ("now", "i8"),  # sample that it came to
        ("next", "i4"),
        ("place", "i4"),  # of the frame that it waits for
        ("next_tuning", "f8"),
        ("question", QUESTION),  # the last one
        ("tone", TONE),
        ("reader", READER),
        ("timing", TIMING),
    ],
    align=True,
)

NEXT_BLOCK = np.dtype(
    [
        ("begin", "i8"),
        ("end", "i8"),
        ("ring_read", "i8"),  # events that the controls have seen
        ("controls", CONTROLS),
        ("event_count", "i4"),
        ("events", EVENT, EVENTS),  # dated within the block, in order
        ("voice_count", "i4"),
        ("voices", VOICE_AHEAD, 2 * VOICES),
        # of the decode thread's own copy
        ("block", "i8"),  # that it is of
        ("ring_write", "i8"),  # events that it took into account
        ("latents", "f4", LATENTS),
    ],
    align=True,
)


@native
def foresee(memory: Record, part: Record, begin: int, frames: int) -> None:
    """Tell the decode thread how everything stands at sample ``begin``, where a block of ``frames`` samples begins.

    Nothing is told of blocks so short that no voice hops twice in them.
    Audio thread: no locks, no allocation, no Python objects.
    """
    memory.foreseen = -1
    if memory.live != LIVE:
        return
    block = memory.words[words.FORESEEN] + 1
    ahead = memory.next_blocks[block % 2]
    ahead.voice_count = 0
    is_long = frames * MARGIN > hop_samples(part.controls)
    for index in range(VOICES):
        voice = part.voices[index]
        if voice.stage <= STAGE_WAITING or voice.stage == STAGE_KILL or voice.fade == FADE_OUT:
            continue
        timing, reader = voice.stream.timing, voice.reader
        fastest = reading_rate(timing, memory.samplerate) * max(reader.ratio, reader.ratio_next) * MARGIN
        if frames * fastest > timing.step:
            is_long = True
            _show_voice(part, index, voice, begin, ahead.voices[ahead.voice_count])
            ahead.voice_count += 1
    if not is_long:
        store_release(memory.words, words.LONG_BLOCKS, 0)
        return
    ahead.begin, ahead.end = begin, begin + frames
    ahead.ring_read = memory.words[words.RING_READ]
    ahead.controls = part.controls
    ahead.event_count = 0
    for place in range(memory.pending_count):
        event = pending(memory, place)
        if event.when >= ahead.end or ahead.event_count == EVENTS:
            break
        if event.kind != NOTHING:
            ahead.events[ahead.event_count] = event
            ahead.event_count += 1
    memory.foreseen = block
    memory.asked = 1
    store_release(memory.words, words.LONG_BLOCKS, 1)
    store_release(memory.words, words.FORESEEN, block)


@native
def _show_voice(part: Record, index: int, voice: Record, begin: int, ahead: Record) -> None:
    ahead.index = index
    ahead.note_id = voice.note_id
    ahead.is_drone = index == DRONE
    ahead.model = voice.model
    ahead.asked = voice.asked
    ahead.begins = 0
    ahead.now = begin
    mailed = load_acquire(part.mail_state, index) != MAIL_EMPTY and not voice.discard
    ahead.next = WAITS if mailed else HOLDS
    ahead.place = -1
    ahead.question = part.mail[index].question
    ahead.tone = voice.tone
    ahead.reader = voice.reader
    ahead.timing = voice.stream.timing


@native
def look_ahead(memory: Record, part: Record) -> bool:
    """Find the frames of the next block, if that was not done already; True when something was done.

    Decode thread.
    """
    block = load_acquire(memory.words, words.FORESEEN)
    ring_write = load_acquire(memory.words, words.RING_WRITE)
    ahead = memory.decode.next_block
    if block == 0 or (ahead.block == block and ahead.ring_write == ring_write):
        return False
    memory.decode.next_block = memory.next_blocks[block % 2]
    if load_acquire(memory.words, words.FORESEEN) != block:
        return True  # it was overwritten meanwhile
    turn = block % 2
    if load_acquire(part.words, words.AHEAD_BLOCK + turn) != block:
        store_release(part.words, words.AHEAD_COUNT + turn, 0)
        store_release(part.words, words.AHEAD_BLOCK + turn, block)
    ahead.block, ahead.ring_write = block, ring_write
    for place in range(ahead.voice_count):
        _read_mail(part, ahead.voices[place])
    for number in range(ahead.ring_read, ring_write):
        event = memory.ring[number % RING]
        if event.when <= ahead.begin:
            _happen(memory, part, ahead, event, ahead.begin)
    for place in range(ahead.event_count + 1):
        until = ahead.events[place].when if place < ahead.event_count else ahead.end
        if not _play_until(memory, part, ahead, turn, until):
            return True
        if place < ahead.event_count:
            _happen(memory, part, ahead, ahead.events[place], until)
    return True


@native
def _read_mail(part: Record, voice: Record) -> None:
    """Find the tuning of the frame that a voice asked for in the block before."""
    if voice.next == WAITS:
        mail = part.mail[voice.index]
        voice.next = HOLDS
        if load_acquire(part.mail_state, voice.index) == MAIL_READY and mail.question.model == voice.model:
            voice.next = CHANGES
            voice.next_tuning = mail.tuning


@native
def _happen(memory: Record, part: Record, ahead: Record, event: Record, now: int) -> None:
    """Let an event take effect on the controls and on the voices that are looked at."""
    apply_event(ahead.controls, event, now, memory.samplerate)
    controls, kind = ahead.controls, event.kind
    if kind == ev.NOTE_ON or (kind == ev.GATE and event.a >= 0.5):
        if event.slot >= 0 and load_acquire(memory.slot_state, event.slot) == SLOT_READY:
            if kind == ev.GATE or int(controls.values[MODE]) == POLY:
                _begin(memory, ahead, event, kind == ev.GATE, now)
    elif kind == ev.NOTE_OFF:
        for place in range(ahead.voice_count):
            if ahead.voices[place].note_id == event.index:
                release_tone(controls, ahead.voices[place].tone, now)
    elif kind == ev.NOTE_LATENT or kind == ev.NOTE_PITCH:
        glide = max(controls.glide_samples, int(OFFSET_GLIDE_S * memory.samplerate + 0.5))
        for place in range(ahead.voice_count):
            voice = ahead.voices[place]
            if voice.note_id == event.index or (kind == ev.NOTE_PITCH and voice.note_id == -event.index):
                if kind == ev.NOTE_LATENT:
                    set_offset(voice.tone.offsets, int(event.b), event.a, now, 0 if voice.begins else glide)
                elif voice.begins:
                    rest_line(voice.tone.own_bend, event.a)
                else:
                    move_line(voice.tone.own_bend, event.a, now, int(BEND_S * memory.samplerate))


@native
def _begin(memory: Record, ahead: Record, event: Record, is_drone: bool, now: int) -> None:
    """Let a note begin whose first frame is ready in its slot."""
    if ahead.voice_count == len(ahead.voices):
        return
    voice, slot = ahead.voices[ahead.voice_count], memory.slots[event.slot]
    ahead.voice_count += 1
    voice.index = -1
    voice.note_id = 0 if is_drone else event.index
    voice.is_drone = is_drone
    voice.model = slot.request.question.model
    voice.asked = 1
    voice.begins = 1
    voice.now = now
    voice.next = HOLDS
    voice.question = slot.request.question
    tone = voice.tone
    tone.seed = slot.noise_seed
    clear_offsets(tone.offsets)
    rest_line(tone.own_bend, 0.0)
    if is_drone:
        tone.pitch = drone_note(ahead.controls.drone)
        tone.velocity = np.float32(1)
        tone.members = 1
        rest_line(tone.glide, tone.pitch)
    else:
        tone.pitch = event.a
        tone.member, tone.members = event.member, event.members
        tone.velocity = np.float32(event.b)
        tone.glide = ahead.controls.lead
    voice.timing = slot.stream.timing
    place_reader(voice.reader, voice.timing.step, slot.noise_seed)


@native
def _play_until(memory: Record, part: Record, ahead: Record, turn: int, until: int) -> bool:
    """Let all voices come to a sample, and answer what they ask; False when the block is over or nothing more fits."""
    model = load_acquire(part.words, words.MODEL)
    while True:
        first = load_acquire(part.words, words.AHEAD_COUNT + turn)
        end = first
        for place in range(ahead.voice_count):
            voice = ahead.voices[place]
            if voice.model == model and end < min(first + BATCH, FRAMES_AHEAD):
                end += _play(memory, part, ahead, voice, turn, until, end)
        if end == first:
            return end < FRAMES_AHEAD
        _answer(memory, part, ahead, model, turn, first, end)
        if load_acquire(memory.words, words.FORESEEN) != ahead.block:
            return False


@native
def _play(memory: Record, part: Record, ahead: Record, voice: Record, turn: int, until: int, place: int) -> int:
    """Let one voice come to a sample, or to where it asks; returns 1 when its question lies at ``place``."""
    controls, tone, reader, timing = ahead.controls, voice.tone, voice.reader, voice.timing
    frames, gestures, decoder = part.ahead[turn], memory.gestures, part.models[voice.model % 2]
    if voice.begins and voice.now < until:
        begin_tone(controls, gestures, tone, voice.now, memory.samplerate)
        begin_cells(controls, gestures, tone, reader, voice.now, memory.samplerate)
        voice.begins = 0
    while voice.now < until:
        voice.now = read_ahead(controls, gestures, tone, reader, timing, voice.now, until, memory.samplerate)
        if voice.now >= until or voice.next == WAITS:
            break
        if voice.next == CHANGES:
            timing.tuning = voice.next_tuning
            voice.next = HOLDS
        question, model = voice.question, voice.model
        asks = ask(
            controls, gestures, tone, voice.is_drone, model, decoder, voice.now, voice.asked, question, ahead.latents
        )
        advance_timing(timing, hop_samples(controls), memory.tables.synthesis.window)
        forget_read(reader)
        reader.filled += timing.step
        if asks:
            voice.asked = 1
            answered = find_frame(frames, load_acquire(part.words, words.AHEAD_COUNT + turn), question, decoder.latents)
            if answered < 0:
                voice.next = WAITS
                voice.place = place
                frames.keys[place] = question_key(question, decoder.latents)
                frames.frames[place].question = question
                return 1
            voice.next = CHANGES
            voice.next_tuning = frames.frames[answered].tuning
    return 0


@native
def _answer(memory: Record, part: Record, ahead: Record, model: int, turn: int, first: int, end: int) -> None:
    """Decode the questions from ``first`` to ``end`` of the list, and tell the voices that wait for them."""
    decoder, rows, frames = (part.models[model % 2], memory.decode.rows, part.ahead[turn].frames)
    for place in range(first, end):
        fill_input(decoder, frames[place].question, rows, place - first)
    half = run_layers(decoder, rows, end - first)
    for place in range(first, end):
        take_frame(decoder, memory.tables, rows, half, place - first, frames[place], memory.decode_scratch.peaks)
    store_release(part.words, words.AHEAD_COUNT + turn, end)
    for number in range(ahead.voice_count):
        voice = ahead.voices[number]
        if voice.next == WAITS and first <= voice.place < end:
            voice.next = CHANGES
            voice.next_tuning = frames[voice.place].tuning
