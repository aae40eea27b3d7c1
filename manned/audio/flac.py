"""The length that a FLAC file says it has, while it is being written."""

from __future__ import annotations

import os
from pathlib import Path

BLOCK = 4096
"""Frames that libFLAC packs together."""

_PLACE, _BITS = 18, 36
"""Where STREAMINFO keeps rate, channels, sample size and length in 64 bits, and bits of the length, which are the last
(RFC 9639, section 8.2)."""


def tell_flac_length(path: Path, frames: int) -> None:
    """Have a file that is being written say how long it is by now; its writer says so only when it closes it.

    Many programs cannot read a file that does not say it, and a process that is killed never does.

    Parameters
    ----------
    path : path
    frames : int
        Written so far; those of a block that is not full are still in memory.

    Raises
    ------
    OSError
    """
    handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        stored = int.from_bytes(os.pread(handle, 8, _PLACE), "big")
        length = max(frames - 1, 0) // BLOCK * BLOCK
        os.pwrite(handle, (stored >> _BITS << _BITS | length).to_bytes(8, "big"), _PLACE)
    finally:
        os.close(handle)
