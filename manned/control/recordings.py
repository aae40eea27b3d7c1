"""What controllers may do with recordings."""

from __future__ import annotations

from typing import Protocol


class Recordings(Protocol):
    """Records what is heard, to files of one folder.  Any thread."""

    @property
    def state(self) -> tuple[bool, str]:
        """Whether it records, and the name of the file; empty where there is none."""
        ...

    def begin(self, name: str) -> str:
        """Begin a recording and return the name of its file, or of the one that is being recorded already.

        Raises
        ------
        AudioError
            When the name is no name, another one is being recorded, or the file cannot be made.
        """
        ...

    def end(self) -> str:
        """End it and return the name of its file; empty when there was none."""
        ...
