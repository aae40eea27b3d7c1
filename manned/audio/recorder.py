"""What is heard, into a sound file, while it is played."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import soundfile

from ..errors import AudioError

log = logging.getLogger(__name__)

SUBTYPES = {".wav": "FLOAT", ".w64": "FLOAT", ".flac": "PCM_24", ".ogg": "VORBIS"}
PERIOD_S = 0.05
FLUSH_S = 1.0


class Recorder:
    """Writes the engine's output to a file from a thread of its own, never from the audio thread.

    The file is made whole about once a second, so that it can be read after a
    crash.  A file that exists is never overwritten: ``take.wav`` becomes
    ``take-2.wav``.

    Parameters
    ----------
    engine : manned.engine.Engine
        Its tap is read here and by nobody else.
    path : str or path
        The suffix chooses the format: ``.wav`` and ``.w64`` (32-bit float; a
        ``.wav`` ends at 4 GiB), ``.flac`` (24 bit), ``.ogg`` (Vorbis).

    Raises
    ------
    AudioError
        When the suffix is unknown or the file cannot be made.
    """

    def __init__(self, engine, path):
        path = Path(path)
        subtype = SUBTYPES.get(path.suffix.lower())
        if subtype is None:
            raise AudioError(f"recording {path}: its suffix is {path.suffix!r}, allowed are {', '.join(SUBTYPES)}")
        self.path = _free(path)
        self.frames = 0
        self._said = 0
        self.failed = False
        self._engine = engine
        try:
            self._file = soundfile.SoundFile(self.path, "w", int(engine.samplerate), engine.channels, subtype)
        except (soundfile.SoundFileError, OSError) as error:
            # libsndfile calls every error of the system just that.
            reason = error if self.path.parent.is_dir() else f"no such folder as {self.path.parent}"
            raise AudioError(f"recording {self.path}: cannot be written ({reason})") from None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    @property
    def lost(self) -> int:
        """Frames that were played and are missing in the file, because the disk was too slow."""
        return self._engine.tap_lost

    def start(self) -> None:
        """Record from the next block on."""
        self._engine.tap_start()
        self._thread.start()
        log.info("recording to %s", self.path)

    def stop(self) -> None:
        """Write what is left and close the file."""
        self._stopping.set()
        self._thread.join()
        log.info("recorded %.1f s to %s", self.frames / self._engine.samplerate, self.path)

    def _run(self) -> None:
        until_flush = 0
        try:
            with self._file:
                while not self._stopping.wait(PERIOD_S):
                    self._write()
                    until_flush += 1
                    if until_flush * PERIOD_S >= FLUSH_S:
                        self._file.flush()
                        until_flush = 0
                self._write()
        except (soundfile.SoundFileError, OSError) as error:
            self.failed = True
            log.error("recording %s: stopped after %d frames (%s)", self.path, self.frames, error)
        finally:
            self._engine.tap_stop()

    def _write(self) -> None:
        block = self._engine.tap_read()
        self._file.write(block)
        self.frames += len(block)
        if self.lost > self._said:
            self._said = self.lost
            log.warning("recording %s: %d frames lost so far, they could not be written in time", self.path, self._said)


def _free(path: Path) -> Path:
    number = 1
    candidate = path
    while candidate.exists():
        number += 1
        candidate = path.with_stem(f"{path.stem}-{number}")
    return candidate
