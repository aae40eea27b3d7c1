"""WAV files that can be read at any moment while they are written, also after the writer was killed."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_PCM = 1
_BYTES = 4  # of a sample
MOST_BYTES = 2**32 - 1
"""Size at which a WAV file ends, since its header counts in 32 bits."""


class WavWriter:
    """A WAV file of 32-bit whole numbers, whose header is right after every write.

    Whole numbers, since every program reads them, Python's `wave` among them, which
    refuses floats.  Full scale is 2**31: what is louder than -48 dB is kept to the
    bit, and below that the error is at most 2**-32, or -193 dB.

    Parameters
    ----------
    path : path
        It must not exist.
    samplerate : int
        Hertz.
    channels : int
    most_bytes : int
        The largest size of the file.

    Attributes
    ----------
    room : int
        Frames for which there is room.

    Raises
    ------
    OSError
        When the file cannot be made.
    """

    def __init__(self, path: Path, samplerate: int, channels: int, most_bytes: int = MOST_BYTES):
        self.frames = 0
        self._samplerate = samplerate
        self._channels = channels
        self._frame_bytes = _BYTES * channels
        self._most_frames = (most_bytes - _HEADER.size) // self._frame_bytes
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        try:
            self._write_header()
        except OSError:
            os.close(self._handle)
            path.unlink()
            raise

    @property
    def room(self) -> int:
        """Frames for which there is room."""
        return self._most_frames - self.frames

    def write(self, block: np.ndarray) -> None:
        """Write a block: float32 [shape=(frames, channels)], full scale ±1, with at most `room` frames.

        Raises
        ------
        OSError
            When the disk is full, e.g.; then the file ends with the last whole frame that was written.
        """
        scaled = np.rint(block.astype(np.float64) * 2.0**31)
        data = memoryview(np.clip(scaled, -(2.0**31), 2.0**31 - 1).astype("<i4").tobytes())
        start = _HEADER.size + self.frames * self._frame_bytes
        done = 0
        try:
            while done < len(data):
                done += os.pwrite(self._handle, data[done:], start + done)
        finally:
            self.frames += done // self._frame_bytes
            self._write_header()

    def flush(self) -> None:
        """Bring the file to the disk."""
        os.fsync(self._handle)

    def close(self) -> None:
        """Close it, without the rest of a frame that was not written whole."""
        try:
            os.ftruncate(self._handle, _HEADER.size + self.frames * self._frame_bytes)
        finally:
            os.close(self._handle)

    def _write_header(self) -> None:
        """44 bytes, in one write, so that there is never a header of two minds."""
        data_bytes = self.frames * self._frame_bytes
        header = _HEADER.pack(
            b"RIFF", _HEADER.size - 8 + data_bytes, b"WAVE",
            b"fmt ", 16, _PCM, self._channels, self._samplerate, self._samplerate * self._frame_bytes,
            self._frame_bytes, 8 * _BYTES,
            b"data", data_bytes,
        )  # fmt: skip
        os.pwrite(self._handle, header, 0)
