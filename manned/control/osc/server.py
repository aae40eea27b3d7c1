"""The sockets: OSC by UDP and TCP on one port, both into one `Receiver`."""

from __future__ import annotations

import asyncio
import functools
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from ...errors import ParameterError
from ...instrument import Instrument
from ...state.morph import Morph
from ...state.schedule import Schedule
from ...table.commands import ERROR
from ..midi.map import MidiMap
from ..recordings import Recordings
from ..sender import Outlet
from .address_space import AddressSpace
from .allowance import Allowance
from .commands import Telling
from .connection import Connections
from .dated import Dated
from .feedback.bounds import MAX_DATAGRAM
from .feedback.feedback import Feedback
from .feedback.listeners import Listeners
from .feedback.meter import Meter, Tap
from .feedback.streams import Streams
from .namespace import Namespace
from .packet import MAX_PACKET, write_message
from .packet_queues import PacketQueues
from .port import port_error
from .receiver import Receiver
from .turns import Turns

DATAGRAMS_PER_TURN = 512  # taken from the kernel, which forgets what comes while its own short queue is full
ACCEPTED_PER_TURN = 2  # connections; each takes about a millisecond, in which nobody else is answered
WAITING = 128  # connections that the kernel keeps until then
RECEIVE_BUFFER = 1 << 22  # bytes asked of the kernel, which may give less

TOO_MUCH = "more than is answered to your computer by UDP at once; ask again in a second, for less, or by TCP"


class OscServer:
    """Hears OSC on a UDP and a TCP socket and answers on them.

    All methods belong to the control thread.

    Parameters
    ----------
    instrument : manned.instrument.Instrument
    schedule : manned.state.schedule.Schedule
        Where dated bundles wait; whoever owns the loop runs it.
    host : str
        Address or name to listen on; ``127.0.0.1`` hears this machine alone.
    port : int
        0 takes any free one; see `port` after `start`.
    morph : manned.state.morph.Morph
        The instrument's, with its presets.
    status : callable, optional
        Returns a dict of plain values for ``/status``; without it, that of the
        instrument.
    listeners : sequence of str
        Places, ``host:port``, that are always told what changes.
    listener_hosts : sequence of str
        Patterns of addresses that senders may name as listeners, beside their own.
    tap : Tap, optional
        What ``/meter`` measures; by default the engine's tap, which has but one reader.
    midi : MidiMap, optional
        What ``/midi/…`` tells and learns.
    recordings : Recordings, optional
        What ``/record`` begins and ends.
    space : AddressSpace, optional
        How addresses may be written beside our own way.
    """

    def __init__(
        self,
        instrument: Instrument,
        schedule: Schedule,
        host: str,
        port: int,
        morph: Morph,
        status: Callable[[], dict[str, Any]] | None = None,
        listeners: Sequence[str] = (),
        listener_hosts: Sequence[str] = (),
        tap: Tap | None = None,
        midi: MidiMap | None = None,
        recordings: Recordings | None = None,
        space: AddressSpace | None = None,
    ):
        self._space = space or AddressSpace()
        self.host = host
        self.port = port
        self.feedback = Feedback(instrument)
        self._listeners = Listeners(self.feedback, listener_hosts)
        self._always_told = listeners
        self._streams = Streams(self.feedback, Meter(instrument.engine, tap))
        dated = Dated(schedule)
        instrument.when_silenced(dated.clear)
        self.namespace = Namespace(
            instrument,
            lambda: {**(status or instrument.status)(), **self.counts()},
            morph,
            Telling(self.feedback, self._listeners, self._streams),
            dated,
            midi,
            recordings,
        )
        self.receiver = Receiver(self.namespace, dated, self.feedback, self._space)
        self._udp: socket.socket | None = None
        self._tcp: asyncio.Server | None = None
        self._turns = Turns()
        self._connections = Connections(self.receiver, self._turns)
        self._queues = PacketQueues()
        self._allowance = Allowance()
        self._dropped = 0

    async def start(self) -> None:
        """Open both sockets.

        Raises
        ------
        PortError
            When the host is unknown or the port is taken or not allowed.
        """
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
            family, _, _, _, (numeric_host, *_) = min(found)  # IPv4 where a name means both, as OSC programs take it
            tcp = socket.create_server((str(numeric_host), self.port), family=family)
            self._tcp = await loop.create_server(self._connections.make, sock=tcp, backlog=ACCEPTED_PER_TURN)
            tcp.listen(WAITING)  # asyncio takes one number for both
            address = self._tcp.sockets[0].getsockname()
            self.port = address[1]
            self._udp = udp = socket.socket(family, socket.SOCK_DGRAM)
            udp.setblocking(False)
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            udp.bind(address)
        except OSError as error:
            await self.stop()
            raise port_error(self.host, self.port, error) from None
        loop.add_reader(udp, self._read_datagrams, udp)
        self._listeners.open(lambda address: self._space.outlet(self._outlet(address)))
        await self._listeners.keep(self._always_told, udp.family)

    async def stop(self) -> None:
        """Close the sockets and every connection.  A stopped server can be started again."""
        self.namespace.close()
        self._streams.close()
        self._listeners.close()
        self.feedback.close()
        if self._udp is not None:
            asyncio.get_running_loop().remove_reader(self._udp)
            self._udp.close()
            self._udp = None
            self._queues.clear()
        if self._tcp is not None:
            self._tcp.close()
            self._tcp = None
        self._connections.abort()

    def counts(self) -> dict[str, int]:
        """Counters since the start: those of `Receiver.counts`, datagrams without room, and open connections."""
        return {
            **self.receiver.counts(),
            **self.feedback.counts(),
            "osc_dropped": self._dropped,
            "osc_answers_suppressed": self._allowance.suppressed,
            "osc_connections": len(self._connections),
            "osc_connections_let_go": self._connections.let_go + self._connections.shut,
        }

    def _read_datagrams(self, udp: socket.socket) -> None:
        heard = []
        with suppress(OSError):  # nothing there, or news that an answer found nobody
            for _ in range(DATAGRAMS_PER_TURN):
                heard.append(udp.recvfrom(MAX_PACKET))
        if len(heard) == 1 and self._turns.idle:  # nobody to take turns with
            ((data, address),) = heard
            self.receiver.receive(data, Datagrams(udp, address, self._allowance))
            return
        for data, address in heard:
            waits = address in self._queues
            if not self._queues.put(address, data):
                self._dropped += 1
            elif not waits:
                self._turns.enter(address, functools.partial(self._play_datagram, udp, address), data)
        self._turns.play()

    def _play_datagram(self, udp: socket.socket, address: Any) -> bool:
        """Play the oldest packet of a sender; True when there is another."""
        if address not in self._queues:  # the server was stopped
            return False
        self.receiver.receive(self._queues.take(address), Datagrams(udp, address, self._allowance))
        return address in self._queues

    def _outlet(self, address: Any) -> Outlet:
        """Where a listener is reached."""
        assert self._udp is not None
        if len(address) != (2 if self._udp.family == socket.AF_INET else 4):
            raise ParameterError(f"found {address[0]}, which cannot be reached from {self.host}")
        return Datagrams(self._udp, address, self._allowance)


