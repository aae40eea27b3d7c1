"""One voice: its stream, its hops, its samples."""

from __future__ import annotations

import numpy as np

from . import words
from .atomics import load_acquire, store_release
from .envelope import STAGE_ATTACK, STAGE_KILL, apply_envelope, enter_stage
from .fade import FADE_OUT
from .frames_ahead import MAIL_EMPTY, MAIL_READY, MAIL_REQUESTED, take_frame_ahead
from .intonation import pitch_offset
from .manner import MANNER, find_manner
from .motion import MOTION, begin_motion
from .native import native
from .question import ask
from .ramp import LINE
from .reader import HISTORY, REACH, READER, begin_cells, forget_read, next_cell, reading_rate, reading_step
from .record import Record
from .resample import TAPS, interpolate
from .sizes import DRONE, FFT, LATENTS, LONGEST_HOP
from .slots import SLOT_FREE, SLOT_READY
from .synthesis import STREAM, advance, set_spectrum
from .tone import TONE, begin_tone
from .waiting import BESIDE, semaphore_post, yield_processor

VOICE = np.dtype(
    [
        ("stage", "i4"),
        ("note_id", "i4"),
        ("slot", "i4"),
        ("released", "i4"),
        ("asked", "i4"),  # whether a request was ever made since the start
        ("discard", "i4"),  # the mail on its way belongs to an earlier note
        ("level", "f4"),
        ("stage_level", "f4"),
        ("stage_start", "i8"),
        ("stage_length", "i8"),
        ("tone", TONE),
        ("pressure", LINE),
        ("pan", "i4"),  # position between left and right, 0 in the middle
        # crossfade
        ("next_slot", "i4"),  # of the stream that will take over, or -1
        ("next_restart", "i4"),
        ("next_pitch", "f8"),
        ("next_velocity", "f4"),
        ("begin_at", "i8"),  # sample before which what it waits for may not begin
        ("fade", "i4"),
        ("fade_begin", "i8"),
        ("fade_level", "f4"),
        ("likeness", "f4"),  # of what fades in and what fades out, 0–1
        # model change
        ("model", "i4"),  # that the stream was decoded by
        ("next_model", "i4"),  # whether what it waits for is the same note by another model
        ("next_gesture", "i4"),  # or another gesture
        # sound
        ("motion", MOTION),
        ("reader", READER),
        ("stream", STREAM),
        ("fifo", "f4", LONGEST_HOP + 4 * TAPS),  # finished samples
    ],
    align=True,
)

SCRATCH = np.dtype([("latents", "f4", LATENTS), ("manner", MANNER)], align=True)

STAGGER = 8  # places of their first hop at which voices begin


