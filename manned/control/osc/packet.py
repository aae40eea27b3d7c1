"""OSC packets: read without trust, written by python-osc.

Whatever bytes arrive, `read_packet` returns a message or a bundle or raises
`PacketError`, in time linear in their number.  python-osc's own reader is not
used for input: it loops for ever on a negative element size, raises whatever
comes, and copies the rest of the packet for each argument.  Layout and type tags
are those of the OSC 1.0 specification, with 1.0's optional tags.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from pythonosc.parsing import osc_types

from ...errors import MannedError

MAX_PACKET = 65536  # bytes; more than a UDP datagram holds
MAX_ELEMENTS = 256  # messages and bundles in one packet, so that one packet cannot hold the control thread for long
MAX_DEPTH = 8  # of bundles in bundles
MAX_ADDRESS = 255  # characters
IMMEDIATELY = 1  # the time tag that means now

_BUNDLE = b"#bundle\0"
_NUMBERS = {
    "i": struct.Struct(">i"),
    "f": struct.Struct(">f"),
    "h": struct.Struct(">q"),
    "d": struct.Struct(">d"),
    "t": struct.Struct(">Q"),
    "r": struct.Struct(">I"),
    "m": struct.Struct(">4s"),
    "c": struct.Struct(">3xc"),
}
_FEW = 17  # type tags, of which it is remembered how they lie
_CONSTANTS = {"T": True, "F": False, "N": None, "I": math.inf}


class PacketError(MannedError):
    """Bytes that are no OSC packet, or one beyond the limits of this module."""


class Message(NamedTuple):
    """An address, or a pattern of addresses, and its arguments."""

    address: str
    arguments: tuple[object, ...]


class Bundle(NamedTuple):
    """Messages and bundles that belong together.

    Attributes
    ----------
    timetag : int
        NTP time in units of 2**-32 s; `IMMEDIATELY` is now.
    elements : tuple of Message or Bundle
    size : int
        Bytes it took in its packet.
    """

    timetag: int
    elements: tuple[Message | Bundle, ...]
    size: int


def read_packet(data: bytes) -> Message | Bundle:
    """Check and decode one packet.

    Arguments become int, float, str, bool, None or bytes.  Brackets of arrays are
    dropped and their items kept: no address here tells the two apart.  NaN and
    infinities pass; each parameter refuses them by name.

    Raises
    ------
    PacketError
        And nothing else, for any bytes.
    """
    size = len(data)
    if not 0 < size <= MAX_PACKET or size % 4:
        raise PacketError(f"packet of {size} bytes, allowed are multiples of 4 up to {MAX_PACKET}")
    if data.startswith(_BUNDLE):
        return _bundle(data, 0, size, 1, [MAX_ELEMENTS])
    return _message(data, 0, size)


def messages_of(packet: Message | Bundle) -> Iterator[Message]:
    """The messages of a packet in their order, those of bundles in it too."""
    if isinstance(packet, Message):
        yield packet
    else:
        for element in packet.elements:
            yield from messages_of(element)


_LARGEST_FLOAT = float.fromhex("0x1.fffffep127")  # of 32 bits


def write_message(address: str, *arguments: Any) -> bytes:
    """One message as a packet; int, float, str, bool and None find their own type tags.

    It is put together from python-osc's own parts.  Its builder reads every message that it has written once more,
    which is most of what feedback costs.

    Raises
    ------
    PacketError
        For an address that no packet can carry.
    """
    if "\0" in address or not address.isascii():
        raise PacketError(f"address {address[:32]!r}, allowed is printable ASCII from '/' on")
    tags, body = ",", b""
    for value in arguments:
        tag, written = _argument(value)
        tags += tag
        body += written
    return osc_types.write_string(address) + osc_types.write_string(tags) + body


def _argument(value: Any) -> tuple[str, bytes]:
    """Type tag and bytes of an argument."""
    if isinstance(value, float):
        wide = math.isfinite(value) and abs(value) > _LARGEST_FLOAT
        return ("d", osc_types.write_double(value)) if wide else ("f", osc_types.write_float(value))
    if isinstance(value, str):
        return "s", osc_types.write_string(value.encode("utf-8", "replace").decode().replace("\0", " "))
    if value is None or isinstance(value, bool):
        return {True: "T", False: "F", None: "N"}[value], b""
    if isinstance(value, int):
        wide = value.bit_length() > 31
        return ("h", osc_types.write_int64(value)) if wide else ("i", osc_types.write_int(value))
    if isinstance(value, bytes):
        return "b", osc_types.write_blob(value)
    if isinstance(value, list):
        tags, parts = zip(*map(_argument, value)) if value else ((), ())
        return f"[{''.join(tags)}]", b"".join(parts)
    raise TypeError(f"{value!r} has no OSC type")


def write_floats(address: str, values: Sequence[float]) -> bytes:
    """A message of many floats, made ten times quicker than by `write_message`."""
    head = b"".join(text + bytes(4 - len(text) % 4) for text in (address.encode(), b"," + b"f" * len(values)))
    return head + struct.pack(f">{len(values)}f", *values)


def write_bundles(messages: Iterable[bytes], most: int) -> list[bytes]:
    """Messages that take effect together, in bundles of so many bytes at most; a longer message stands alone in one."""
    bundles: list[bytearray] = []
    for message in messages:
        element = len(message).to_bytes(4, "big") + message
        if not bundles or len(bundles[-1]) + len(element) > most:
            bundles.append(bytearray(_BUNDLE + _NUMBERS["t"].pack(IMMEDIATELY)))
        bundles[-1] += element
    return [bytes(bundle) for bundle in bundles]


def with_prefix(packet: bytes, prefix: str) -> bytes:
    """A packet of our own writing with a prefix before the address of each message in it."""
    if not packet.startswith(_BUNDLE):
        end = packet.index(0)
        address = prefix.encode() + packet[:end]
        return address + bytes(4 - len(address) % 4) + packet[(end | 3) + 1 :]
    written, at = bytearray(packet[:16]), 16
    while at < len(packet):
        size = int.from_bytes(packet[at : at + 4], "big")
        element = with_prefix(packet[at + 4 : at + 4 + size], prefix)
        written += len(element).to_bytes(4, "big") + element
        at += 4 + size
    return bytes(written)


def sendable(value: object) -> int | float | str:
    """A value as OSC carries it to every client: truth as 0 and 1, what OSC has no type for as text."""
    if isinstance(value, bool):
        return int(value)
    return value if isinstance(value, (int, float, str)) else str(value)


def _bundle(data: bytes, start: int, end: int, depth: int, budget: list[int]) -> Bundle:
    if depth > MAX_DEPTH:
        raise PacketError(f"bundles nested deeper than {MAX_DEPTH}")
    if end - start < 16:
        raise PacketError("bundle without a time tag")
    (timetag,) = _NUMBERS["t"].unpack_from(data, start + 8)
    elements = []
    at = start + 16
    while at < end:
        (size,) = _NUMBERS["i"].unpack_from(data, at)
        at += 4
        if not 0 < size <= end - at or size % 4:
            raise PacketError(f"bundle element of {size} bytes where {end - at} are left, allowed are multiples of 4")
        budget[0] -= 1
        if budget[0] < 0:
            raise PacketError(f"more than {MAX_ELEMENTS} elements in one packet")
        if data.startswith(_BUNDLE, at, at + size):
            elements.append(_bundle(data, at, at + size, depth + 1, budget))
        else:
            elements.append(_message(data, at, at + size))
        at += size
    return Bundle(timetag, tuple(elements), end - start)


def _message(data: bytes, at: int, end: int) -> Message:
    address, at = _text(data, at, end)
    _check_address(address)
    if at == end:
        return Message(address, ())
    tags, at = _text(data, at, end)
    if not tags.startswith(","):
        raise PacketError(f"message {address}: type tags {tags[:32]!r}, they start with a comma")
    numbers = _numbers_alone(tags) if len(tags) <= _FEW else None
    if numbers is not None and at + numbers.size == end:
        return Message(address, numbers.unpack_from(data, at))
    arguments = []
    brackets = 0
    for tag in tags[1:]:
        number = _NUMBERS.get(tag)
        if number is not None:
            if at + number.size > end:
                raise PacketError(f"message {address}: argument of type {tag!r} runs past its end")
            arguments.append(number.unpack_from(data, at)[0])
            at += number.size
        elif tag in "sS":
            text, at = _text(data, at, end)
            arguments.append(text)
        elif tag in _CONSTANTS:
            arguments.append(_CONSTANTS[tag])
        elif tag == "b":
            blob, at = _blob(data, at, end)
            arguments.append(blob)
        elif tag == "[":
            brackets += 1
        elif tag == "]" and brackets:
            brackets -= 1
        else:
            raise PacketError(f"message {address}: type tag {tag!r} is unknown or unbalanced")
    if brackets:
        raise PacketError(f"message {address}: type tag '[' is not closed")
    if at != end:
        raise PacketError(f"message {address}: {end - at} bytes do not fit its type tags {tags[:32]!r}")
    return Message(address, tuple(arguments))


@lru_cache(maxsize=4096)
def _check_address(address: str) -> None:
    """Raise for an address that is none; those that are allowed are remembered."""
    if not address.startswith("/") or not address.isascii() or not address.isprintable() or " " in address:
        raise PacketError(f"address {address[:32]!r}, allowed is printable ASCII from '/' on")
    if len(address) > MAX_ADDRESS:
        raise PacketError(f"address of {len(address)} characters, allowed are {MAX_ADDRESS}")


@lru_cache(maxsize=64)
def _numbers_alone(tags: str) -> struct.Struct | None:
    """How arguments lie that are numbers all; None for others."""
    formats = [_NUMBERS[tag].format if tag in _NUMBERS else "" for tag in tags[1:]]
    return struct.Struct(">" + "".join(form[1:] for form in formats)) if all(formats) else None


def _text(data: bytes, start: int, end: int) -> tuple[str, int]:
    stop = data.find(0, start, end)
    if stop < 0:
        raise PacketError("text without its closing zero")
    after = (stop | 3) + 1  # elements start at multiples of 4, so the padding does too
    if data.count(0, stop, after) != after - stop:
        raise PacketError("text with padding that is not zero")
    try:
        return data[start:stop].decode(), after
    except UnicodeDecodeError:
        raise PacketError("text that is not UTF-8") from None


def _blob(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    size = _NUMBERS["i"].unpack_from(data, at)[0] if at + 4 <= end else -1
    at += 4
    after = at + size + -size % 4
    if size < 0 or after > end:
        raise PacketError(f"blob of {size} bytes where {max(end - at, 0)} are left")
    return data[at : at + size], after
