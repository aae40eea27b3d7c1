"""A small OSC client for the command line: one message out, its answers back."""

from __future__ import annotations

import math
import random
import socket
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress

from ...errors import PortError
from .packet import MAX_PACKET, Message, PacketError, messages_of, read_packet, write_message

RENEW_S = 60.0
"""From one renewal of a subscription to the next."""


def send(host: str, port: int, address: str, words: Sequence[str], timeout_s: float = 2.0) -> list[Message]:
    """Send one message to a running daemon by UDP and wait for what it answers.

    A ``/sync`` behind the message tells when all answers have come, so that a
    message which has none returns at once.

    Parameters
    ----------
    address : str
        E.g. ``/latent/1``.
    words : sequence of str
        Arguments as typed; see `parse_word`.
    timeout_s : float
        How long to wait for the daemon.

    Returns
    -------
    list of Message
        Answers in their order; an ``/error`` is among them as any other.

    Raises
    ------
    PacketError
        When this is no OSC message.
    PortError
        When nothing answers.
    """
    if not address.startswith("/"):
        raise PacketError(f"address {address!r}: addresses begin with '/'")
    message = write_message(address, *map(parse_word, words))
    read_packet(message)
    number = random.getrandbits(31)
    with _connected(host, port, timeout_s) as udp:
        udp.send(message)
        udp.send(write_message("/sync", number))
        return _answers(udp, number, time.monotonic() + timeout_s)


def listen(
    host: str, port: int, ask: Sequence[bytes], end: Sequence[bytes], timeout_s: float = 2.0
) -> Generator[Message, None, None]:
    """Subscribe at a running daemon and hear what it tells, until the generator is closed.

    Parameters
    ----------
    ask, end : sequence of bytes
        Packets that subscribe, and that end it.
    timeout_s : float
        How long to wait for the daemon at first.

    Yields
    ------
    Message
        Those of bundles one by one.

    Raises
    ------
    PortError
        When nothing answers, at first or later.
    """
    with _connected(host, port, timeout_s) as udp:
        try:
            renew = 0.0
            heard = False
            while True:
                if time.monotonic() >= renew:
                    for packet in (*ask, write_message("/sync", 0)):
                        udp.send(packet)
                    renew = time.monotonic() + RENEW_S
                udp.settimeout(max(renew - time.monotonic(), 0.001) if heard else timeout_s)
                try:
                    data = udp.recv(MAX_PACKET)
                except TimeoutError:
                    if not heard:
                        raise
                    continue
                heard = True
                with suppress(PacketError):
                    yield from (one for one in messages_of(read_packet(data)) if one.address != "/synced")
        finally:
            with suppress(OSError):
                for packet in end:
                    udp.send(packet)


@contextmanager
def _connected(host: str, port: int, timeout_s: float) -> Iterator[socket.socket]:
    """A UDP socket to a daemon; what goes wrong with it is a `PortError`."""
    try:
        family, _, _, _, target = min(socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM))  # IPv4 before IPv6
        with socket.socket(family, socket.SOCK_DGRAM) as udp:
            udp.connect(target)
            yield udp
    except OSError as error:
        reason = f"no answer within {timeout_s:g} s" if isinstance(error, TimeoutError) else error.strerror or error
        raise PortError(f"OSC port {port} on {host}: {reason}; is manned running there?") from None


def parse_word(word: str) -> int | float | bool | str:
    """A word as an OSC argument: whole number, number, ``true`` or ``false``, else text; ``"7"`` in quotes is text."""
    if len(word) >= 2 and word[0] == word[-1] == '"':
        return word[1:-1]
    if word.lower() in ("true", "false"):
        return word.lower() == "true"
    try:
        number = float(word)
    except ValueError:
        return word
    if not math.isfinite(number):
        return word
    try:
        return int(word) if abs(number) < 2**63 else number
    except ValueError:
        return number


def _answers(udp: socket.socket, number: int, deadline: float) -> list[Message]:
    answers: list[Message] = []
    while True:
        udp.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            answer = read_packet(udp.recv(MAX_PACKET))
        except PacketError:
            continue
        if answer == ("/synced", (number,)):
            return answers
        if isinstance(answer, Message):
            answers.append(answer)
