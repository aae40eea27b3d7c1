"""A file that comes in piece by piece."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .... import files
from ....errors import WorkshopError
from .bounds import require_kind


class Upload:
    """One file that is written whole or not at all.  One thread at a time.

    Parameters
    ----------
    path : Path
        Where it will be, which nobody else writes to; its folder is made.
    size : int
        Bytes that were announced, and no more nor less are taken.

    Raises
    ------
    WorkshopError
        When it cannot be written, in every method.
    """

    def __init__(self, path: Path, size: int):
        self.path, self.size = path, size
        self._left = size
        self._begun = False
        self._open = contextlib.ExitStack()
        with self._told():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = self._open.enter_context(files.replacing(path))
            self._file: BinaryIO = self._open.enter_context(open(part, "wb"))

    @property
    def complete(self) -> bool:
        """Whether all has come."""
        return self._left == 0

    def write(self, piece: bytes) -> None:
        """Take the next piece; after an error it is abandoned."""
        try:
            if not self._begun:
                require_kind(self.path.name, piece)
                self._begun = True
            if len(piece) > self._left:
                raise WorkshopError(f"upload {self.path.name!r}: {len(piece) - self._left} bytes more than announced")
            with self._told():
                self._file.write(piece)
            self._left -= len(piece)
        except WorkshopError:
            self.abandon()
            raise

    def keep(self) -> None:
        """Give it its name, now that it is complete."""
        with self._told():
            self._open.close()

    def abandon(self) -> None:
        """Leave nothing of it here."""
        error = _Abandoned()
        with contextlib.suppress(_Abandoned, OSError):
            self._open.__exit__(_Abandoned, error, None)
        discard(self.path)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise WorkshopError(f"upload {self.path.name!r}: cannot be written ({error.strerror or error})") from None


def discard(path: Path) -> None:
    """Delete what was uploaded, and the folder that it had for itself."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        path.parent.rmdir()


class _Abandoned(Exception):
    """Makes `files.replacing` remove what it has."""
