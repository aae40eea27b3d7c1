"""Keeps what is set while it changes: a little after the last change, and not much later however long it goes on."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import StateError
from . import kept
from .tree import Change, Tree

log = logging.getLogger(__name__)

QUIET_S = 2.0
"""From the last change until it is written."""
LONGEST_S = 4.0
"""From the first change that is not written until it is; the rest of the 5 s that are promised is for the disk."""


class Keeper:
    """Writes the state of a tree to the state folder, by another thread.  Control thread only.

    Parameters
    ----------
    tree : Tree
    folder : Path
        It is made when there is something to write.
    snapshot : callable() -> Kept
    quiet_s, longest_s : float
        As `QUIET_S` and `LONGEST_S`.
    """

    def __init__(
        self,
        tree: Tree,
        folder: Path,
        snapshot: Callable[[], kept.Kept],
        quiet_s: float = QUIET_S,
        longest_s: float = LONGEST_S,
    ):
        self.problem = ""
        """Why the last state could not be written; empty while all is well."""
        self._tree = tree
        self._folder = folder
        self._snapshot = snapshot
        self._quiet_s, self._longest_s = quiet_s, longest_s
        self._changed = asyncio.Event()
        self._first_s = self._last_s = 0.0
        self._written = b""
        self._writing: asyncio.Future[None] | None = None
        self._listening = tree.listen(self._told)

    def _told(self, changes: Sequence[Change]) -> None:
        rows = self._tree.rows
        if any(change.name not in rows or rows[change.name].scope != "playing" for change in changes):
            self._last_s = time.monotonic()
            if not self._changed.is_set():
                self._first_s = self._last_s
                self._changed.set()

    async def run(self) -> None:
        """Write what changes, until cancelled."""
        while True:
            await self._changed.wait()
            while (wait_s := self._due_s() - time.monotonic()) > 0.0:
                await asyncio.sleep(wait_s)
            await self._write()

    async def stop(self) -> None:
        """Write what is not written, and hear of no more changes."""
        self._listening.stop()
        if self._writing is not None:
            await asyncio.wait([self._writing])
        if self._changed.is_set():
            await self._write()

    def _due_s(self) -> float:
        return min(self._last_s + self._quiet_s, self._first_s + self._longest_s)

    async def _write(self) -> None:
        """Write what is set now.  A disk that does not take it is told of once; the next change tries again."""
        self._changed.clear()
        content = kept.to_bytes(self._snapshot())
        if content == self._written and not self.problem:
            return
        self._writing = asyncio.ensure_future(asyncio.to_thread(kept.write, self._folder, content))
        try:
            await asyncio.shield(self._writing)
        except StateError as error:
            if not self.problem:
                log.warning("%s; it is tried again when something changes", error)
            self.problem = str(error)
        else:
            self._written, self.problem = content, ""
