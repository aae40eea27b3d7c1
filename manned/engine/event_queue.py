"""Events on their way: the ring from the control thread, and dated ones that wait, in order of time."""

from __future__ import annotations

import numpy as np

from .native import native
from .record import Record

EVENT = np.dtype(
    [
        ("kind", "i4"),
        ("index", "i4"),
        ("when", "i8"),
        ("number", "i8"),  # in the order of pushing
        ("a", "f8"),
        ("b", "f8"),
        ("member", "i4"),  # of a unison
        ("members", "i4"),
        ("slot", "i4"),  # of the note that it starts, or -1
        ("prepared", "i4"),  # whether the slot's note was prepared or asked for
    ],
    align=True,
)

RING = 4096
NOTHING = 0  # kind of an event that was taken back
NEVER = np.int64(1 << 62)


@native
def pending(memory: Record, place: int) -> Record:
    """The waiting event at a place: 0 is the next one."""
    return memory.pending[(memory.pending_first + place) % RING]


@native
def wait(memory: Record, event: Record) -> int:
    """Put a dated event in its place among those that wait; returns how many had to move."""
    first, place = memory.pending_first, memory.pending_count
    while place > 0 and pending(memory, place - 1).when > event.when:
        memory.pending[(first + place) % RING] = memory.pending[(first + place - 1) % RING]
        place -= 1
    memory.pending[(first + place) % RING] = event
    memory.pending_count += 1
    return memory.pending_count - place


@native
def cut_at(memory: Record, when: int) -> None:
    """Let a stretch of rendering begin at a sample, where something may begin to sound."""
    if memory.pending_count < RING:
        memory.cut.kind = NOTHING
        memory.cut.when = when
        memory.cut.slot = -1
        wait(memory, memory.cut)
