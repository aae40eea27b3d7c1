"""Dated events that wait for their sample, in order of time."""

from __future__ import annotations

import numba as nb

from .memory import RING

NOTHING = 0  # kind of an event that was taken back


@nb.njit(error_model="numpy", cache=True)
def pending(memory, place):
    """The waiting event at a place: 0 is the next one."""
    return memory.pending[(memory.pending_first + place) % RING]


@nb.njit(error_model="numpy", cache=True)
def wait(memory, event):
    """Put a dated event in its place among those that wait; returns how many had to move."""
    place = memory.pending_count
    while place > 0 and pending(memory, place - 1).when > event.when:
        _copy_event(pending(memory, place), pending(memory, place - 1))
        place -= 1
    _copy_event(pending(memory, place), event)
    memory.pending_count += 1
    return memory.pending_count - place


@nb.njit(error_model="numpy", cache=True)
def _copy_event(to, source):
    to.kind = source.kind
    to.index = source.index
    to.when = source.when
    to.number = source.number
    to.a = source.a
    to.b = source.b
    to.slot = source.slot
    to.prepared = source.prepared


@nb.njit(error_model="numpy", cache=True)
def cut_at(memory, when):
    """Let a stretch of rendering begin at a sample, where something may begin to sound."""
    if memory.pending_count < RING:
        memory.cut.kind = NOTHING
        memory.cut.when = when
        memory.cut.slot = -1
        wait(memory, memory.cut)
