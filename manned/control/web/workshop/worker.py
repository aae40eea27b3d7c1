"""Whoever does one job of the workshop at a time, by a program that runs beside the music."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from ....errors import WorkshopError
from .job import Job, State
from .process import LowProcess


class Worker:
    """Does one job at a time.  Control thread only.

    Parameters
    ----------
    work : str
        What it does, such as ``learning``.
    busy : str
        What is said while a job goes on, with ``{}`` for its name.
    changed : callable()
        Told when something of `told` is another.
    """

    def __init__(self, work: str, busy: str, changed: Callable[[], object]):
        self._work = work
        self._busy = busy
        self._changed = changed
        self._job: Job | None = None
        self._process: LowProcess | None = None
        self._task: asyncio.Task[None] | None = None

    def require_idle(self) -> None:
        """Raise `WorkshopError` while a job goes on."""
        if self._job is not None and self._job.running:
            raise WorkshopError(f"{self._busy.format(repr(self._job.name))}; wait for it, or cancel it")

    def cancel(self) -> None:
        """End the job that goes on; nothing of it is left."""
        if self._process is not None and self._job is not None and self._job.running:
            self._process.cancel()

    async def dismiss(self) -> None:
        """Tell no longer how the last job came out; raises `WorkshopError` while one goes on."""
        self.require_idle()
        self._job = None
        self._changed()

    async def stop(self) -> None:
        """End it, and wait for that."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def told(self) -> dict[str, Any]:
        """The last job, as plain values."""
        return {"job": self._job.told() if self._job is not None else None}

    def _begin(self, process: LowProcess, work: Coroutine[Any, Any, None]) -> None:
        """Do some work, which runs a program."""
        self._process = process
        self._task = asyncio.get_running_loop().create_task(work)
        self._changed()

    async def _run(self, job: Job, process: LowProcess, cleaned: Callable[[str], str]) -> None:
        """Run the program of a job to its end, and note how that was; `cleaned` is for what it complains of."""
        try:
            code = await process.run()
        except OSError as error:
            job.end(State.FAILED, f"{self._work} cannot be started ({error.strerror})")
            return
        if process.cancelled:
            job.end(State.CANCELLED)
        elif code:
            job.end(State.FAILED, cleaned(process.complaint) or f"{self._work} ended with status {code}")
        else:
            job.reached(1.0, 0.0)
            job.end(State.DONE)
