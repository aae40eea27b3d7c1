"""A sender heard by TCP, and which of them are let go when places are short."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Hashable, Sequence
from typing import cast

from ..sender import Outlet
from .framing import Framing, FramingError, framing_of
from .packet import MAX_PACKET, PacketError, write_message
from .receiver import Receiver
from .turns import Turns

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 64
MAX_UNREAD = 1 << 20  # bytes of answers that a client may leave unread
IDLE_S = 10.0
"""Without a whole packet for so long, a client that is told nothing either makes room for another."""

SAY_EVERY_S = 60.0


class Connections:
    """The open connections.  Control thread only.

    When all `MAX_CONNECTIONS` places are taken, a new one gets the place of that
    which has been silent for longest, if that is longer than `IDLE_S` and nobody
    who subscribed to anything; else it is shut.  Both are logged, now and then.
    """

    def __init__(self, receiver: Receiver, turns: Turns):
        self.receiver = receiver
        self.turns = turns
        self.let_go = self.shut = 0
        self._open: set[Connection] = set()
        self._said_s = -SAY_EVERY_S

    def __len__(self) -> int:
        return len(self._open)

    def make(self) -> Connection:
        """A new one, for asyncio."""
        return Connection(self)

    def take(self, connection: Connection) -> bool:
        """Give a place to a connection; False when there is none."""
        if len(self._open) >= MAX_CONNECTIONS and not self._let_one_go():
            self.shut += 1
            self._say(f"all {MAX_CONNECTIONS} places are taken, a new connection was shut")
            return False
        self._open.add(connection)
        return True

    def leave(self, connection: Connection) -> None:
        """Its place is free."""
        self._open.discard(connection)

    def abort(self) -> None:
        """Shut all of them at once."""
        for connection in list(self._open):
            connection.abort()

    def _let_one_go(self) -> bool:
        idle = min((one for one in self._open if not one.told), key=lambda one: one.heard_s, default=None)
        silent_s = 0.0 if idle is None else time.monotonic() - idle.heard_s
        if idle is None or silent_s < IDLE_S:
            return False
        self.let_go += 1
        self._say(f"all {MAX_CONNECTIONS} places are taken, one that was silent for {silent_s:.0f} s was let go")
        idle.abort()
        self.leave(idle)
        return True

    def _say(self, what: str) -> None:
        if time.monotonic() - self._said_s >= SAY_EVERY_S:
            self._said_s = time.monotonic()
            log.warning("OSC by TCP: %s (%d let go and %d shut so far)", what, self.let_go, self.shut)


class Connection(asyncio.Protocol):
    """One TCP connection: a `Sender` whose packets come in a stream.

    Parameters
    ----------
    connections : Connections
        Those that are open, with what all of them share.

    Attributes
    ----------
    heard_s : float
        When its last whole packet came, on the clock of `time.monotonic`.
    """

    def __init__(self, connections: Connections):
        self.receiver = connections.receiver
        self.connections = connections
        self.key: Hashable = None
        self.heard_s = time.monotonic()
        self._transport: asyncio.Transport
        self._framing: Framing | None = None
        self._waits = False
        self._answers: list[bytes] | None = None  # to the packet that is being played

    @property
    def told(self) -> bool:
        """Whether it has subscribed to anything."""
        feedback = self.receiver.feedback
        return feedback is not None and feedback.find(self.key) is not None

    def abort(self) -> None:
        """Shut the connection at once."""
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio: the connection is open."""
        self._transport = cast(asyncio.Transport, transport)
        self.key = (*transport.get_extra_info("peername"), "tcp")
        if not self.connections.take(self):
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Asyncio: the connection is gone."""
        self.connections.leave(self)
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
        if not self._waits:
            self._waits = True
            self.connections.turns.enter(self.key, self._play_one, data)
            self.connections.turns.play()
        if self._waits:  # more than one packet: read nothing new before they are played
            self._transport.pause_reading()

    def _play_one(self) -> bool:
        """Play the next packet; True when there may be another."""
        assert self._framing is not None
        if self._transport.is_closing():
            return False
        try:
            packet = self._framing.next_packet()
        except FramingError as error:
            self.receiver.reject(error, self)
            self._transport.close()
            return False
        except PacketError as error:
            self.receiver.reject(error, self)
            return True
        if packet is None:
            self._waits = False
            self._transport.resume_reading()
            return False
        self.heard_s = time.monotonic()
        self._answers = []
        try:
            self.receiver.receive(packet, self)
        finally:
            answers, self._answers = self._answers, None
            self._write(answers)
        return True

    def send(self, address: str, *arguments: object) -> None:
        """Answer in the framing that was heard; a client that leaves too much unread is shut out."""
        self._write([write_message(address, *arguments)])

    def _write(self, packets: Sequence[bytes]) -> None:
        """Send packets, those that answer one packet all at once: a call of the system for each takes longest."""
        if self._framing is None or self._transport.is_closing() or not packets:
            return
        if self._answers is not None:
            self._answers += packets
            return
        self._transport.write(b"".join(map(self._framing.encode, packets)))
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
        self._write(packets)
        return True
