"""The decode thread, and the same work done in place by an offline render."""

from __future__ import annotations

from . import words
from .atomics import load_acquire
from .decode_batch import serve
from .native import native
from .next_block import look_ahead
from .record import Record
from .waiting import semaphore_wait


@native
def serve_all(memory: Record, part: Record) -> None:
    """Serve until nothing more is asked for: the decode thread's work, done in place by an offline render."""
    while serve(memory, part):
        pass


@native
def serve_forever(memory: Record, part: Record) -> None:
    """The decode thread.  Sleeps on the semaphore; ends when ``words.STOP`` is set."""
    while load_acquire(memory.words, words.STOP) == 0:
        semaphore_wait(memory.semaphore_address)
        while serve(memory, part) or look_ahead(memory, part):
            pass
