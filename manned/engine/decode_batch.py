"""Decoding all that is asked for, in batches: notes about to start first, then the voices that sound."""

from __future__ import annotations

import numpy as np

from . import words
from .atomics import load_acquire, store_release
from .decode import HARMONIC_KIND, STRIDE, fill_input, run_layers, take_spectrum
from .frames_ahead import MAIL_READY, MAIL_REQUESTED
from .harmonic_frame import take_harmonic_frame
from .native import native
from .record import Record
from .sizes import VOICES
from .slots import OWN_SLOTS, SLOT_READY, SLOT_REQUESTED, SLOTS
from .synthesis import finish_frame, finish_harmonic_frame, start_stream
from .waiting import BESIDE

BATCH = 64


@native
def take_frame(
    model: Record, tables: Record, rows: np.ndarray, half: int, row: int, request: Record, peaks: Record
) -> None:
    """Copy a decoded row into its request and make it a frame to play."""
    if model.kind == HARMONIC_KIND:
        take_harmonic_frame(model, tables.lobe, rows[half], row * STRIDE, request)
        finish_harmonic_frame(request)
    else:
        take_spectrum(model, rows, half, row, request)
        finish_frame(request, peaks)


@native
def serve(memory: Record, part: Record) -> bool:
    """Decode everything that is asked for; notes about to start first.  True when there was something."""
    generation = load_acquire(part.words, words.MODEL)
    model = part.models[generation % 2]
    rows, batch = memory.decode.rows, memory.decode.batch
    served = False
    count = 0
    slots = 0 if memory.live == BESIDE else SLOTS + OWN_SLOTS
    for slot in range(slots):
        if count < BATCH and load_acquire(memory.slot_state, slot) == SLOT_REQUESTED:
            fill_input(model, memory.slots[slot].request.question, rows, count)
            batch[count] = slot
            count += 1
    if count > 0:
        served = True
        half = run_layers(model, rows, count)
        for row in range(count):
            slot = batch[row]
            entry = memory.slots[slot]
            take_frame(model, memory.tables, rows, half, row, entry.request, memory.decode_scratch.peaks)
            start_stream(memory.tables, entry, memory.decode_scratch, memory.samplerate)
            entry.request.question.model = generation  # perhaps not the one that was asked for
            store_release(memory.slot_state, slot, SLOT_READY)
    count = 0
    for voice in range(VOICES):
        if count < BATCH and load_acquire(part.mail_state, voice) == MAIL_REQUESTED:
            fill_input(model, part.mail[voice].question, rows, count)
            batch[count] = voice
            count += 1
    if count > 0:
        served = True
        half = run_layers(model, rows, count)
        for row in range(count):
            voice = batch[row]
            take_frame(model, memory.tables, rows, half, row, part.mail[voice], memory.decode_scratch.peaks)
            part.mail[voice].question.model = generation
            store_release(part.mail_state, voice, MAIL_READY)
    store_release(part.words, words.MODEL_SEEN, generation)
    return served
