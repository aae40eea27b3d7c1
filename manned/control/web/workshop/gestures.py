"""Recordings that are dropped to become gestures: ``manned encode`` in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .... import files
from ....errors import WorkshopError
from .job import Job, State
from .process import LowProcess
from .upload import discard

ENCODING = "encoding"
_KEPT_AS = ": kept as "


class GestureMaker:
    """Makes gestures, one at a time.  Control thread only.

    Parameters
    ----------
    command : callable() -> sequence of str
        The command that encodes with the settings and the decoder of now, without the sound and its name.
    changed : callable()
        Told when something of `told` is another.
    """

    def __init__(self, command: Callable[[], Sequence[str]], changed: Callable[[], object]):
        self._command = command
        self._changed = changed
        self._job: Job | None = None
        self._process: LowProcess | None = None
        self._task: asyncio.Task[None] | None = None

    def require_idle(self) -> None:
        """Raise `WorkshopError` while one is made."""
        if self._job is not None and self._job.running:
            raise WorkshopError(f"gesture {self._job.name!r} is being made; wait for it, or cancel it")

    def start(self, sound: Path, name: str) -> None:
        """Make a gesture of a sound file, which is deleted then; raises `WorkshopError`."""
        self.require_idle()
        job = self._job = Job(name, stage=ENCODING)
        words = [*self._command(), f"--gesture={name}", str(sound)]
        process = self._process = LowProcess(words, lambda line: self._line(job, sound, line))
        self._task = asyncio.get_running_loop().create_task(self._run(job, process, sound))
        self._changed()

    def cancel(self) -> None:
        """End what is being made."""
        if self._process is not None and self._job is not None and self._job.running:
            self._process.cancel()

    async def stop(self) -> None:
        """End it, and wait for that."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def told(self) -> dict[str, Any]:
        """The last job, as plain values."""
        return {"job": self._job.told() if self._job is not None else None}

    def _line(self, job: Job, sound: Path, line: str) -> None:
        if _KEPT_AS not in line:  # where it lies is nobody's business over a network
            job.lines.append(line.replace(f"{files.shown(sound.parent)}/", ""))
            self._changed()

    async def _run(self, job: Job, process: LowProcess, sound: Path) -> None:
        try:
            code = await process.run()
        except OSError as error:
            job.end(State.FAILED, f"encoding cannot be started ({error.strerror})")
        else:
            if process.cancelled:
                job.end(State.CANCELLED)
            elif code:
                said = process.complaint.removeprefix("manned: ").replace(f"{files.shown(sound.parent)}/", "")
                job.end(State.FAILED, said or f"encoding ended with status {code}")
            else:
                job.reached(1.0, 0.0)
                job.end(State.DONE)
        finally:
            await asyncio.to_thread(discard, sound)
            self._changed()


def gesture_name(name: object, sound: str) -> str:
    """The name of a gesture: the one that is asked for, else that of the sound; raises `WorkshopError`."""
    wanted = name.strip() if isinstance(name, str) else ""
    wanted = wanted or Path(sound).stem
    proper = files.proper_name(wanted)
    if proper is None:
        raise WorkshopError(f"gesture {wanted[:64]!r}: no name, allowed are {files.NAMES_ALLOWED}")
    return proper
