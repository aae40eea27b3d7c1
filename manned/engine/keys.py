"""The keys that are held in mono and legato mode, oldest first.

They lie in the engine because keys go down and up at audio samples, dated ones
too; whoever plays them, OSC or MIDI, they are one stack.
"""

from __future__ import annotations

import numpy as np

from .native import native
from .record import Record

KEYS = 128  # held at a time

KEY = np.dtype([("note_id", "i4"), ("pitch", "f8"), ("velocity", "f4"), ("bend", "f8"), ("pressure", "f8")], align=True)


@native
def push_key(part: Record, note_id: int, pitch: float, velocity: float) -> None:
    """Put a key on top; of too many, the oldest is forgotten."""
    if part.key_count == KEYS:
        remove_key(part, 0)
    key = part.keys[part.key_count]
    key.note_id = note_id
    key.pitch = pitch
    key.velocity = velocity
    key.bend = 0.0
    key.pressure = 1.0
    part.key_count += 1


@native
def find_key(part: Record, note_id: int) -> int:
    """Place of a note's key, or -1."""
    for place in range(part.key_count):
        if part.keys[place].note_id == note_id:
            return place
    return -1


@native
def remove_key(part: Record, place: int) -> None:
    """Take a key out of the stack."""
    part.key_count -= 1
    for k in range(place, part.key_count):
        part.keys[k] = part.keys[k + 1]
