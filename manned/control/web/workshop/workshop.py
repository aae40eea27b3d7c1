"""The workshop as one: what it offers, what changes, and the pages that are told of it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from ....errors import WorkshopError
from ...recordings import Recordings
from .bounds import Bounds, clean_name
from .gestures import GestureMaker
from .kept_job import KeptJob
from .takes import Takes
from .teaching import Teaching
from .upload import Upload
from .visitor import Visitor

TAKES, SOUNDS, TEACHING, GESTURE = TOPICS = ("takes", "sounds", "teaching", "gesture")
"""What is told, each by a message of its own."""

UPLOADS = "uploads"
"""Folder in the state folder of what is not here as a whole yet; sounds to learn from lie in `SOUNDS`."""

LESSON = "last-lesson.json"
"""File in the state folder that tells how the last lesson came out."""

_TELL_S = 0.2


class Workshop:
    """Takes, gestures and teaching for all pages.  Control thread only; what takes a while is done elsewhere.

    Parameters
    ----------
    folder : Path
        The state folder; nothing is uploaded to any other place.
    takes : Path
        Folder of the takes.
    model_folders : sequence of Path
        Where decoders are looked for.
    models : callable() -> list of str
        Names of the decoders that there are.
    encode : callable() -> sequence of str
        The command that encodes, see `GestureMaker`.
    recordings : Recordings, optional
    bounds : Bounds
    """

    def __init__(
        self,
        folder: Path,
        takes: Path,
        model_folders: Sequence[Path],
        models: Callable[[], list[str]],
        encode: Callable[[], Sequence[str]],
        recordings: Recordings | None = None,
        bounds: Bounds | None = None,
    ):
        self.bounds = bounds or Bounds()
        self.takes = Takes(takes, recordings)
        self.teaching = Teaching(
            folder / SOUNDS,
            model_folders,
            models,
            lambda: self.changed(TEACHING),
            lambda: self.changed(SOUNDS),
            KeptJob(folder / LESSON),
        )
        self.gestures = GestureMaker(encode, lambda: self.changed(GESTURE))
        self._uploads = folder / UPLOADS
        self._visitors: set[Visitor] = set()
        self._coming = 0
        self._news: dict[str, None] = {}
        self._telling: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Delete what an earlier run of the program left half done, and recall what it has learned last."""

        def tidy() -> None:
            shutil.rmtree(self._uploads, ignore_errors=True)

        await asyncio.to_thread(tidy)
        await self.teaching.recall()

    async def serve(self, connection: ServerConnection) -> None:
        """Talk with a page until it is gone."""
        if len(self._visitors) >= self.bounds.visitors:
            await connection.close(1013, f"{self.bounds.visitors} pages are here, no more are taken")
            return
        visitor = Visitor(connection, self)
        self._visitors.add(visitor)
        try:
            await asyncio.to_thread(self.teaching.look)
            for topic in TOPICS:
                await connection.send(await self._message(topic))
            await visitor.run()
        except ConnectionClosed:
            pass
        finally:
            self._visitors.discard(visitor)
            await visitor.leave()

    async def stop(self) -> None:
        """End every job."""
        await asyncio.gather(self.teaching.stop(), self.gestures.stop())
        if self._telling is not None:
            self._telling.cancel()

    # -- uploads --------------------------------------------------------------

    async def receive(self, name: object, size: int) -> Upload:
        """Begin an upload; raises `WorkshopError`."""
        self._coming += 1
        # A folder of its own, since two pages may upload files of one name.
        path = self._uploads / str(self._coming) / clean_name(name)

        def begin() -> Upload:
            try:
                self._uploads.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise WorkshopError(f"upload: no folder can be made for it ({error.strerror})") from None
            self.bounds.require_room(self._uploads, size)
            return Upload(path, size)

        return await asyncio.to_thread(begin)

    async def require_teachable(self, size: int) -> None:
        """Raise `WorkshopError` when there is no place for one more sound of some bytes."""
        sizes = await asyncio.to_thread(lambda: [path.stat().st_size for path in self.teaching.sounds()])
        bounds = self.bounds
        if len(sizes) >= bounds.files:
            raise WorkshopError(f"upload: there are {bounds.files} sounds, no more are taken; forget some first")
        if sum(sizes) + size > bounds.all_bytes:
            raise WorkshopError(f"upload: all sounds together may have {bounds.all_bytes} bytes; forget some first")

    async def keep_sound(self, upload: Upload, name: object) -> str:
        """Put what was uploaded among the sounds to learn from; its name there."""
        await self.require_teachable(upload.size)

        def keep() -> str:
            upload.keep()
            folder = self.teaching.folder
            folder.mkdir(parents=True, exist_ok=True)
            kept = clean_name(name, (path.name for path in self.teaching.sounds()))
            os.replace(upload.path, folder / kept)
            upload.abandon()
            return kept

        try:
            kept = await asyncio.to_thread(keep)
        except OSError as error:
            raise WorkshopError(f"upload {str(name)[-64:]!r}: cannot be kept ({error.strerror})") from None
        self.changed(SOUNDS)
        return kept

    async def make_gesture(self, upload: Upload, name: str) -> str:
        """Make a gesture of what was uploaded; its name."""
        await asyncio.to_thread(upload.keep)
        self.gestures.start(upload.path, name)
        return name

    async def delete_take(self, name: str) -> None:
        """Delete a take; raises `WorkshopError`."""
        await asyncio.to_thread(self.takes.delete, name)
        self.changed(TAKES)

    # -- telling --------------------------------------------------------------

    def changed(self, topic: str) -> None:
        """Tell every page of a topic soon."""
        self._news[topic] = None
        if self._telling is None or self._telling.done():
            self._telling = asyncio.get_running_loop().create_task(self._tell())

    async def _tell(self) -> None:
        while self._news:
            await asyncio.sleep(_TELL_S)
            topics, self._news = self._news, {}
            for topic in topics if self._visitors else ():
                message = await self._message(topic)
                for visitor in list(self._visitors):
                    visitor.tell(message)

    async def _message(self, topic: str) -> str:
        work: Callable[[], Any] = {
            TAKES: self.takes.told,
            SOUNDS: self.teaching.sounds_told,
            TEACHING: self.teaching.told,
            GESTURE: self.gestures.told,
        }[topic]
        return json.dumps({topic: await asyncio.to_thread(work)})
