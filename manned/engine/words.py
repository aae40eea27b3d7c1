"""Atomic words between the threads: their places, the one thread that writes each, and access from Python.

A word is one aligned int64.  Who writes it stores with release order, who reads it
loads with acquire order, so that what was written before the store is seen after the load.
"""

from __future__ import annotations

import numpy as np

from .atomics import load_acquire, store_release
from .native import native

# Indices into ``memory.words``; the comment names the thread that writes.
RING_WRITE = 0  # control: events put into the ring
RING_READ = 1  # audio: events taken from the ring
TAP_WRITE = 2  # audio: frames put into the tap
TAP_READ = 3  # the recorder: frames taken from the tap
TAP_ON = 4  # control: 1 while somebody wants the tap
STOP = 5  # control: 1 ends the decode thread
CLOCK = 6  # audio: samples rendered
BLOCKS = 7  # audio: callbacks
FADE_OUT = 8  # control: 1 asks the audio thread to fade to silence
TIMING = 9  # audio: odd while the time of a block is written
PEAKS_ASKED = 10  # control: how often the peaks were asked for; audio starts new ones
NEXT_BLOCK = 11  # audio: the sample at which events that are pushed now take effect
CONTROLS = 12  # audio: odd while an event changes the controls
FORESEEN = 13  # audio: blocks that were told ahead of
LONG_BLOCKS = 14  # audio: 1 while blocks are so long that they are told ahead
WORDS = 16

# Indices into ``part.words``.
MODEL = 0  # control: how many models were loaded; the last one plays, and lies in `models` by turns
MODEL_SEEN = 1  # decode: the same, as of its last round
AHEAD_BLOCK = 2  # decode: the block of which each of two lists of frames is
AHEAD_COUNT = 4  # decode: frames in each of them
PART_WORDS = 8


@native("int64(int64[::1], int64)")
def read_word(words: np.ndarray, index: int) -> int:
    """Acquire load of one word."""
    return load_acquire(words, index)


@native("void(int64[::1], int64, int64)")
def write_word(words: np.ndarray, index: int, value: int) -> None:
    """Release store of one word."""
    store_release(words, index, value)
