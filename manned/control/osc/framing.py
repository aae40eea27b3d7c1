"""OSC packets in a TCP stream: SLIP (OSC 1.1) or a size before each packet (OSC 1.0).

A connection speaks the framing of the first byte heard on it.
"""

from __future__ import annotations

from typing import Protocol

from pythonosc import slip

from .packet import MAX_PACKET, PacketError

_END = slip.END[0]


class FramingError(PacketError):
    """A stream in which the next packet cannot be found any more."""


class Framing(Protocol):
    """Finds packets in a stream, and makes a stream of packets."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the stream."""
        ...

    def next_packet(self) -> bytes | None:
        """The next whole packet; None until more is fed.  `PacketError` and `FramingError` as the framing says."""
        ...

    def encode(self, packet: bytes) -> bytes:
        """The bytes that carry a packet."""
        ...


def framing_of(first: int) -> Framing:
    """A fresh reader for a stream by its first byte.

    0xC0, ``/`` and ``#`` begin a SLIP stream, 0x00 the size of a first packet.
    Anything else is a `FramingError`.
    """
    if first in (_END, ord("/"), ord("#")):
        return SlipFraming()
    if first == 0:
        return SizeFraming()
    raise FramingError(f"stream begins with byte 0x{first:02X}, allowed are 0x00, 0xC0, '/' and '#'")


class SlipFraming:
    """Packets between 0xC0 bytes, as in RFC 1055."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the stream."""
        self._buffer += data

    def next_packet(self) -> bytes | None:
        """The next whole packet; None until more is fed.

        Raises
        ------
        PacketError
            For a packet with a wrong escape; the next call goes on behind it.
        FramingError
            For a packet beyond any allowed size; the stream is lost.
        """
        while True:
            stop = self._buffer.find(_END)
            if stop < 0:
                # Each byte of a packet may have been escaped, so take two.
                if len(self._buffer) > 2 * MAX_PACKET:
                    raise FramingError(f"packet longer than {MAX_PACKET} bytes")
                return None
            frame = bytes(self._buffer[:stop])
            del self._buffer[: stop + 1]
            if frame:
                try:
                    return slip.decode(frame)
                except slip.ProtocolError:
                    raise PacketError("packet with a wrong SLIP escape") from None

    @staticmethod
    def encode(packet: bytes) -> bytes:
        """The bytes that carry a packet."""
        return slip.encode(packet)


class SizeFraming:
    """Packets that follow their size, an int32 in network order."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the stream."""
        self._buffer += data

    def next_packet(self) -> bytes | None:
        """The next whole packet; None until more is fed.

        Raises
        ------
        FramingError
            For a size that is not allowed; the stream is lost.
        """
        if len(self._buffer) < 4:
            return None
        size = int.from_bytes(self._buffer[:4], "big", signed=True)
        if not 0 < size <= MAX_PACKET:
            raise FramingError(f"packet of {size} bytes, allowed are multiples of 4 up to {MAX_PACKET}")
        if len(self._buffer) < 4 + size:
            return None
        packet = bytes(self._buffer[4 : 4 + size])
        del self._buffer[: 4 + size]
        return packet

    @staticmethod
    def encode(packet: bytes) -> bytes:
        """The bytes that carry a packet."""
        return len(packet).to_bytes(4, "big") + packet
