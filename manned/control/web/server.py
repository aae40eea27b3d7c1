"""The web server: OSCQuery by GET, OSC by WebSocket, pages, all on one port."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from ...errors import WorkshopError
from ...state.tree import Change
from ...table.address import address_of
from ..osc.packet import MAX_PACKET
from ..osc.port import port_error
from ..osc.receiver import Receiver
from .answers import data, elsewhere, pack, sentence, unknown
from .connection import PatientConnection
from .download import Downloads
from .facts import Facts
from .guard import Guard
from .pages import PREFIX, Pages
from .peer import WebPeer
from .token import Doorkeeper, without_token
from .tree import ATTRIBUTES, QueryTree
from .workshop.takes import kind_of
from .workshop.workshop import Workshop

log = logging.getLogger(__name__)

WORKSHOP = f"{PREFIX}/workshop"
"""Where the page's sound files come and go, by WebSocket."""

TAKES = f"{PREFIX}/takes/"
"""What stands before the name of a take that is fetched."""

NO_TOKEN = "this address lacks its token; on that computer, `manned page --print` tells the whole address"

PREPARE_S = 2.0
"""How long after the start the facts of the page are worked out, which nobody may have asked for."""

EXTENSIONS = {
    "ACCESS": True,
    "VALUE": True,
    "RANGE": True,
    "DESCRIPTION": True,
    "UNIT": True,
    "CLIPMODE": True,
    "LISTEN": True,
    "PATH_CHANGED": True,
    "PATH_ADDED": True,
    "PATH_REMOVED": True,
    "TAGS": False,
    "EXTENDED_TYPE": False,
    "CRITICAL": False,
    "OVERLOADS": False,
    "HTML": False,
}

_QUIET = logging.getLogger(f"{__name__}.library")
_QUIET.setLevel(logging.CRITICAL)  # what strangers send is no news


@dataclass(frozen=True)
class HostInfo:
    """What HOST_INFO says of the OSC port.

    Attributes
    ----------
    host : str
        Empty when it is the one that was asked.
    port : int
        0 when OSC is heard by WebSocket alone.
    """

    host: str = ""
    port: int = 0


