"""Atomic words from Python's side."""

from __future__ import annotations

import numba as nb

from .atomics import load_acquire, store_release


@nb.njit("int64(int64[::1], int64)", cache=True)
def read_word(words, index):
    """Acquire load of one word."""
    return load_acquire(words, index)


@nb.njit("void(int64[::1], int64, int64)", cache=True)
def write_word(words, index, value):
    """Release store of one word."""
    store_release(words, index, value)
