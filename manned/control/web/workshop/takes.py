"""Takes: what ``/record`` kept in its folder, to be listed, fetched and deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .... import files
from ....errors import AudioError, WorkshopError
from ....sound_file import open_sound
from ...recordings import Recordings

KINDS = {".wav": "audio/wav", ".flac": "audio/flac", ".ogg": "audio/ogg", ".w64": "application/octet-stream"}
"""Content types of what is recorded, by suffix."""


class Takes:
    """The takes of one folder.  Any thread; looking takes a while.

    Parameters
    ----------
    folder : Path
    recordings : Recordings, optional
        Tells which one is being recorded.
    """

    def __init__(self, folder: Path, recordings: Recordings | None = None):
        self._folder = folder
        self._recordings = recordings
        self._seconds: dict[tuple[str, int, int], float] = {}

    def told(self) -> list[dict[str, Any]]:
        """Name, bytes, time, length and whether it is being recorded of every take, the newest first."""
        return sorted(map(self._one, self._paths()), key=lambda take: -take["time"])

    def find(self, name: str) -> Path:
        """The file of a take; a `WorkshopError` for a name that none has."""
        for path in self._paths():
            if files.shown(path.name) == name:
                return path
        raise WorkshopError(f"take {name[:64]!r}: there is none of that name")

    def delete(self, name: str) -> None:
        """Delete a take; a `WorkshopError` when it is being recorded or cannot be deleted."""
        path = self.find(name)
        if self._going() == name:
            raise WorkshopError(f"take {name!r}: is being recorded, end that first")
        try:
            path.unlink()
        except OSError as error:
            raise WorkshopError(f"take {name!r}: cannot be deleted ({error.strerror})") from None

    def _paths(self) -> list[Path]:
        return [path for path in files.entries(self._folder) if files.has_suffix(path, KINDS) and path.name[0] != "."]

    def _going(self) -> str:
        on, name = self._recordings.state if self._recordings is not None else (False, "")
        return name if on else ""

    def _one(self, path: Path) -> dict[str, Any]:
        name = files.shown(path.name)
        try:
            found = path.stat()
        except OSError:
            return {"name": name, "bytes": 0, "time": 0, "seconds": 0.0, "going": False}
        going = self._going() == name
        key = (name, found.st_size, found.st_mtime_ns)
        if key not in self._seconds and not going:
            self._seconds[key] = _length(path)
        seconds = self._seconds.get(key, 0.0)
        return {"name": name, "bytes": found.st_size, "time": found.st_mtime, "seconds": seconds, "going": going}


def kind_of(path: Path) -> str:
    """The content type of a take."""
    return next(kind for suffix, kind in KINDS.items() if files.has_suffix(path, suffix))


def _length(path: Path) -> float:
    try:
        with open_sound(path) as sound:
            return round(sound.seconds, 2)
    except AudioError:
        return 0.0
