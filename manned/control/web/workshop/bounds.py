"""How much may be uploaded, and of what."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .... import files
from ....errors import WorkshopError

KINDS = {
    ".wav": (b"RIFF", b"RIFX", b"RF64"),
    ".flac": (b"fLaC", b"ID3"),
    ".ogg": (b"OggS",),
    ".oga": (b"OggS",),
    ".opus": (b"OggS",),
    ".mp3": (b"ID3", b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2"),
    ".aif": (b"FORM",),
    ".aiff": (b"FORM",),
    ".caf": (b"caff",),
    ".w64": (b"riff",),
}
"""Sound files that are taken, by suffix, with how they begin.  What is in them, a process of its own finds out."""

_MIB = 1 << 20
_OTHERS = re.compile(r"[^\w -]+")


@dataclass(frozen=True)
class Bounds:
    """Of uploads.

    Attributes
    ----------
    file_bytes, gesture_bytes : int
        Of one sound to learn from, and of a recording that becomes a gesture.
    all_bytes : int
        Of all sounds to learn from.
    files : int
        How many sounds there may be.
    spare_bytes : int
        What must stay free on the disk.
    visitors : int
        Pages that may be connected at a time.
    """

    file_bytes: int = 256 * _MIB
    gesture_bytes: int = 64 * _MIB
    all_bytes: int = 2048 * _MIB
    files: int = 500
    spare_bytes: int = 256 * _MIB
    visitors: int = 16

    def require_room(self, folder: Path, size: int) -> None:
        """Raise `WorkshopError` when a disk has no room for so many bytes."""
        try:
            free = shutil.disk_usage(folder).free
        except OSError as error:
            raise WorkshopError(f"upload: the disk cannot be asked for its room ({error.strerror})") from None
        if free - size < self.spare_bytes:
            raise WorkshopError(
                f"upload: the disk has {free // _MIB} MiB left, {self.spare_bytes // _MIB} MiB must stay free"
            )


def require_size(size: object, most: int) -> int:
    """A size in bytes as it was told; a `WorkshopError` for what is none, or is more than allowed."""
    if not isinstance(size, int) or isinstance(size, bool) or not 0 < size <= most:
        raise WorkshopError(f"upload: found {str(size)[:24]} bytes, allowed are 1–{most}")
    return size


def clean_name(name: object, taken: Iterable[str] = ()) -> str:
    """The name under which an upload is kept: no path, no strange characters, none that is taken.

    Parameters
    ----------
    name : str
        As the browser tells it.
    taken : iterable of str
        Names that others have.

    Raises
    ------
    WorkshopError
        When its suffix is none of `KINDS`.
    """
    text = name if isinstance(name, str) else ""
    text = unicodedata.normalize("NFC", text.replace("\\", "/").rpartition("/")[2])
    suffix = next((suffix for suffix in KINDS if files.has_suffix(text, suffix)), None)
    if suffix is None:
        raise WorkshopError(f"upload {text[-64:]!r}: found no name of a sound, allowed are {' '.join(KINDS)}")
    stem = _OTHERS.sub("_", text[: -len(suffix)]).strip("_ -") or "sound"
    taken = {other.lower() for other in taken}
    number, found = 1, stem[: files.MAX_NAME].rstrip()
    while (found + suffix).lower() in taken:
        number += 1
        found = f"{stem[: files.MAX_NAME - 5].rstrip()}-{number}"
    return found + suffix


def require_kind(name: str, beginning: bytes) -> None:
    """Raise `WorkshopError` when a file does not begin as its name says."""
    suffix = next(suffix for suffix in KINDS if files.has_suffix(name, suffix))
    if not beginning.startswith(KINDS[suffix]):
        raise WorkshopError(f"upload {name!r}: does not begin like a {suffix} file")
