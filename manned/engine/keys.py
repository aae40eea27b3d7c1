"""The keys that are held in mono and legato mode, oldest first.

They lie in the engine because keys go down and up at audio samples, dated ones
too; whoever plays them, OSC or MIDI, they are one stack.
"""

from __future__ import annotations

import numba as nb

from .memory import KEYS


@nb.njit(error_model="numpy", cache=True)
def push_key(memory, note_id, pitch, velocity):
    """Put a key on top; of too many, the oldest is forgotten."""
    if memory.key_count == KEYS:
        remove_key(memory, 0)
    key = memory.keys[memory.key_count]
    key.note_id = note_id
    key.pitch = pitch
    key.velocity = velocity
    key.bend = 0.0
    key.pressure = 1.0
    memory.key_count += 1


@nb.njit(error_model="numpy", cache=True)
def find_key(memory, note_id):
    """Place of a note's key, or -1."""
    for place in range(memory.key_count):
        if memory.keys[place].note_id == note_id:
            return place
    return -1


@nb.njit(error_model="numpy", cache=True)
def remove_key(memory, place):
    """Take a key out of the stack."""
    memory.key_count -= 1
    for k in range(place, memory.key_count):
        memory.keys[k] = memory.keys[k + 1]
