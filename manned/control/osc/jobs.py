"""The queue of slow commands: one at a time, in the order in which they came."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from ...errors import MannedError
from ...table.commands import DONE, FAIL
from ..sender import Sender

log = logging.getLogger(__name__)

MAX_JOBS = 8  # that wait

Result = TypeVar("Result")


class Jobs:
    """Slow commands that wait or are being done.

    All methods belong to the control thread, inside a running asyncio loop.
    """

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def submit(
        self,
        address: str,
        work: Callable[[], Result],
        finish: Callable[[Result], Sequence[object]],
        failure: str,
        sender: Sender,
        cancel: Callable[[], None] = lambda: None,
    ) -> None:
        """Do something that takes a while, after the jobs before it, and tell its sender what became of it.

        Parameters
        ----------
        address : str
            Of the command.
        work : callable
            What takes a while; it runs in another thread.
        finish : callable
            Gets what ``work`` returned, in the control thread; returns the words that follow in ``/done``.
        failure : str
            What could not be done, if it fails in a way that nobody thought of.
        sender : Sender
        cancel : callable
            Called when it failed, or when too many jobs are waiting.
        """
        if len(self._tasks) >= MAX_JOBS:
            cancel()
            sender.send(FAIL, address, f"{MAX_JOBS} slow commands are waiting, no more are taken")
            return
        before = self._tasks[-1:]

        async def run() -> None:
            if before:
                await asyncio.wait(before)
            try:
                words = finish(await asyncio.to_thread(work))
            except MannedError as error:
                cancel()
                sender.send(FAIL, address, str(error))
            except Exception as error:
                cancel()
                log.exception("%s", failure)
                sender.send(FAIL, address, f"{failure} ({type(error).__name__})")
            except BaseException:  # the jobs were given up
                cancel()
                raise
            else:
                sender.send(DONE, address, *words)

        task = asyncio.get_running_loop().create_task(run())
        self._tasks.append(task)
        task.add_done_callback(self._tasks.remove)

    def when_done(self, action: Callable[[], None]) -> None:
        """Call ``action()`` when every job so far is done or has failed: now, if there are none."""
        if self._tasks:
            self._tasks[-1].add_done_callback(lambda _: action())
        else:
            action()

    async def settled(self) -> None:
        """Wait until every job is done or has failed."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def close(self) -> None:
        """Give up the jobs that are not done."""
        for task in self._tasks:
            task.cancel()
