"""Sounds that are dropped to be learned from: ``manned-train learn`` in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import os
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .... import files
from ....errors import WorkshopError
from . import time_left
from .bounds import KINDS
from .job import Job
from .kept_job import KeptJob
from .process import LowProcess
from .time_left import TimeLeft
from .worker import Worker

EFFORTS = {"quick": 300, "usual": 1500, "thorough": 5000}
"""Training steps by what a user chooses."""

_SUFFIX = ".safetensors"
_NEEDED = ("training", "tensorflow", "keras", "librosa", "matplotlib", "scipy", "soxr", "tqdm")
_WORDS = {
    time_left.STARTING: "starting",
    time_left.LISTENING: "listening to the sounds",
    time_left.LOADING: "getting ready to learn",
    time_left.TRAINING: "learning",
    time_left.MEASURING: "listening to what was learned",
}


class Teaching(Worker):
    """Learns from the sounds of a folder, one decoder at a time.  Control thread only.

    Parameters
    ----------
    folder : Path
        Of the sounds.
    model_folders : sequence of Path
        Where decoders are looked for; the first that can be written to gets the new one.
    models : callable() -> list of str
        Names of the decoders that there are; it takes a while.
    changed, sounds_changed : callable()
        Told when something of `told` or of `sounds_told` is another.
    kept : KeptJob
        Where it stands how the last lesson came out.
    """

    def __init__(
        self,
        folder: Path,
        model_folders: Sequence[Path],
        models: Callable[[], list[str]],
        changed: Callable[[], object],
        sounds_changed: Callable[[], object],
        kept: KeptJob,
    ):
        super().__init__("learning", "{} is being learned", changed)
        self.folder = folder
        self._model_folders = tuple(model_folders)
        self._models = models
        self._sounds_changed = sounds_changed
        self._kept = kept
        self._install = ""
        self._heard: dict[str, dict[str, Any]] = {}
        self._time = TimeLeft(1)

    # -- sounds ---------------------------------------------------------------

    def sounds(self) -> list[Path]:
        """The sounds that there are.  Any thread."""
        return [path for path in files.entries(self.folder) if files.has_suffix(path, KINDS) and path.name[0] != "."]

    async def forget(self, name: str | None) -> None:
        """Delete a sound, all of them for None; raises `WorkshopError`."""
        self.require_idle()

        def delete() -> None:
            for path in self.sounds():
                if name is None or files.shown(path.name) == name:
                    path.unlink(missing_ok=True)

        try:
            await asyncio.to_thread(delete)
        except OSError as error:
            raise WorkshopError(f"sound {name or 'folder'!r}: cannot be deleted ({error.strerror})") from None
        self._sounds_changed()

    # -- learning -------------------------------------------------------------

    async def recall(self) -> None:
        """Tell of the last lesson of an earlier run of the program."""
        job = await self._kept.recall()
        if job is not None and self._job is None:
            self._job = job
            self._changed()

    async def dismiss(self) -> None:
        """Tell of the last lesson no longer, also after a restart."""
        await super().dismiss()
        await self._kept.keep(None)

    async def start(self, name: object, effort: object) -> None:
        """Learn from all sounds; raises `WorkshopError`."""
        self.require_idle()
        proper = files.proper_name(name.strip()) if isinstance(name, str) else None
        if proper is None:
            raise WorkshopError(f"model {str(name)[:64]!r}: no name, allowed are {files.NAMES_ALLOWED}")
        if effort not in EFFORTS:
            raise WorkshopError(f"effort {str(effort)[:24]!r}: allowed are {', '.join(EFFORTS)}")
        steps = EFFORTS[str(effort)]
        before, self._process = self._job, None
        # From here on nobody else can begin, whatever is waited for.
        job = self._job = Job(proper, stage=_WORDS[time_left.STARTING])
        try:
            path = await asyncio.to_thread(self._prepare, proper)
        except BaseException:
            self._job = before
            raise
        words = ["-m", "training.cli", "learn", "--events", f"--steps={steps}", f"--output={path}", str(self.folder)]
        self._heard = {}
        self._sounds_changed()
        self._time = TimeLeft(steps)
        process = LowProcess(words, lambda line: self._event(job, line))
        self._begin(process, self._learn(job, process))

    def _prepare(self, name: str) -> Path:
        """The file that will be written."""
        self.look()
        if self._install:
            raise WorkshopError(f"learning needs more than is installed: {self._install}")
        if not self.sounds():
            raise WorkshopError("there is no sound to learn from")
        if name in self._models():
            raise WorkshopError(f"model {name!r}: there is one of that name, choose another")
        for folder in self._model_folders:
            with contextlib.suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True)
                if os.access(folder, os.W_OK):
                    return folder / (name + _SUFFIX)
        raise WorkshopError(f"model {name!r}: none of the folders of models can be written to (model.folders)")

    async def _learn(self, job: Job, process: LowProcess) -> None:
        ticking = asyncio.get_running_loop().create_task(self._tick(job))
        try:
            await self._kept.keep(job)
            await self._run(job, process, lambda said: self._cleaned(said.removeprefix("manned-train: ")))
            await self._kept.keep(job)
        finally:
            ticking.cancel()
            self._changed()

    async def _tick(self, job: Job) -> None:
        """Tell how far it is, also while it says nothing."""
        while job.running:
            progress = self._time.progress()
            job.reached(progress.part, progress.left_s)
            self._changed()
            await asyncio.sleep(1.0)

    def _event(self, job: Job, line: str) -> None:
        """Take a line of ``manned-train learn --events``."""
        try:
            ((name, value),) = json.loads(line).items()
        except (ValueError, AttributeError):
            return
        if name == "heard":
            self._heard = {str(one["name"]): one for one in value}
            self._sounds_changed()
        elif name == "verdict":
            job.lines.append(self._cleaned(str(value)))
        elif name in (time_left.LISTENING, time_left.TRAINING, time_left.MEASURING):
            stage = time_left.LOADING if name == time_left.TRAINING and not value else name
            self._time.at(stage, float(value))
            job.stage = _WORDS[stage]
        else:
            return
        progress = self._time.progress()
        job.reached(progress.part, progress.left_s)
        self._changed()

    def _cleaned(self, text: str) -> str:
        """A sentence without the folder that nobody asked for."""
        return text.replace(f"{files.shown(self.folder)}/", "").replace(files.shown(self.folder), "the sounds")

    # -- telling --------------------------------------------------------------

    def told(self) -> dict[str, Any]:
        """The job, and what must be installed first, as plain values."""
        return super().told() | {"install": self._install}

    def sounds_told(self) -> list[dict[str, Any]]:
        """Sounds with what was heard in them.  Any thread; looking takes a while."""
        told = []
        for path in self.sounds():
            heard = self._heard.get(path.name, {})
            words = self._cleaned(heard.get("problem", "")) or heard.get("words", "")
            with contextlib.suppress(OSError):
                size = path.stat().st_size
                name, teaches = files.shown(path.name), heard.get("teaches")
                told.append({"name": name, "bytes": size, "heard": words, "teaches": teaches})
        return told

    def look(self) -> None:
        """See anew what is installed.  Any thread; it takes a while."""
        self._install = how_to_install()


def how_to_install() -> str:
    """The one command that brings what learning needs; empty when all is there.  Any thread."""
    importlib.invalidate_caches()
    if all(find_spec(name) is not None for name in _NEEDED):
        return ""
    return "make training" if (Path(__file__).parents[4] / "Makefile").is_file() else "pip install 'manned[training]'"
