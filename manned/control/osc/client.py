"""A small OSC client for the command line: one message out, its answers back."""

from __future__ import annotations

import math
import random
import socket
import time
from collections.abc import Sequence

from ...errors import PortError
from .packet import MAX_PACKET, Message, PacketError, read_packet, write_message


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
    try:
        family, _, _, _, target = min(socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM))  # IPv4 before IPv6
        with socket.socket(family, socket.SOCK_DGRAM) as udp:
            udp.connect(target)
            udp.send(message)
            udp.send(write_message("/sync", number))
            return _answers(udp, number, time.monotonic() + timeout_s)
    except OSError as error:
        reason = f"no answer within {timeout_s:g} s" if isinstance(error, TimeoutError) else error.strerror or error
        raise PortError(f"OSC port {port} on {host}: {reason}; is manned running there?") from None


def parse_word(word: str) -> int | float | bool | str:
    """A word as an OSC argument: whole number, number, ``true`` or ``false``, else text."""
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
