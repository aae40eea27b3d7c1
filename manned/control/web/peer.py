"""A client by WebSocket: OSC packets in binary messages, OSCQuery's commands in text ones."""

from __future__ import annotations

import json
from collections.abc import Sequence

from websockets.asyncio.server import ServerConnection, broadcast

from ..osc.packet import MAX_PACKET, PacketError, write_message
from ..osc.receiver import Receiver
from ..sender import Outlet
from .tree import QueryTree

MAX_PATHS = 1024
"""Paths that one client may listen to."""

MAX_UNREAD = 1 << 20
"""Bytes of answers that a client may leave unread."""

MAX_BEHIND = 1 << 16
"""Bytes unread with which a client is sent no feedback; it gets the last values when it has read them."""


class WebPeer:
    """One client: a `Sender`, and an `Outlet` for what it listens to.

    Parameters
    ----------
    connection : ServerConnection
    receiver : Receiver
    tree : QueryTree
    """

    most = MAX_PACKET
    lapses = False

    def __init__(self, connection: ServerConnection, receiver: Receiver, tree: QueryTree):
        self.key = (*connection.remote_address, "web")
        self._connection = connection
        self._receiver = receiver
        self._tree = tree
        self._paths: set[str] = set()

    @property
    def outlet(self) -> Outlet:
        """Itself."""
        return self

    async def run(self) -> None:
        """Take what the client sends until it is gone."""
        try:
            async for message in self._connection:
                if isinstance(message, bytes):
                    self._receiver.receive(message, self)
                else:
                    self._command(message)
        finally:
            if self._receiver.feedback is not None:
                self._receiver.feedback.forget(self.key)

    def send(self, address: str, *arguments: object) -> None:
        """Answer; a client that leaves too much unread is shut out."""
        self._write(write_message(address, *arguments))

    def send_packets(self, packets: Sequence[bytes]) -> bool:
        """Send packets; False while the client leaves earlier ones unread."""
        if self._unread > MAX_BEHIND:
            return False
        for packet in packets:
            self._write(packet)
        return True

    def say(self, command: str, path: str) -> None:
        """Send one of OSCQuery's own messages."""
        self._write(json.dumps({"COMMAND": command, "DATA": path}))

    def abort(self) -> None:
        """Shut the connection at once."""
        self._connection.transport.abort()

    def _write(self, message: bytes | str) -> None:
        if self._connection.transport.is_closing():
            return
        broadcast([self._connection], message)
        if self._unread > MAX_UNREAD:
            self.abort()

    @property
    def _unread(self) -> int:
        return self._connection.transport.get_write_buffer_size()

    # -- listening ------------------------------------------------------------

    def _command(self, text: str) -> None:
        try:
            self._listen(*_parsed(text))
        except PacketError as error:
            self._receiver.reject(error, self)

    def _listen(self, command: str, path: str) -> None:
        if command == "IGNORE":
            self._paths.discard(path)
        elif not self._tree.names(path):
            raise PacketError(f"LISTEN: {path[:80]!r} is no address")
        elif len(self._paths) >= MAX_PATHS:
            raise PacketError(f"LISTEN: {MAX_PATHS} paths are listened to, no more are taken")
        else:
            self._paths.add(path)
        self.look_again()

    def look_again(self) -> None:
        """Listen to what is there now at the paths that were asked for."""
        feedback = self._receiver.feedback
        if feedback is None:
            return
        names = {name for path in self._paths for name in self._tree.names(path)}
        subscriber = feedback.find(self.key)
        if subscriber is None and names:
            subscriber = feedback.subscribe(self)
        if subscriber is not None:
            subscriber.names = names
            feedback.leave(subscriber)


def _parsed(text: str) -> tuple[str, str]:
    """Command and path of a text message; anything else is a `PacketError`."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise PacketError("text message that is no JSON") from None
    command = message.get("COMMAND") if isinstance(message, dict) else None
    path = message.get("DATA") if isinstance(message, dict) else None
    if command not in ("LISTEN", "IGNORE") or not isinstance(path, str):
        raise PacketError("text message, allowed are the COMMANDs LISTEN and IGNORE with a path as DATA")
    return command, path
