"""The parts of sound: the audio output, and the recording of what is heard."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from ..audio.backends import Chosen
from ..audio.output_event import OutputListener, OutputState
from ..audio.recordings import Recordings
from ..audio.supervisor import OutputSupervisor
from ..config import Config
from ..control.osc.commands.record import RECORD
from ..control.take import Take
from ..engine import Engine
from ..settings import AudioSettings
from ..state.tree import Change, Listening, Tree
from .parts import Part

FADE_S = 0.3
"""A little longer than the engine takes to fade out."""


class OutputPart(Part):
    """The audio output, which is looked after all the time.

    Parameters
    ----------
    engine : Engine
    settings : AudioSettings
    chosen : Chosen, optional
        The device to begin with.
    listener : callable(OutputEvent), optional
        Told of every event of the output.
    """

    name = "output"

    def __init__(
        self,
        engine: Engine,
        settings: AudioSettings,
        chosen: Chosen | None = None,
        listener: OutputListener | None = None,
    ):
        self.supervisor = OutputSupervisor(engine, settings, listener)
        self._engine = engine
        self._settings = settings
        self._chosen = chosen

    @property
    def alive(self) -> bool:
        """Whether blocks are rendered, or a device is looked for."""
        return self.supervisor.alive or self.supervisor.state is OutputState.WAITING

    async def start(self) -> None:
        """Open the device, or play into silence."""
        try:
            await self.supervisor.start(self._chosen)
        except BaseException:
            await self.supervisor.stop()
            raise

    async def run(self) -> None:
        """Look after it; raises `StartAgain` when only a new process can play on."""
        await self.supervisor.watch()

    async def stop(self) -> None:
        """Let what sounds fade out, and close the device."""
        if self.supervisor.alive and not self._engine.silent:
            self._engine.fade_out()
            await asyncio.sleep(FADE_S)
        await self.supervisor.stop()

    def status(self) -> dict[str, Any]:
        """State, device and latency."""
        return {**self.supervisor.status(), "realtime_audio": self.supervisor.realtime}

    async def reload(self, config: Config) -> tuple[str, ...]:
        """Nothing of it changes while it plays."""
        return ("audio",) if config.audio != self._settings else ()


class RecorderPart(Part):
    """The recording of what is heard: from the first block to the last, or when a controller asks for it.

    Parameters
    ----------
    recordings : Recordings
    path : str
        As ``audio.record`` says it, empty for none; `OutputPart` tells when that changes.
    tree : Tree
        It holds whether something is recorded.
    take : Take, optional
        Writes down what is played meanwhile.
    """

    name = "recorder"

    def __init__(self, recordings: Recordings, path: str, tree: Tree, take: Take | None = None):
        self._take = take
        self._listening: Listening | None = None
        self._recordings = recordings
        self._path = path
        self._tree = tree

    @property
    def problem(self) -> str:
        """What is wrong, for people; empty while all is well."""
        problem = self._recordings.problem
        return f"recording {problem}" if problem else ""

    async def start(self) -> None:
        """Begin the file of the settings; raises `AudioError`."""
        if self._take is not None:
            self._listening = self._tree.listen(self._told)
        if self._path:
            self._recordings.begin_at(self._path)
        self._tree.put(RECORD, self._recordings.state)

    async def stop(self) -> None:
        """Write what is left and close the file."""
        self._recordings.end()
        if self._listening is not None:
            self._listening.stop()
        if self._take is not None:
            self._take.end()

    def _told(self, changes: Sequence[Change]) -> None:
        """Begin and end the take with the recording."""
        assert self._take is not None
        if any(change.name == RECORD for change in changes):
            path = self._recordings.path
            if path is None:
                self._take.end()
            elif self._take.path is None or self._take.start != self._recordings.started:
                self._take.begin(path, self._recordings.started)

    def status(self) -> dict[str, Any]:
        """The file, and what went wrong."""
        return self._recordings.status()
