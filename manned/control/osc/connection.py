"""A sender heard by TCP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable, Sequence
from typing import cast

from ..sender import Outlet
from .framing import Framing, FramingError, framing_of
from .packet import MAX_PACKET, PacketError, write_message
from .receiver import Receiver

TURN_S = 0.002  # for the packets of one socket, before the control thread does other work
MAX_CONNECTIONS = 64
MAX_UNREAD = 1 << 20  # bytes of answers that a client may leave unread


class Connection(asyncio.Protocol):
    """One TCP connection: a `Sender` whose packets come in a stream.

    Parameters
    ----------
    receiver : Receiver
    connections : set of Connection
        Those that are open; of more than `MAX_CONNECTIONS` the last is shut.
    """

    def __init__(self, receiver: Receiver, connections: set[Connection]):
        self.receiver = receiver
        self.connections = connections
        self.key: Hashable = None
        self._transport: asyncio.Transport
        self._framing: Framing | None = None

    def abort(self) -> None:
        """Shut the connection at once."""
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio: the connection is open."""
        self._transport = cast(asyncio.Transport, transport)
        self.key = (*transport.get_extra_info("peername"), "tcp")
        if len(self.connections) >= MAX_CONNECTIONS:
            self.abort()
            return
        self.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Asyncio: the connection is gone."""
        self.connections.discard(self)
        if self.receiver.feedback is not None:
            self.receiver.feedback.forget(self.key)

    def data_received(self, data: bytes) -> None:
        """Asyncio: bytes of the stream have come."""
        if self._framing is None:
            try:
                self._framing = framing_of(data[0])
            except FramingError as error:  # and no framing to tell it in
                self.receiver.reject(error)
                self.abort()
                return
        self._framing.feed(data)
        self._read_packets(self._framing)

    def _read_packets(self, framing: Framing) -> None:
        end = time.monotonic() + TURN_S
        while time.monotonic() < end:
            if self._transport.is_closing():
                return
            try:
                packet = framing.next_packet()
            except FramingError as error:
                self.receiver.reject(error, self)
                self._transport.close()
                return
            except PacketError as error:
                self.receiver.reject(error, self)
                continue
            if packet is None:
                self._transport.resume_reading()
                return
            self.receiver.receive(packet, self)
        # More may be waiting here: read nothing new before it is done, and let others have their turn.
        self._transport.pause_reading()
        asyncio.get_running_loop().call_soon(self._read_packets, framing)

    def send(self, address: str, *arguments: object) -> None:
        """Answer in the framing that was heard; a client that leaves too much unread is shut out."""
        if self._framing is None or self._transport.is_closing():
            return
        self._transport.write(self._framing.encode(write_message(address, *arguments)))
        if self._transport.get_write_buffer_size() > MAX_UNREAD:
            self.abort()

    @property
    def outlet(self) -> Outlet:
        """Itself."""
        return self

    @property
    def most(self) -> int:
        """Bytes of the longest packet."""
        return MAX_PACKET

    @property
    def lapses(self) -> bool:
        """No: the connection ends."""
        return False

    def send_packets(self, packets: Sequence[bytes]) -> bool:
        """Send packets in the framing that was heard; False while the client leaves earlier ones unread."""
        if self._framing is None or self._transport.is_closing():
            return True  # it is gone, or has said nothing yet that could be subscribed to
        if self._transport.get_write_buffer_size() > MAX_UNREAD // 16:
            return False
        self._transport.write(b"".join(map(self._framing.encode, packets)))
        return True
