"""What libsndfile writes: the formats by their suffixes, and why something cannot be written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import soundfile

from .wav import MOST_BYTES

SUBTYPES = {".wav": "FLOAT", ".w64": "FLOAT", ".flac": "PCM_24", ".ogg": "VORBIS"}
"""Sample formats by the suffix of a file."""

FULL_BYTES = 1 << 16
"""A disk with less room than this counts as full, where libsndfile does not tell why it cannot write."""

_HEADER_BYTES = 1024
"""More than any header has."""


def open_for_writing(
    path: Path, samplerate: int, channels: int, most_frames: int = 0, most_bytes: int = MOST_BYTES
) -> soundfile.SoundFile:
    """Begin a sound file, whose format is that of its suffix.

    Parameters
    ----------
    path : path
        Its suffix is one of `SUBTYPES`, in upper or lower case.
    samplerate : int
        Hertz.
    channels : int
    most_frames : int
        How long it may become.  A ``.wav`` for which that is too long is an RF64 file.
    most_bytes : int
        The largest size of a ``.wav`` that is none.

    Raises
    ------
    OSError, soundfile.SoundFileError
        See `why_not_written`.
    """
    suffix = path.suffix.lower()
    large = _HEADER_BYTES + 4 * channels * most_frames > most_bytes
    return soundfile.SoundFile(
        os.fsencode(path),  # type: ignore[arg-type]  # since soundfile fails on names that are no UTF-8
        "w",
        samplerate,
        channels,
        SUBTYPES[suffix],
        format="RF64" if suffix == ".wav" and large else None,
    )


def why_not_written(error: Exception, path: Path) -> str:
    """Why a file cannot be written, for people."""
    if not path.parent.is_dir():
        return f"no such folder as {path.parent}"
    number = error.errno if isinstance(error, OSError) else None
    if isinstance(error, soundfile.SoundFileError):  # libsndfile calls every error of the system just that
        space = os.statvfs(path.parent)
        if space.f_bavail * space.f_frsize < FULL_BYTES:
            number = errno.ENOSPC
    if number == errno.ENOSPC:
        return "the disk is full"
    return str(getattr(error, "strerror", None) or error)
