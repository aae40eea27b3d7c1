"""Notes are prepared before they start: dated ones by the audio and decode threads, others by the control thread.

Both look ahead in the same way.  They copy the controls, apply to the copy the events up to the note's
sample, and hand it to `find_onset`.
"""

from __future__ import annotations

import numpy as np

from .. import events as ev
from . import words
from .atomics import load_acquire, store_release
from .controls import apply_event
from .decode import fill_input, run_layers
from .decode_batch import take_frame
from .drone import drone_note
from .envelope import STAGE_WAITING
from .event_queue import RING, pending
from .native import native
from .notes import take_up_model
from .onset import find_onset, note_glide
from .record import Record
from .sizes import VOICES
from .slots import NEW, OWN_SLOTS, SLOT_ASSIGNED, SLOT_READY, SLOT_REQUESTED, SLOTS, ask_now, ask_slot, noise_seed
from .synthesis import start_stream
from .tone import begin_tone, clear_offsets, set_offset

LEAD = 1024  # samples before a dated note at which its first spectrum is asked for, or a block
COPIES = 1000  # attempts at a copy of the controls while no event changes them


@native
def apply_ahead(memory: Record, controls: Record, event: Record, when: int) -> None:
    """Apply an event to a copy of the controls; of a note, remember where it glides from."""
    apply_event(controls, event, when, memory.samplerate)
    if event.slot >= 0:
        slot = memory.slots[event.slot]
        slot.glide = note_glide(controls, event.a, when) if event.kind == ev.NOTE_ON else 0.0


@native
def prepare_notes(memory: Record, part: Record, now: int, until: int) -> None:
    """Ask for the first spectra of the notes that begin now or are dated up to `LEAD` after sample ``until``.

    Audio thread: no locks, no allocation, no Python objects.
    """
    if part.settled_model != load_acquire(part.words, words.MODEL):
        take_up_model(memory, part, now)
    for index in range(VOICES):
        voice = part.voices[index]
        if voice.stage == STAGE_WAITING and load_acquire(memory.slot_state, voice.slot) == SLOT_ASSIGNED:
            ask_now(memory, part, index, voice.slot, voice.tone.pitch, voice.tone.velocity, now)
        elif voice.next_slot >= 0 and load_acquire(memory.slot_state, voice.next_slot) == SLOT_ASSIGNED:
            ask_now(memory, part, index, voice.next_slot, voice.next_pitch, voice.next_velocity, now)
    controls, tone = memory.audio_scratch.controls, memory.audio_scratch.tone
    applied = -1
    for place in range(memory.pending_count):
        event = pending(memory, place)
        if event.when >= until + max(LEAD, until - now):
            break
        if event.slot < 0 or event.prepared:
            continue
        if applied < 0:
            memory.audio_scratch.controls = part.controls
            applied = 0
        while applied < memory.pending_count and pending(memory, applied).when <= event.when:
            before = pending(memory, applied)
            apply_ahead(memory, controls, before, before.when)
            applied += 1
        is_drone = event.kind == ev.GATE
        _begin_note(memory, controls, tone, event, event.when)
        for later in range(place + 1, memory.pending_count):
            other = pending(memory, later)
            if other.when > event.when:
                break
            _take_offset(tone.offsets, event, other, event.when)
        ask_slot(memory, part, controls, event.slot, is_drone, tone, event.when)
        event.prepared = 1


@native
def _begin_note(memory: Record, controls: Record, tone: Record, event: Record, when: int) -> None:
    """Write what a note, or the drone, has of its own when it begins at sample ``when``."""
    is_drone = event.kind == ev.GATE
    tone.pitch = drone_note(controls.drone) if is_drone else event.a
    tone.velocity = np.float32(1) if is_drone else np.float32(event.b)
    tone.member, tone.members = (0, 1) if is_drone else (event.member, event.members)
    tone.seed = NEW
    clear_offsets(tone.offsets)
    begin_tone(controls, memory.gestures, tone, when, memory.samplerate)


@native
def _take_offset(offsets: Record, note: Record, event: Record, when: int) -> None:
    """Take an offset that a note is given at the very sample at which it begins."""
    if note.kind == ev.NOTE_ON and event.kind == ev.NOTE_LATENT and event.index == note.index:
        set_offset(offsets, int(event.b), event.a, when, 0)


@native
def _copy_controls(memory: Record, part: Record) -> None:
    """Copy the controls while the audio thread may change them; the copy is of one moment."""
    for _ in range(COPIES):
        version = load_acquire(memory.words, words.CONTROLS)
        memory.control_scratch.controls = part.controls
        if version % 2 == 0 and load_acquire(memory.words, words.CONTROLS) == version:
            break


@native
def _prepare_slot(memory: Record, part: Record, slot: int) -> None:
    """Prepare one note in the control thread, so that it can start in the very next block."""
    entry = memory.slots[slot]
    generation = load_acquire(part.words, words.MODEL)
    model = part.models[generation % 2]
    rows = memory.prepare_rows
    entry.request.question.model = generation
    fill_input(model, entry.request.question, rows, 0)
    half = run_layers(model, rows, 1)
    take_frame(model, memory.tables, rows, half, 0, entry.request, memory.control_scratch.peaks)
    start_stream(memory.tables, entry, memory.control_scratch, memory.samplerate)
    store_release(memory.slot_state, slot, SLOT_READY)


@native
def prepare_asked(memory: Record, part: Record) -> None:
    """Prepare the notes that the audio thread asked for, between two blocks of an offline render.

    Control thread.
    """
    for slot in range(SLOTS + OWN_SLOTS):
        if load_acquire(memory.slot_state, slot) == SLOT_REQUESTED:
            _prepare_slot(memory, part, slot)


@native
def prepare_pushed(memory: Record, part: Record, first: int, end: int) -> None:
    """Prepare those notes among the events ``first`` to ``end`` of the ring that are marked as ``prepared``.

    They are to start in the very next block, and are not published yet.

    Control thread.
    """
    controls, tone = memory.control_scratch.controls, memory.control_scratch.tone
    _copy_controls(memory, part)
    when = load_acquire(memory.words, words.NEXT_BLOCK)
    for place in range(load_acquire(memory.words, words.RING_READ), end):
        event = memory.ring[place % RING]
        if event.when <= when:
            apply_ahead(memory, controls, event, when)
    for place in range(first, end):
        event = memory.ring[place % RING]
        if not event.prepared:
            continue
        _begin_note(memory, controls, tone, event, when)
        for later in range(place + 1, end):
            other = memory.ring[later % RING]
            if other.when <= when:
                _take_offset(tone.offsets, event, other, when)
        slot = memory.slots[event.slot]
        memory.prepared_count += 1
        slot.noise_seed = noise_seed(memory.prepared_count)
        tone.seed = slot.noise_seed
        find_onset(controls, memory.gestures, slot, event.kind == ev.GATE, tone, when)
        _prepare_slot(memory, part, event.slot)