@native
def place_reader(reader: Record, step: int, noise_seed: int) -> None:
    """Put a reader at the beginning of a stream of which ``step`` samples are finished.

    Voices that start together begin at different places of their first hop, so that they never all hop at once.
    """
    reader.filled = HISTORY + step
    place = noise_seed // 2 * 5 % STAGGER
    reader.position = float(HISTORY + place * step // STAGGER)


@native
def _take_mail(memory: Record, part: Record, index: int, voice: Record) -> None:
    """Bring in the spectrum that was asked for at the last hop; live, a late one is held and counted."""
    if memory.live == BESIDE and load_acquire(part.mail_state, index) == MAIL_REQUESTED:
        semaphore_post(memory.semaphore_address)
        while load_acquire(part.mail_state, index) == MAIL_REQUESTED:
            yield_processor()
    state = load_acquire(part.mail_state, index)
    if state == MAIL_READY:
        if not voice.discard and part.mail[index].question.model == voice.model:
            set_spectrum(voice.stream, part.mail[index])
        voice.discard = 0
        store_release(part.mail_state, index, MAIL_EMPTY)
    elif state == MAIL_REQUESTED and not voice.discard:
        memory.figures.late_spectra += 1


@native
def _ask_for_next(memory: Record, part: Record, index: int, voice: Record, now: int) -> None:
    """Ask for the spectrum of the next hop, unless it would be the one that plays."""
    model = load_acquire(part.words, words.MODEL)
    if model != voice.model or load_acquire(part.mail_state, index) != MAIL_EMPTY:
        return  # what another model draws takes over as a stream of its own
    tone, latents, decoder = voice.tone, memory.audio_scratch.voice.latents, part.models[model % 2]
    question = part.mail[index].question
    gestures = memory.gestures
    if not ask(part.controls, gestures, tone, index == DRONE, model, decoder, now, voice.asked, question, latents):
        return
    voice.asked = 1
    memory.figures.asked_spectra += 1
    if take_frame_ahead(memory, part, index, decoder.latents):
        return
    memory.asked = 1
    store_release(part.mail_state, index, MAIL_REQUESTED)


@native
def _hop(memory: Record, part: Record, index: int, voice: Record, now: int) -> None:
    """Finish one more step of the stream."""
    _take_mail(memory, part, index, voice)
    if voice.stage != STAGE_KILL and voice.fade != FADE_OUT:
        _ask_for_next(memory, part, index, voice, now)
    controls, stream, reader = part.controls, voice.stream, voice.reader
    middle = now + FFT // 2  # where the frame will be loudest
    bend = 2.0 ** (pitch_offset(controls, memory.gestures, voice.tone, middle, memory.samplerate) / 12.0)
    manner = memory.audio_scratch.voice.manner
    find_manner(controls, voice.tone, middle, manner)
    advance(memory.tables, stream, memory.audio_scratch, memory.samplerate, manner, bend)
    dropped = forget_read(reader)
    fifo = voice.fifo
    for i in range(reader.filled):
        fifo[i] = fifo[i + dropped]
    step = stream.timing.step
    for i in range(step):
        fifo[reader.filled + i] = stream.overlap[i]
    reader.filled += step


@native
def render_voice(
    memory: Record, part: Record, index: int, voice: Record, now: int, buffer: np.ndarray, at: int, count: int
) -> None:
    """Write ``count`` samples of a sounding voice.

    Audio thread: no locks, no allocation, no Python objects.
    """
    done = 0
    controls, reader = part.controls, voice.reader
    rate = reading_rate(voice.stream.timing, memory.samplerate)
    fir, fifo = memory.tables.resample.fir, voice.fifo
    while done < count:
        last = reader.filled - REACH
        if reader.position >= last:
            _hop(memory, part, index, voice, now + done)
            rate = reading_rate(voice.stream.timing, memory.samplerate)
            continue
        if now + done >= reader.cell_end:
            next_cell(controls, memory.gestures, voice.tone, reader, memory.samplerate)
        stretch = min(count, reader.cell_end - now)
        into = now - reader.cell_begin
        ratio = reader.ratio
        slope = (reader.ratio_next - ratio) / (reader.cell_end - reader.cell_begin)
        position = reader.position
        while done < stretch and position < last:
            buffer[at + done] = interpolate(fir, fifo, position)
            position += reading_step(rate, ratio, slope, into + done)
            done += 1
        reader.position = position
    apply_envelope(memory, part, voice, now, buffer, at, count)


@native
def begin_voice(memory: Record, part: Record, index: int, voice: Record, now: int) -> None:
    """Let a waiting voice sound, once its first spectrum is ready."""
    slot = voice.slot
    if now < voice.begin_at or load_acquire(memory.slot_state, slot) != SLOT_READY:
        return
    voice.slot = -1
    voice.tone.seed = memory.slots[slot].noise_seed
    take_stream(memory, part, index, voice, slot)
    voice.level = 0.0
    begin_tone(part.controls, memory.gestures, voice.tone, now, memory.samplerate)
    begin_cells(part.controls, memory.gestures, voice.tone, voice.reader, now, memory.samplerate)
    begin_motion(part.controls, memory.gestures, voice, now, memory.samplerate)
    enter_stage(memory, part, voice, STAGE_ATTACK, now)


@native
def take_stream(memory: Record, part: Record, index: int, voice: Record, slot: int) -> None:
    """Let a voice play the stream that was prepared in a slot, from its start."""
    source = memory.slots[slot]
    voice.stream = source.stream
    voice.model = source.request.question.model
    if voice.model != part.settled_model:
        part.settled_model = -1
    if load_acquire(part.mail_state, index) == MAIL_EMPTY:
        # What plays is what would be asked for: no need to ask until something changes.
        part.mail[index] = source.request
        voice.asked = 1
        voice.discard = 0
    else:
        voice.asked = 0
        voice.discard = 1
    noise_seed = source.noise_seed
    store_release(memory.slot_state, slot, SLOT_FREE)
    for i in range(HISTORY):
        voice.fifo[i] = 0.0
    step = voice.stream.timing.step
    for i in range(step):
        voice.fifo[HISTORY + i] = voice.stream.overlap[i]
    place_reader(voice.reader, step, noise_seed)
