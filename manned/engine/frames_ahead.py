"""Frames that the decode thread found ahead, for the hops of the next block (see `manned.engine.next_block`).

They lie in two lists that are filled by turns, one for each block.  A voice that asks for a
frame looks whether the very same question was answered already.  So nothing that was foreseen
wrongly is ever heard.
"""

from __future__ import annotations

import numpy as np

from . import words
from .atomics import load_acquire, store_release
from .decode import REQUEST
from .native import native
from .question import same_question
from .record import Record

FRAMES_AHEAD = 512  # in one block, of all voices together

AHEAD = np.dtype([("keys", "f8", FRAMES_AHEAD), ("frames", REQUEST, FRAMES_AHEAD)], align=True)

# States of a voice's mailbox.
MAIL_EMPTY = 0
MAIL_REQUESTED = 1
MAIL_READY = 2


@native
def question_key(question: Record, count: int) -> float:
    """A number that is the same for the same questions, and hardly ever for others."""
    key = question.pitch_hz + question.tilt
    for i in range(count):
        key = key * 1.6180339887 + question.latents[i]
    return key


@native
def find_frame(ahead: Record, length: int, question: Record, count: int) -> int:
    """Place of the answer to a question in the first ``length`` frames of a list, or -1."""
    key = question_key(question, count)
    for place in range(length):
        if ahead.keys[place] == key and same_question(ahead.frames[place].question, question, count):
            return place
    return -1


@native
def take_frame_ahead(memory: Record, part: Record, index: int, count: int) -> bool:
    """Put the answer to what a voice asks into its mailbox, if it was found ahead.

    Audio thread: no locks, no allocation, no Python objects.
    """
    block = memory.foreseen
    if block < 0:
        return False
    turn = block % 2
    if load_acquire(part.words, words.AHEAD_BLOCK + turn) != block:
        return False
    ahead = part.ahead[turn]
    place = find_frame(ahead, load_acquire(part.words, words.AHEAD_COUNT + turn), part.mail[index].question, count)
    if place < 0:
        return False
    part.mail[index] = ahead.frames[place]
    store_release(part.mail_state, index, MAIL_READY)
    return True
