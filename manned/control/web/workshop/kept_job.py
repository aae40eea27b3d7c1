"""How the last lesson came out, in a file of the state folder: it is told again after a restart."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

from .... import files
from .job import Job, State

log = logging.getLogger(__name__)

FORMAT = 1
_MAX_BYTES = 1 << 16
_MOST_LINES = 100
_ENDED_EARLY = "manned ended before it was learned; its sounds are still here"
_FILE_ERRORS = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


class KeptJob:
    """The file.  Nothing that happens to it is more than a line in the log.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path):
        self._path = path
        self._turn = asyncio.Lock()

    async def keep(self, job: Job | None) -> None:
        """Keep a job as it is now; None and one that was cancelled leave nothing to be told."""
        content = None if job is None or job.state is State.CANCELLED else _written(job)
        async with self._turn:
            await asyncio.to_thread(self._write, content)

    async def recall(self) -> Job | None:
        """The job that was kept; None without one, and where the file is damaged."""
        async with self._turn:
            return await asyncio.to_thread(self._read)

    def _write(self, content: bytes | None) -> None:
        try:
            if content is None:
                self._path.unlink(missing_ok=True)
            else:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                files.write_bytes(self._path, content)
        except OSError as error:
            log.warning("%s: cannot be kept (%s)", self._path, error.strerror)

    def _read(self) -> Job | None:
        try:
            return _told(json.loads(files.read_bytes(self._path, _MAX_BYTES, inside=self._path.parent)))
        except FileNotFoundError:
            return None
        except _FILE_ERRORS as error:
            log.warning("%s: cannot be read (%s); how the last lesson came out is not told", self._path, error)
            return None


def _written(job: Job) -> bytes:
    told = job.told()
    kept = {"format": FORMAT, **{word: told[word] for word in ("name", "state", "lines", "problem")}}
    return json.dumps(kept, indent=1, ensure_ascii=False).encode("utf-8", "replace")


def _told(kept: dict[str, Any]) -> Job:
    """The job of a file; raises one of `_FILE_ERRORS` where that is none."""
    if kept["format"] != FORMAT:
        raise ValueError(f"format {kept['format']!r}, this version reads format {FORMAT}")
    name, lines, problem = kept["name"], kept["lines"], kept["problem"]
    if not all(isinstance(text, str) for text in (name, problem, *lines)) or len(lines) > _MOST_LINES:
        raise ValueError("its name, lines and problem are no texts")
    job = Job(name, State(kept["state"]), part=1.0, lines=[*lines], problem=problem)
    if job.running:
        job.end(State.FAILED, _ENDED_EARLY)
    return job