class WebServer:
    """Serves OSCQuery.  Control thread only.

    Parameters
    ----------
    receiver : Receiver
        Takes the OSC packets.
    host : str
        Address or name to listen on.
    port : int
        0 takes any free one; see `port` after `start`.
    osc : HostInfo
    guard : Guard
    pages : Pages, optional
    facts : Facts, optional
    doorkeeper : Doorkeeper, optional
        Without one, everybody that the guard lets in may ask.
    workshop : Workshop, optional
    """

    def __init__(
        self,
        receiver: Receiver,
        host: str,
        port: int,
        osc: HostInfo,
        guard: Guard,
        pages: Pages | None = None,
        facts: Facts | None = None,
        doorkeeper: Doorkeeper | None = None,
        workshop: Workshop | None = None,
    ):
        self.host = host
        self.port = port
        self._receiver = receiver
        self._tree = QueryTree(receiver.namespace)
        self._osc = osc
        self._guard = guard
        self._pages = pages
        self._facts = facts
        self._doorkeeper = doorkeeper or Doorkeeper()
        self._workshop = workshop
        self._downloads = Downloads()
        self._server: Server | None = None
        self._peers: set[WebPeer] = set()
        self._refused = 0
        self._leaves = self._tree.leaves
        self._listening: Any = None
        self._soon: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Open the port.

        Raises
        ------
        PortError
            When the host is unknown or the port is taken or not allowed.
        """
        try:
            self._server = await serve(
                self._talk,
                self.host,
                self.port,
                process_request=self._request,
                create_connection=PatientConnection,
                compression=None,
                server_header=None,
                open_timeout=None,  # a file that is fetched may take its time; see `PatientConnection`
                close_timeout=1.0,
                max_size=MAX_PACKET,
                max_queue=16,
                logger=_QUIET,
            )
        except OSError as error:
            raise port_error(self.host, self.port, error, "web") from None
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        self._doorkeeper.at(self.port)
        self._leaves = self._tree.leaves
        self._listening = self._receiver.instrument.tree.listen(self._told)
        if self._facts is not None:  # at the start the instrument itself comes first
            self._soon = asyncio.get_running_loop().call_later(PREPARE_S, self._facts.prepare)

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            self._listening.stop()
            server, self._server = self._server, None
            self._downloads.stop()
            if self._facts is not None and self._soon is not None:
                self._soon.cancel()
                self._facts.stop()
            server.close()
            await server.wait_closed()

    def counts(self) -> dict[str, int]:
        """Figures for ``/status``."""
        return {
            "web_port": self.port if self._server is not None else 0,
            "web_clients": len(self._peers),
            "web_refused": self._refused,
        }

    # -- requests -------------------------------------------------------------

    async def _request(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer a request by GET; None lets a WebSocket open."""
        assert isinstance(connection, PatientConnection)
        connection.has_asked()
        refusal = self._guard.refusal(request.headers)
        if refusal:
            self._refused += 1
            return sentence(HTTPStatus.FORBIDDEN, refusal)
        path, _, query = request.path.partition("?")
        if not self._doorkeeper.knows(request.headers, query):
            self._refused += 1
            return unknown(NO_TOKEN)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return None
        request.path = "?".join(filter(None, (path, without_token(query))))
        cookie = self._doorkeeper.cookie_for(query)
        if cookie and self._pages and "text/html" in request.headers.get("Accept", ""):
            response = elsewhere(PREFIX + "/")  # the token is seen no longer
        else:
            response = await self._answer(connection, request)
        if cookie:
            response.headers["Set-Cookie"] = cookie
        if not path.startswith(TAKES):  # a take may be large, and its beginning is sent already
            pack(response, ",".join(request.headers.get_all("Accept-Encoding")), again=Pages.holds(path))
        origin = request.headers.get("Origin", "")
        if self._guard.is_friend(origin):
            response.headers["Access-Control-Allow-Origin"] = origin
            del response.headers["Cross-Origin-Resource-Policy"]
        return response

    async def _answer(self, connection: ServerConnection, request: Request) -> Response:
        if getattr(request, "method", "GET") != "GET":
            return sentence(HTTPStatus.METHOD_NOT_ALLOWED, "allowed is GET")
        return await self._fact(request) or await self._take(connection, request) or self._get(request)

    async def _fact(self, request: Request) -> Response | None:
        """The answer to a question of the page; None when it is another question."""
        if self._facts is None:
            return None
        found = await self._facts.get(request.path.partition("?")[0])
        return None if found is None else data(found)

    async def _take(self, connection: ServerConnection, request: Request) -> Response | None:
        """A take, or why it cannot be had; None when something else is asked for."""
        path = request.path.partition("?")[0]
        if self._workshop is None or not path.startswith(TAKES):
            return None
        try:
            take = await asyncio.to_thread(self._workshop.takes.find, unquote(path.removeprefix(TAKES)))
        except WorkshopError as error:
            return sentence(HTTPStatus.NOT_FOUND, str(error))
        return await self._downloads.send(connection, request, take, kind_of(take))

    def _get(self, request: Request) -> Response:
        path, _, query = request.path.partition("?")
        path, attribute = unquote(path), query.partition("&")[0].partition("=")[0].upper()
        if attribute == "HOST_INFO":
            return data(self._host_info())
        if self._pages and Pages.holds(path):
            if self._facts is not None and path == PREFIX + "/":
                self._facts.prepare()  # the page asks for them as soon as it is there
            return self._pages.get(path)
        if self._pages and path == "/" and not query and "text/html" in request.headers.get("Accept", ""):
            return elsewhere(PREFIX + "/")
        if attribute and attribute not in ATTRIBUTES:
            return sentence(
                HTTPStatus.BAD_REQUEST, f"{attribute[:40]!r} is no attribute, allowed are {', '.join(ATTRIBUTES)}"
            )
        node = self._tree.find(path)
        if node is None:
            return sentence(HTTPStatus.NOT_FOUND, f"{path[:80]}: no such address")
        if not attribute:
            return data(node)
        if attribute not in node:
            return sentence(HTTPStatus.NO_CONTENT, "")
        return data({attribute: node[attribute]})

    def _host_info(self) -> dict[str, Any]:
        info: dict[str, Any] = {"NAME": "manned", "EXTENSIONS": EXTENSIONS, "WS_PORT": self.port}
        if self._osc.port:
            info |= {"OSC_PORT": self._osc.port, "OSC_TRANSPORT": "UDP"}
            info |= {"OSC_IP": self._osc.host} if self._osc.host else {}
        return info

    # -- WebSocket ------------------------------------------------------------

    async def _talk(self, connection: ServerConnection) -> None:
        path = connection.request.path.partition("?")[0] if connection.request is not None else "/"
        if path == WORKSHOP:
            if self._workshop is not None:
                await self._workshop.serve(connection)
            return
        peer = WebPeer(connection, self._receiver, self._tree)
        self._peers.add(peer)
        try:
            await peer.run()
        except ConnectionClosed:
            pass
        finally:
            self._peers.discard(peer)

    def _told(self, changes: Sequence[Change]) -> None:
        """Tell what came and went with another model."""
        if all(change.name != "model" for change in changes):
            return
        before, self._leaves = self._leaves, self._tree.leaves
        now = self._leaves
        news = [("PATH_REMOVED", name) for name in before if name not in now]
        news += [("PATH_ADDED", name) for name in now if name not in before]
        news += [("PATH_CHANGED", name) for name in now if name in before and before[name] != now[name]]
        for peer in list(self._peers) if news else ():
            for command, name in news:
                peer.say(command, address_of(name))
            peer.look_again()
