"""Events in the audio thread: taking them from the ring and carrying them out.

What an event sets is `manned.engine.controls`; here is what the voices do about it.
"""

from __future__ import annotations

from .. import events as ev
from . import words
from .atomics import load_acquire, store_release
from .controls import apply_event
from .event_queue import NEVER, RING, pending, wait
from .mixer import hush_effects
from .native import native
from .notes import (
    bend_or_press,
    cancel,
    change_gesture,
    lift_key,
    offset_note,
    release,
    retune_drone,
    set_gate,
    silence,
    start_note,
    take_up_mode,
    take_up_polyphony,
)
from .record import Record
from .sizes import VOICES
from .slots import free_slot

MOVES = 4096  # of waiting events in one block


@native
def take_events(memory: Record, part: Record, now: int) -> None:
    """Empty the ring: events that are due are carried out, dated ones are put in order to wait.

    When putting them in order takes too long, the rest is left for the next block.

    Audio thread: no locks, no allocation, no Python objects.
    """
    write = load_acquire(memory.words, words.RING_WRITE)
    read = memory.words[words.RING_READ]
    moves = 0
    while read < write:
        event = memory.ring[read % RING]
        if event.when <= now:
            carry_out(memory, part, event, now)
        elif moves > MOVES:
            break
        elif memory.pending_count < RING:
            moves += wait(memory, event)
        else:
            memory.figures.dropped_events += 1
            free_slot(memory, event.slot)
        read += 1
    store_release(memory.words, words.RING_READ, read)


@native
def due_events(memory: Record, part: Record, now: int) -> int:
    """Carry out the waiting events dated ``now`` or before; returns the sample of the next one.

    Audio thread: no locks, no allocation, no Python objects.
    """
    while memory.pending_count > 0 and pending(memory, 0).when <= now:
        event = pending(memory, 0)
        memory.pending_first += 1
        memory.pending_count -= 1
        carry_out(memory, part, event, now)
    return pending(memory, 0).when if memory.pending_count > 0 else NEVER


@native
def carry_out(memory: Record, part: Record, event: Record, now: int) -> None:
    """Let one event take effect at sample ``now``.

    Audio thread: no locks, no allocation, no Python objects.
    """
    store_release(memory.words, words.CONTROLS, memory.words[words.CONTROLS] + 1)
    apply_event(part.controls, event, now, memory.samplerate)
    store_release(memory.words, words.CONTROLS, memory.words[words.CONTROLS] + 1)
    kind = event.kind
    if kind == ev.NOTE_ON:
        start_note(memory, part, event, now)
    elif kind == ev.NOTE_OFF:
        cancel(memory, ev.NOTE_ON, event.index, event.number)
        if not lift_key(memory, part, event.index, now):
            for index in range(1, VOICES):
                voice = part.voices[index]
                if voice.note_id == event.index:
                    release(memory, part, voice, now)
    elif kind == ev.GATE:
        set_gate(memory, part, event, now)
    elif kind == ev.NOTE_LATENT:
        offset_note(memory, part, event, now)
    elif kind == ev.NOTE_PITCH or kind == ev.NOTE_PRESSURE:
        bend_or_press(memory, part, event, now)
    elif kind == ev.ALL_NOTES_OFF:
        cancel(memory, ev.NOTE_ON, -1, event.number)
        part.key_count = 0
        for index in range(VOICES):
            release(memory, part, part.voices[index], now)
    elif kind == ev.ALL_SOUND_OFF:
        cancel(memory, ev.NOTE_ON, -1, event.number)
        part.key_count = 0
        for index in range(VOICES):
            silence(memory, part, part.voices[index], now)
        hush_effects(memory, now)
    elif kind == ev.CHROMA or kind == ev.CHROMA_WEIGHT or kind == ev.OCTAVE or kind == ev.DRONE_TUNING:
        retune_drone(memory, part, now)
    elif kind == ev.GESTURE:
        change_gesture(memory, part, now)
    elif kind == ev.CONTROL:
        take_up_mode(memory, part, now)
        take_up_polyphony(memory, part, now)
