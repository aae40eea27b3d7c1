"""What is heard, into a sound file, while it is played."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import soundfile

from ..errors import AudioError
from .flac import tell_flac_length
from .sound_writer import SUBTYPES, open_for_writing, why_not_written
from .wav import MOST_BYTES, WavWriter

log = logging.getLogger(__name__)

PERIOD_S = 0.05
FLUSH_S = 1.0


class Tap(Protocol):
    """What is recorded: the engine, which keeps what it played last.

    Attributes
    ----------
    samplerate : float
        Hertz.
    channels : int
    """

    samplerate: float
    channels: int

    def tap_start(self) -> None:
        """Begin to keep what is played."""

    def tap_read(self) -> np.ndarray:
        """What was played since the last call: float32 [shape=(frames, channels)]."""
        ...

    def tap_stop(self) -> None:
        """Stop keeping it."""

    @property
    def tap_lost(self) -> int:
        """Frames that `tap_read` came too late for."""
        ...


class _Writer(Protocol):
    """A file that is being recorded to."""

    @property
    def room(self) -> int: ...
    def write(self, block: np.ndarray) -> None: ...
    def flush(self) -> None: ...
    def close(self) -> None: ...


class Recorder:
    """Writes the engine's output to a file from a thread of its own, never from the audio thread.

    The file can be read at any moment, also after the program was killed: a ``.wav``
    up to the last block, the others up to the last second.  A file that exists is
    never overwritten: ``take.wav`` becomes ``take-2.wav``.  In the same way the
    recording goes on in a next file when a ``.wav`` ends at 4 GiB.

    Parameters
    ----------
    engine : Tap
        Its tap is read here and by nobody else.
    path : str or path
        The suffix chooses the format: ``.wav`` (32-bit whole numbers), ``.w64``
        (32-bit float), ``.flac`` (24 bit), ``.ogg`` (Vorbis).
    most_bytes : int
        The largest size of a ``.wav``.

    Attributes
    ----------
    path : Path
        The file that is written now.
    files : int
        How many were begun.
    frames : int
        Written so far, to all of them.
    problem : str
        Why the recording ended early; empty while all is well.

    Raises
    ------
    AudioError
        When the suffix is unknown or the file cannot be made.
    """

    def __init__(self, engine: Tap, path: str | os.PathLike[str], most_bytes: int = MOST_BYTES):
        self._wanted = Path(path)
        if self._wanted.suffix.lower() not in SUBTYPES:
            suffixes = ", ".join(SUBTYPES)
            raise AudioError(f"recording {self._wanted}: its suffix is {self._wanted.suffix!r}, allowed are {suffixes}")
        self.files = 0
        self.frames = 0
        self.problem = ""
        self._engine = engine
        self._most_bytes = most_bytes
        self._lost_said = 0
        try:
            self._file = self._next_file()
        except (soundfile.SoundFileError, OSError) as error:
            raise AudioError(
                f"recording {self.path}: cannot be written ({why_not_written(error, self.path)})"
            ) from None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    @property
    def lost(self) -> int:
        """Frames that were played and are missing in the file, because the disk was too slow."""
        return self._engine.tap_lost

    def status(self) -> dict[str, Any]:
        """What is recorded to, and what went wrong, as plain values."""
        values = {
            "recording": str(self.path),
            "recording_files": self.files,
            "recording_failed": bool(self.problem),
            "recording_lost_frames": self.lost,
        }
        if self.problem:
            values["recording_problem"] = self.problem
        return values

    def start(self) -> None:
        """Record from the next block on."""
        self._engine.tap_start()
        self._thread.start()
        log.info("recording to %s", self.path)

    def stop(self) -> None:
        """Write what is left and close the file."""
        self._stopping.set()
        self._thread.join()
        log.info("recorded %.1f s to %s", self._seconds(), self.path)

    def _run(self) -> None:
        until_flush = 0
        try:
            while not self._stopping.wait(PERIOD_S):
                self._write(self._engine.tap_read())
                until_flush += 1
                if until_flush * PERIOD_S >= FLUSH_S:
                    self._file.flush()
                    until_flush = 0
            self._write(self._engine.tap_read())
            self._file.close()
        except (soundfile.SoundFileError, OSError) as error:
            self.problem = f"stopped after {self._seconds():.1f} s, {why_not_written(error, self.path)}"
            log.error("recording %s: %s", self.path, self.problem)
            with contextlib.suppress(soundfile.SoundFileError, OSError):
                self._file.close()
        finally:
            self._engine.tap_stop()

    def _write(self, block: np.ndarray) -> None:
        while len(block) > self._file.room:
            room = self._file.room
            self._write_some(block[:room])
            block = block[room:]
            self._file.close()
            former = self.path
            self._file = self._next_file()
            log.warning("recording %s: it is as large as its format allows, going on in %s", former, self.path)
        self._write_some(block)
        if self.lost > self._lost_said:
            self._lost_said = self.lost
            log.warning(
                "recording %s: %d frames lost so far, they could not be written in time", self.path, self._lost_said
            )

    def _write_some(self, block: np.ndarray) -> None:
        self._file.write(block)
        self.frames += len(block)

    def _next_file(self) -> _Writer:
        self.path = _free(self._wanted)
        samplerate, channels = int(self._engine.samplerate), self._engine.channels
        if self.path.suffix.lower() == ".wav":
            file: _Writer = WavWriter(self.path, samplerate, channels, self._most_bytes)
        else:
            file = _SoundFileWriter(self.path, samplerate, channels)
        self.files += 1
        return file

    def _seconds(self) -> float:
        return self.frames / self._engine.samplerate


class _SoundFileWriter:
    """What libsndfile writes; formats without a limit of their size."""

    room = sys.maxsize

    def __init__(self, path: Path, samplerate: int, channels: int):
        self._path = path
        self._file = open_for_writing(path, samplerate, channels)
        self._frames = 0

    def write(self, block: np.ndarray) -> None:
        self._file.write(block)
        self._frames += len(block)

    def flush(self) -> None:
        self._file.flush()
        if self._file.format == "FLAC":
            tell_flac_length(self._path, self._frames)

    def close(self) -> None:
        self._file.close()


def _free(path: Path) -> Path:
    """A path that nothing is at: the one that is wanted, or its name with a number."""
    number = 1
    candidate = path
    while os.path.lexists(candidate):
        number += 1
        candidate = path.with_stem(f"{path.stem}-{number}")
    return candidate
