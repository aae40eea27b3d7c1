"""Listeners: places that are told what changes, where no message comes from.

Most touch apps send from another port than they listen on, so they are named: ``host:port``.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Hashable, Iterable, Sequence
from fnmatch import fnmatchcase
from ipaddress import ip_address
from typing import Any

from ....errors import ParameterError
from ...sender import Outlet, Sender
from .feedback import Feedback
from .subscriber import Subscriber

log = logging.getLogger(__name__)

MAX_TEXT = 80
_ALLOWED = "host:port with a numeric host, e.g. 192.168.1.5:9000 or [fe80::1]:9000"


class Listeners:
    """The listeners of a feedback.  Control thread only.

    Parameters
    ----------
    feedback : Feedback
    hosts : sequence of str
        Patterns of the addresses, beside a sender's own, that senders may name.
    """

    def __init__(self, feedback: Feedback, hosts: Sequence[str] = ()):
        self._feedback = feedback
        self._hosts = tuple(hosts)
        self._reach: Callable[[Any], Outlet] | None = None

    def open(self, reach: Callable[[Any], Outlet]) -> None:
        """Reach listeners by these outlets from now on: ``reach(socket address)``."""
        self._reach = reach

    def close(self) -> None:
        """Reach nobody any more."""
        self._reach = None

    async def keep(self, places: Iterable[str], family: socket.AddressFamily) -> None:
        """Tell the listeners of the settings, for ever.  One whose name means nothing is logged and left out."""
        loop = asyncio.get_running_loop()
        for place in places:
            try:
                host, port = split_place(place)
                found = await loop.getaddrinfo(host, port, family=family, type=socket.SOCK_DGRAM)
                self._subscribe(found[0][4], keeps=True)
            except (OSError, ParameterError) as error:
                log.warning("osc.listeners: %s: %s", place, getattr(error, "strerror", None) or error)

    def add(self, place: str, sender: Sender) -> str:
        """Tell a place what changes, from now on; returns it as it is listed.

        By UDP anybody can send in the name of anybody, so a sender may name its own
        computer and no other, but for those that the settings allow.  A program on
        this computer may name any: it could send there itself.

        Raises
        ------
        ParameterError
            When it is no such place, or not allowed.
        """
        address = _numeric(place)
        own = sender.key[0] if isinstance(sender.key, tuple) else ""
        allowed = own == address[0] or _is_loopback(own) or any(fnmatchcase(address[0], host) for host in self._hosts)
        if not allowed:
            raise ParameterError(
                f"found {address[0]}, allowed is the sender's own address {own}; others as osc.listener_hosts says"
            )
        if ip_address(address[0]).is_multicast or ip_address(address[0]).is_unspecified:
            raise ParameterError(f"found {address[0]}, allowed is the address of one computer")
        return _text(self._subscribe(address, sender.key))

    def remove(self, place: str) -> str:
        """Tell a place nothing more; those of the settings come back with the next start.  Returns it as listed.

        Raises
        ------
        ParameterError
            When it is no listener.
        """
        address = _numeric(place)
        for subscriber in self._all():
            if _address(subscriber)[:2] == address[:2]:
                self._feedback.forget(subscriber.outlet.key)
                return _text(subscriber)
        raise ParameterError(
            f"found {place[:MAX_TEXT]}, allowed are {', '.join(self.names()) or 'none, there are no listeners'}"
        )

    def names(self) -> list[str]:
        """The places, in the order in which they came."""
        return [_text(subscriber) for subscriber in self._all()]

    def of(self, sender: Sender) -> list[Subscriber]:
        """The listeners that are the same controller as a sender."""
        return [one for one in self._all() if one.is_sender(sender.key)]

    def _all(self) -> list[Subscriber]:
        return [subscriber for subscriber in self._feedback if subscriber.host]

    def _subscribe(self, address: Any, owner: Hashable = None, keeps: bool = False) -> Subscriber:
        if self._reach is None:
            raise ParameterError("listeners are reached by UDP, and osc.enabled is false")
        subscriber = self._feedback.subscribe(self._reach(address), owner, address[0], keeps)
        subscriber.host, subscriber.everything = address[0], True
        return subscriber


def split_place(place: str) -> tuple[str, int]:
    """Host and port of ``host:port`` or ``[host]:port``.

    Raises
    ------
    ParameterError
        When it is neither.
    """
    host, colon, port = place.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        colon = ""
    if not (host and colon and port.isascii() and port.isdecimal() and len(port) < 6 and 1 <= int(port) <= 65535):
        raise ParameterError(f"found {place[:MAX_TEXT]!r}, allowed is {_ALLOWED}")
    return host, int(port)


def _numeric(place: str) -> Any:
    """The socket address of a place.  No name is looked up: that would hold up everybody."""
    host, port = split_place(place)
    try:
        return socket.getaddrinfo(
            "127.0.0.1" if host == "localhost" else host, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST
        )[0][4]
    except (OSError, UnicodeError):
        raise ParameterError(f"found {place[:MAX_TEXT]!r}, allowed is {_ALLOWED}") from None


def _is_loopback(host: str) -> bool:
    return bool(host) and ip_address(host.partition("%")[0]).is_loopback


def _address(subscriber: Subscriber) -> Any:
    return subscriber.outlet.key


def _text(subscriber: Subscriber) -> str:
    host, port, *_ = _address(subscriber)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
