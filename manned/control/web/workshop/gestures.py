"""Recordings that are dropped to become gestures: ``manned encode`` in a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from .... import files
from ....errors import WorkshopError
from .job import Job
from .process import LowProcess
from .upload import discard
from .worker import Worker

ENCODING = "encoding"
_KEPT_AS = ": kept as "


class GestureMaker(Worker):
    """Makes gestures, one at a time.  Control thread only.

    Parameters
    ----------
    command : callable() -> sequence of str
        The command that encodes with the settings and the decoder of now, without the sound and its name.
    changed : callable()
        Told when something of `told` is another.
    """

    def __init__(self, command: Callable[[], Sequence[str]], changed: Callable[[], object]):
        super().__init__(ENCODING, "gesture {} is being made", changed)
        self._command = command

    def start(self, sound: Path, name: str) -> None:
        """Make a gesture of a sound file, which is deleted then; raises `WorkshopError`."""
        self.require_idle()
        job = self._job = Job(name, stage=ENCODING)
        words = [*self._command(), f"--gesture={name}", str(sound)]
        process = LowProcess(words, lambda line: self._line(job, sound, line))
        self._begin(process, self._encode(job, process, sound))

    def _line(self, job: Job, sound: Path, line: str) -> None:
        if _KEPT_AS not in line:  # where it lies is nobody's business over a network
            job.lines.append(_without_folder(line, sound))
            self._changed()

    async def _encode(self, job: Job, process: LowProcess, sound: Path) -> None:
        try:
            await self._run(job, process, lambda said: _without_folder(said.removeprefix("manned: "), sound))
        finally:
            await asyncio.to_thread(discard, sound)
            self._changed()


def _without_folder(text: str, sound: Path) -> str:
    return text.replace(f"{files.shown(sound.parent)}/", "")


def gesture_name(name: object, sound: str) -> str:
    """The name of a gesture: the one that is asked for, else that of the sound; raises `WorkshopError`."""
    wanted = name.strip() if isinstance(name, str) else ""
    wanted = wanted or Path(sound).stem
    proper = files.proper_name(wanted)
    if proper is None:
        raise WorkshopError(f"gesture {wanted[:64]!r}: no name, allowed are {files.NAMES_ALLOWED}")
    return proper
