"""What the running program is made of: parts that start, work, tell their status, reload and stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from .. import PROGRAM
from ..config import Config
from ..errors import MannedError


class Lifecycle(Enum):
    """What a part, or the whole program, does."""

    STARTING = "starting"
    RUNNING = "running"
    RELOADING = "reloading"
    STOPPING = "stopping"
    STOPPED = "stopped"


@dataclass(frozen=True)
class LifecycleEvent:
    """A part, or the program under the name `PROGRAM`, came into a state."""

    part: str
    state: Lifecycle


LifecycleListener = Callable[[LifecycleEvent], None]


class Part(Protocol):
    """Something of the program that has a life of its own.  Control thread only.

    What a part does not need it inherits.

    Attributes
    ----------
    name : str
        One word, for events.
    """

    name: str

    async def start(self) -> None:
        """Begin; when it raises, it leaves nothing behind and is not stopped."""

    async def run(self) -> None:
        """Work until cancelled, once all parts have started.  What it raises ends the program."""
        await asyncio.Event().wait()

    async def stop(self) -> None:
        """End; called once after a start that succeeded."""

    def status(self) -> dict[str, Any]:
        """What ``/status`` tells of it, as plain values."""
        return {}

    async def reload(self, config: Config) -> tuple[str, ...]:
        """Take over other settings, as far as it can while it runs.

        Returns
        -------
        tuple of str
            Sections of the settings that differ and that it takes over at its next start only.

        Raises
        ------
        MannedError
            When they cannot be had; then the part is as it was.
        """
        return ()


class Parts:
    """A list of parts as one.

    Parameters
    ----------
    parts : iterable of Part
        In the order in which they start; they stop and reload in reverse.
    listeners : iterable of callable(LifecycleEvent), optional
        Told of every change of state.

    Attributes
    ----------
    state : Lifecycle
        Of the whole.
    """

    def __init__(self, parts: Iterable[Part], listeners: Iterable[LifecycleListener] = ()):
        self.state = Lifecycle.STOPPED
        self._parts = tuple(parts)
        self._started: list[Part] = []
        self._listeners = tuple(listeners)

    async def start(self, cancel: asyncio.Event | None = None) -> None:
        """Start all parts.  When one raises, those before it are stopped.

        Parameters
        ----------
        cancel : asyncio.Event, optional
            When it is set, no further part is started.
        """
        self._tell(PROGRAM, Lifecycle.STARTING)
        for part in self._parts:
            if cancel is not None and cancel.is_set():
                return
            self._tell(part.name, Lifecycle.STARTING)
            try:
                await part.start()
            except BaseException:
                self._tell(part.name, Lifecycle.STOPPED)
                await self.stop()
                raise
            self._started.append(part)
            self._tell(part.name, Lifecycle.RUNNING)
        self._tell(PROGRAM, Lifecycle.RUNNING)

    async def run(self) -> None:
        """Let all parts work until cancelled, or until one raises; that is raised here."""
        tasks = [asyncio.ensure_future(part.run()) for part in self._started]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def stop(self) -> None:
        """Stop all parts that were started, whatever one of them raises; the first error is raised at the end."""
        if self.state is Lifecycle.STOPPED:
            return
        self._tell(PROGRAM, Lifecycle.STOPPING)
        trouble = None
        while self._started:
            part = self._started.pop()
            self._tell(part.name, Lifecycle.STOPPING)
            try:
                await part.stop()
            except Exception as error:
                trouble = trouble or error
            self._tell(part.name, Lifecycle.STOPPED)
        self._tell(PROGRAM, Lifecycle.STOPPED)
        if trouble is not None:
            raise trouble

    def status(self) -> dict[str, Any]:
        """The status of all parts in one."""
        values = {}
        for part in self._parts:
            values |= part.status()
        return values

    async def reload(self, read: Callable[[], Config], former: Config) -> tuple[Config, tuple[str, ...]]:
        """Have every part take over other settings; all of them do, or none.

        Parameters
        ----------
        read : callable() -> Config
            Reads the settings.
        former : Config
            The settings that parts go back to when a later one refuses.

        Returns
        -------
        config : Config
            The settings that were read.
        later : tuple of str
            Sections that will change at the next start only, each once.

        Raises
        ------
        MannedError
            When the settings cannot be read, or a part cannot have them.
        """
        self._tell(PROGRAM, Lifecycle.RELOADING)
        later: dict[str, None] = {}
        done: list[Part] = []
        try:
            config = read()
            for part in reversed(self._started):
                self._tell(part.name, Lifecycle.RELOADING)
                try:
                    later |= dict.fromkeys(await part.reload(config))
                finally:
                    self._tell(part.name, Lifecycle.RUNNING)
                done.append(part)
        except MannedError:
            for part in reversed(done):
                await part.reload(former)
            raise
        finally:
            self._tell(PROGRAM, Lifecycle.RUNNING)
        return config, tuple(later)

    def _tell(self, part: str, state: Lifecycle) -> None:
        if part == PROGRAM:
            self.state = state
        for listener in self._listeners:
            listener(LifecycleEvent(part, state))