class Datagrams:
    """A sender heard by UDP, or a listener.

    Parameters
    ----------
    udp : socket
    address : tuple
        Of the sender.
    allowance : Allowance
    """

    __slots__ = ("_allowance", "_cut", "_socket", "_when", "key")

    most = MAX_DATAGRAM
    lapses = True

    def __init__(self, udp: socket.socket, address: Any, allowance: Allowance):
        self._socket = udp
        self._allowance = allowance
        self._when = time.monotonic()
        self._cut = False
        self.key = address

    @property
    def outlet(self) -> Outlet:
        """Itself: what it subscribes to goes to where it sends from."""
        return self

    def send(self, address: str, *arguments: Any) -> None:
        """Send an answer to where the question came from, as long as that is not too much for its computer."""
        packet = write_message(address, *arguments)
        admitted = None if self._cut else self._allowance.admit(self.key[0], len(packet), self._when)
        if admitted is None:
            return
        if not admitted:
            packet = write_message(ERROR, "packet", TOO_MUCH)
            self._cut = True
        # UDP promises nothing: an answer that the network does not take at once is not kept.
        try:
            self._socket.sendto(packet, self.key)
        except OSError:
            pass

    def send_packets(self, packets: Sequence[bytes]) -> bool:
        """Send packets; what the network does not take at once is not kept."""
        try:
            for packet in packets:
                self._socket.sendto(packet, self.key)
        except BlockingIOError:
            return False
        except OSError:
            pass
        return True

    def abort(self) -> None:
        """Nothing is open."""
