"""The parts of sound: the audio output, and the recording of what is heard."""

from __future__ import annotations

import asyncio
from typing import Any

from ..audio.backends import Chosen
from ..audio.output_event import OutputListener, OutputState
from ..audio.recorder import Recorder
from ..audio.shared_tap import SharedTap
from ..audio.supervisor import OutputSupervisor
from ..config import Config
from ..engine import Engine
from ..settings import AudioSettings
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
    """The recording of what is heard, from the first block to the last.

    Parameters
    ----------
    tap : SharedTap
    path : str
        As ``audio.record`` says it, empty for none; `OutputPart` tells when that changes.
    """

    name = "recorder"

    def __init__(self, tap: SharedTap, path: str):
        self._tap = tap
        self._path = path
        self._recorder: Recorder | None = None

    @property
    def problem(self) -> str:
        """What is wrong, for people; empty while all is well."""
        problem = self._recorder.problem if self._recorder is not None else ""
        return f"recording {problem}" if problem else ""

    async def start(self) -> None:
        """Begin the file; raises `AudioError`."""
        if self._path:
            self._recorder = Recorder(self._tap.reader(), self._path)
            self._recorder.start()

    async def stop(self) -> None:
        """Write what is left and close the file."""
        if self._recorder is not None:
            self._recorder.stop()

    def status(self) -> dict[str, Any]:
        """The file, and what went wrong."""
        return self._recorder.status() if self._recorder is not None else {}
