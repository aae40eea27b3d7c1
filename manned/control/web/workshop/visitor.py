"""One page that is connected with the workshop: its wishes in JSON, its uploads in binary messages."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from websockets.asyncio.server import ServerConnection, broadcast

from ....errors import MannedError, WorkshopError
from .bounds import require_size
from .gestures import gesture_name
from .upload import Upload
from .worker import Worker

if TYPE_CHECKING:
    from .workshop import Workshop

log = logging.getLogger(__name__)

MAX_UNREAD = 1 << 20
"""Bytes of news that a page may leave unread."""


class Visitor:
    """A page.  Control thread only.

    A text message is an object with ``do`` and what that needs; the answer is an object with one key: ``ready`` (send
    the bytes now), ``kept`` (a name), ``done`` (what was asked for), or ``refused`` (a sentence).

    Parameters
    ----------
    connection : ServerConnection
    workshop : Workshop
    """

    def __init__(self, connection: ServerConnection, workshop: Workshop):
        self._connection = connection
        self._workshop = workshop
        self._upload: Upload | None = None
        self._finish: Callable[[Upload], Awaitable[str]] | None = None
        self._wishes: dict[str, Callable[[dict[str, Any]], Awaitable[None]]] = {
            "upload": self._begin_upload,
            "learn": self._learn,
            "cancel": self._cancel,
            "dismiss": self._dismiss,
            "forget": self._forget,
            "delete": self._delete,
        }

    async def run(self) -> None:
        """Do what it asks for, one after the other, until it is gone."""
        async for message in self._connection:
            try:
                if isinstance(message, bytes):
                    await self._piece(message)
                else:
                    await self._wish(message)
            except MannedError as error:
                await self._answer(refused=str(error))
            except OSError as error:
                await self._answer(refused=f"{error.strerror or error}")

    async def leave(self) -> None:
        """Forget what it has not brought to its end."""
        upload, self._upload = self._upload, None
        if upload is not None:
            await asyncio.to_thread(upload.abandon)

    def tell(self, message: str) -> None:
        """Send it news; who leaves too much unread is shut out."""
        transport = self._connection.transport
        if transport.get_write_buffer_size() > MAX_UNREAD:
            transport.abort()
        else:
            broadcast([self._connection], message)

    async def _answer(self, **said: str) -> None:
        await self._connection.send(json.dumps(said))

    async def _wish(self, text: str) -> None:
        try:
            wish = json.loads(text)
        except (ValueError, RecursionError):
            wish = None
        wish = wish if isinstance(wish, dict) else {}
        does = self._wishes.get(str(wish.get("do")))
        if does is None:
            raise WorkshopError(f"text message, allowed are objects whose do is one of {', '.join(self._wishes)}")
        await does(wish)

    # -- uploads --------------------------------------------------------------

    async def _begin_upload(self, wish: dict[str, Any]) -> None:
        await self.leave()
        workshop, name, size = self._workshop, wish.get("name"), wish.get("bytes")
        into = wish.get("into")
        if into == "gesture":
            size = require_size(size, workshop.bounds.gesture_bytes)
            workshop.gestures.require_idle()
            called = gesture_name(wish.get("gesture"), str(name))
            self._finish = lambda upload: workshop.make_gesture(upload, called)
        elif into == "teaching":
            size = require_size(size, workshop.bounds.file_bytes)
            await workshop.require_teachable(size)
            self._finish = lambda upload: workshop.keep_sound(upload, name)
        else:
            raise WorkshopError(f"upload into {str(into)[:24]!r}: allowed are teaching and gesture")
        self._upload = await workshop.receive(name, size)
        await self._answer(ready=self._upload.path.name)

    async def _piece(self, piece: bytes) -> None:
        upload, finish = self._upload, self._finish
        if upload is None or finish is None:
            return  # of an upload that was refused
        try:
            await asyncio.to_thread(upload.write, piece)
            if upload.complete:
                kept = await finish(upload)
                self._upload = None
                await self._answer(kept=kept)
        except BaseException:
            await self.leave()
            raise

    # -- jobs -----------------------------------------------------------------

    async def _learn(self, wish: dict[str, Any]) -> None:
        await self._workshop.teaching.start(wish.get("name"), wish.get("effort", "usual"))
        await self._answer(done="learn")

    async def _cancel(self, wish: dict[str, Any]) -> None:
        self._worker(wish).cancel()
        await self._answer(done="cancel")

    async def _dismiss(self, wish: dict[str, Any]) -> None:
        await self._worker(wish).dismiss()
        await self._answer(done="dismiss")

    def _worker(self, wish: dict[str, Any]) -> Worker:
        workers: dict[str, Worker] = {"teaching": self._workshop.teaching, "gesture": self._workshop.gestures}
        worker = workers.get(str(wish.get("job")))
        if worker is None:
            raise WorkshopError(
                f"{wish['do']} {str(wish.get('job'))[:24]!r}: no such job, allowed are {', '.join(workers)}"
            )
        return worker

    async def _forget(self, wish: dict[str, Any]) -> None:
        name = wish.get("name")
        if name is not None and not isinstance(name, str):
            raise WorkshopError("forget: wanted is the name of a sound, or null for all")
        await self._workshop.teaching.forget(name)
        await self._answer(done="forget")

    async def _delete(self, wish: dict[str, Any]) -> None:
        await self._workshop.delete_take(str(wish.get("take")))
        await self._answer(done="delete")
