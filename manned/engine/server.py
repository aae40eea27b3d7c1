"""The decode thread: serves the mailboxes of voices and the slots of notes."""

from __future__ import annotations

import numba as nb
from numba import types

from .atomics import load_acquire, store_release
from .decode import fill_input, run_layers, take_spectrum
from .memory import (
    BATCH,
    HANDOVERS,
    MAIL_READY,
    MAIL_REQUESTED,
    SHARED,
    SLOT_READY,
    SLOT_REQUESTED,
    SLOTS,
    VOICES,
    WORD_MODEL,
    WORD_MODEL_SEEN,
    WORD_STOP,
)
from .synthesis import start_stream

semaphore_wait = types.ExternalFunction("sem_wait", types.int32(types.int64))
semaphore_post = types.ExternalFunction("sem_post", types.int32(types.int64))


@nb.njit(error_model="numpy", cache=True)
def serve(memory):
    """Decode everything that is asked for; notes about to start first.  True when there was something."""
    generation = load_acquire(memory.words, WORD_MODEL)
    model = memory.models[generation % 2]
    rows = memory.decode_rows
    served = False
    count = 0
    for slot in range(SLOTS + HANDOVERS):
        if count < BATCH and load_acquire(memory.slot_state, slot) == SLOT_REQUESTED:
            fill_input(model, memory.slots[slot].request, rows, count)
            memory.batch[count] = slot
            count += 1
    if count > 0:
        served = True
        half = run_layers(model, rows, count)
        for row in range(count):
            slot = memory.batch[row]
            entry = memory.slots[slot]
            take_spectrum(model, rows, half, row, entry.request)
            start_stream(memory, entry, memory.decode_scratch)
            entry.request.model = generation  # perhaps not the one that was asked for
            store_release(memory.slot_state, slot, SLOT_READY)
    count = 0
    for voice in range(VOICES):
        if count < BATCH and load_acquire(memory.mail_state, voice) == MAIL_REQUESTED:
            fill_input(model, memory.mail[voice], rows, count)
            memory.batch[count] = voice
            count += 1
    if count > 0:
        served = True
        half = run_layers(model, rows, count)
        for row in range(count):
            voice = memory.batch[row]
            take_spectrum(model, rows, half, row, memory.mail[voice])
            memory.mail[voice].model = generation
            store_release(memory.mail_state, voice, MAIL_READY)
    store_release(memory.words, WORD_MODEL_SEEN, generation)
    return served


@nb.njit(types.void(SHARED), error_model="numpy", nogil=True, cache=True)
def serve_all(shared):
    """Serve until nothing more is asked for: the decode thread's work, done in place by an offline render."""
    while serve(shared[0]):
        pass


@nb.njit(types.void(SHARED), error_model="numpy", nogil=True, cache=True)
def serve_forever(shared):
    """The decode thread.  Sleeps on the semaphore; ends when ``WORD_STOP`` is set."""
    memory = shared[0]
    while load_acquire(memory.words, WORD_STOP) == 0:
        semaphore_wait(memory.semaphore_address)
        while serve(memory):
            pass


@nb.njit(types.void(SHARED, types.int64), error_model="numpy", cache=True)
def prepare_slot(shared, slot):
    """Prepare one note in the control thread, so that it can start in the very next block."""
    memory = shared[0]
    entry = memory.slots[slot]
    model = memory.models[memory.words[WORD_MODEL] % 2]
    rows = memory.prepare_rows
    fill_input(model, entry.request, rows, 0)
    half = run_layers(model, rows, 1)
    take_spectrum(model, rows, half, 0, entry.request)
    start_stream(memory, entry, memory.control_scratch)
    store_release(memory.slot_state, slot, SLOT_READY)
