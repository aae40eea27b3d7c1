"""Asks a running program for its status and keeps how long the answers took."""

from __future__ import annotations

import abc
import math
import socket
import statistics
import struct
import time

from manned.control.osc.packet import Message, read_packet, write_message

STATUS = write_message("/status")
WAIT_S = 1.0


class Asker(abc.ABC):
    """Asks for the status and keeps how long each answer took, in seconds.

    Parameters
    ----------
    port : int
    """

    name: str

    def __init__(self, port: int) -> None:
        self.asked = 0
        self.unanswered = 0
        self.times: list[float] = []
        self._port = port
        self._socket = self.open()

    @abc.abstractmethod
    def open(self) -> socket.socket:
        """A new socket, on which no old answer can come."""

    @abc.abstractmethod
    def exchange(self) -> None:
        """Ask once and wait for the answer.

        Raises `TimeoutError` when none comes, `ConnectionError` when we are shut out.
        """

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()

    def ask(self) -> None:
        """Ask once and note how long the answer took."""
        self.asked += 1
        began = time.monotonic()
        try:
            self.exchange()
        except (TimeoutError, ConnectionError):
            self.unanswered += 1
            self.close()
            self._socket = self.open()
        else:
            self.times.append(time.monotonic() - began)

    def told(self, attack: str) -> str:
        """A line of the table."""
        return f"{attack:28} {self.name:8} {self.asked:6} {self.unanswered:10}   {figures(self.times)}"


class UdpAsker(Asker):
    name = "UDP"

    def open(self) -> socket.socket:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.settimeout(WAIT_S)
        udp.connect(("127.0.0.1", self._port))
        return udp

    def exchange(self) -> None:
        self._socket.send(STATUS)
        _check(self._socket.recv(65536))


class TcpAsker(Asker):
    name = "TCP"

    def open(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._port), timeout=WAIT_S)

    def exchange(self) -> None:
        self._socket.sendall(struct.pack(">i", len(STATUS)) + STATUS)
        (size,) = struct.unpack(">i", self._read(4))
        _check(self._read(size))

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._socket.recv(size - len(data))
            if not more:
                raise ConnectionError("the program has closed the connection")
            data += more
        return data


def _check(answer: bytes) -> None:
    message = read_packet(answer)
    assert isinstance(message, Message) and message.address == "/status.reply"


def figures(times: list[float]) -> str:
    """Median, 99th percentile and maximum in milliseconds."""
    ordered = sorted(times) or [float("nan")]
    chosen = (statistics.median(ordered), ordered[math.ceil(0.99 * len(ordered)) - 1], ordered[-1])
    return " ".join(f"{seconds * 1000:6.2f} ms" for seconds in chosen)
