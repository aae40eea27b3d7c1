"""Recordings that are begun and ended while it plays, as files of one folder."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .. import files
from ..errors import AudioError
from .recorder import Recorder
from .shared_tap import SharedTap
from .sound_writer import SUBTYPES

SUFFIX = ".wav"
"""Of a name without one."""
MOST_FILES = 1000
"""In the folder; whoever reaches the OSC port may begin recordings, but not without end."""


class Recordings:
    """The recording of what is heard: one at a time.  Any thread.

    Parameters
    ----------
    tap : SharedTap
        What is recorded.
    folder : path
        Where they lie; it is made when the first one is begun.  A name never leads out of it.
    now : callable() -> int, optional
        The audio sample that is played next.

    Attributes
    ----------
    started : int
        Audio sample that the latest recording begins with.
    """

    def __init__(self, tap: SharedTap, folder: Path, now: Callable[[], int] = lambda: 0):
        self._now = now
        self.started = 0
        self._tap = tap
        self._folder = folder
        self._recorder: Recorder | None = None
        self._lock = threading.Lock()

    @property
    def state(self) -> tuple[bool, str]:
        """Whether it records, and the name of the file; empty where there is none."""
        recorder = self._recorder
        return (False, "") if recorder is None or recorder.problem else (True, files.shown(recorder.path.name))

    @property
    def path(self) -> Path | None:
        """The file that is recorded to; None where there is none."""
        recorder = self._recorder
        return None if recorder is None or recorder.problem else recorder.path

    @property
    def problem(self) -> str:
        """Why a recording ended early, for people; empty while all is well."""
        recorder = self._recorder
        return "" if recorder is None else recorder.problem

    def status(self) -> dict[str, Any]:
        """The file, and what went wrong."""
        recorder = self._recorder
        return {} if recorder is None else recorder.status()

    def begin(self, name: str = "") -> str:
        """Begin a recording and return the name of its file.

        One that goes on already is let be, unless another name is asked for.

        Parameters
        ----------
        name : str
            With a suffix of `SUBTYPES` or without one; empty takes date and time.  A file that
            exists is kept: the new one gets a number.

        Raises
        ------
        AudioError
            When the name is no name, another one is being recorded, or the file cannot be made.
        """
        with self._lock:
            on, current = self.state
            if on and name:
                raise AudioError(f"recording: it goes to {current} already, /record 0 ends that")
            if not on:
                self._end()
                self._begin(self._path(name))
        return self.state[1]

    def begin_at(self, path: str | Path) -> None:
        """Begin a recording in any file, which the settings name; raises `AudioError`."""
        with self._lock:
            self._begin(Path(path))

    def end(self) -> str:
        """Write what is left, close the file and return its name; empty when there was none."""
        with self._lock:
            name = self.state[1]
            self._end()
        return name

    def _begin(self, path: Path) -> None:
        recorder = Recorder(self._tap.reader(), path)
        self.started = self._now()
        recorder.start()
        self._recorder = recorder

    def _end(self) -> None:
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            recorder.stop()

    def _path(self, name: str) -> Path:
        """The file of a name, in the folder, which is made."""
        stem, suffix = name or time.strftime("%Y-%m-%d %H-%M-%S"), SUFFIX
        for known in SUBTYPES:
            if files.has_suffix(stem, known):
                stem, suffix = stem[: -len(known)], known
        proper = files.proper_name(stem)
        if proper is None:
            suffixes = ", ".join(SUBTYPES)
            raise AudioError(f"recording {name[:64]!r}: no name, allowed are {files.NAMES_ALLOWED}, then {suffixes}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise AudioError(f"recordings {self._folder}: cannot be made ({error.strerror})") from None
        if sum(files.has_suffix(path, SUBTYPES) for path in files.entries(self._folder)) >= MOST_FILES:
            raise AudioError(f"recordings {self._folder}: there are {MOST_FILES} files already, no more are begun")
        return self._folder / (proper + suffix)
