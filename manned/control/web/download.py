"""Files of any size as answers by HTTP: read piece by piece in another thread, as fast as the client takes them."""

from __future__ import annotations

import asyncio
import os
import re
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from .answers import answer, sentence

STALLED_S = 60.0
"""How long a client may take nothing."""

_PIECE_BYTES = 1 << 18
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


class Downloads:
    """Sends files.  Control thread only."""

    def __init__(self) -> None:
        self._connections: set[ServerConnection] = set()

    async def send(self, connection: ServerConnection, request: Request, path: Path, kind: str) -> Response:
        """Send a file, or the part of it that is asked for; returns what is to be sent last.

        Parameters
        ----------
        connection : ServerConnection
            One that nothing was answered on.
        request : Request
        path : Path
        kind : str
            Content type.
        """
        try:
            file = await asyncio.to_thread(open, path, "rb")
        except OSError as error:
            return sentence(HTTPStatus.NOT_FOUND, f"{path.name[:80]}: cannot be read ({error.strerror})")
        self._connections.add(connection)
        try:
            size = os.fstat(file.fileno()).st_size
            part = _part(request.headers.get("Range", ""), size)
            if part is None:
                return sentence(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, f"it has {size} bytes")
            return await self._send(connection, file, part, size, _head(path, kind, part, size))
        except (OSError, asyncio.TimeoutError):
            connection.transport.abort()
            return answer(HTTPStatus.INTERNAL_SERVER_ERROR)  # nobody gets it
        finally:
            self._connections.discard(connection)
            await asyncio.to_thread(file.close)

    def stop(self) -> None:
        """Break off what is being sent."""
        for connection in self._connections:
            connection.transport.abort()

    async def _send(
        self, connection: ServerConnection, file: BinaryIO, part: range, size: int, head: Response
    ) -> Response:
        await asyncio.to_thread(file.seek, part.start)
        left, waiting = len(part), head.serialize()
        while left:
            piece = await asyncio.to_thread(file.read, min(_PIECE_BYTES, left))
            if not piece or connection.transport.is_closing():
                raise OSError("it is shorter than it was, or nobody wants the rest")
            connection.transport.write(waiting)
            await asyncio.wait_for(connection.drain(), STALLED_S)
            left, waiting = left - len(piece), piece
        return _Last(head.status_code, head.reason_phrase, head.headers, waiting)


class _Last(Response):
    """The end of an answer whose beginning was sent."""

    def serialize(self) -> bytes:
        """Its body alone."""
        return bytes(self.body or b"")


def _head(path: Path, kind: str, part: range, size: int) -> Response:
    head = answer(HTTPStatus.OK, b"", kind)
    headers: Headers = head.headers
    del headers["Content-Length"]
    headers["Content-Length"] = str(len(part))
    headers["Accept-Ranges"] = "bytes"
    headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(os.fsencode(path.name), safe='')}"
    if len(part) == size:
        return head
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    return Response(HTTPStatus.PARTIAL_CONTENT.value, HTTPStatus.PARTIAL_CONTENT.phrase, headers)


def _part(asked: str, size: int) -> range | None:
    """The bytes that a request asks for; all when it asks for none, None when there are none such."""
    match = _RANGE.fullmatch(asked.strip())
    if match is None or not any(match.groups()):
        return range(size)
    first, last = match.groups()
    if not first:
        return range(max(0, size - int(last)), size) if int(last) else None
    end = min(int(last) + 1, size) if last else size
    return range(int(first), end) if int(first) < end else None
