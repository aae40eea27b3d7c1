"""How addresses are written outside: behind a prefix, or as another program has them.

Inside there is one way alone.  A message is made ours on its way in, and what answers it is written as it was asked.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from typing import Any

from ...errors import ConfigError
from ...table.address import ROOT, name_of
from ...table.aliases import ALIASES
from ...table.commands import DONE, ERROR, FAIL, command_table
from ...table.parameters import PARAMETERS
from ..sender import Outlet, Sender
from .packet import Message, with_prefix

ALLOWED = "a word behind a slash, or several, such as /manned"
_PREFIX = re.compile(r"(/[\w.~+-]+)+", re.ASCII)
_LEAST_ELEMENT = 20
"""Bytes of the shortest message in a bundle, with its size."""


class AddressSpace:
    """The addresses that are heard beside our own.

    Parameters
    ----------
    prefix : str
        May stand before every address; empty is none.
    aliases : str
        A table of `manned.table.aliases`; empty is none.

    Raises
    ------
    ConfigError
        For a prefix that is none, or with which one of our own addresses begins.
    """

    def __init__(self, prefix: str = "", aliases: str = ""):
        if prefix and not _PREFIX.fullmatch(prefix):
            raise ConfigError(f"osc.prefix is {prefix!r}, allowed is {ALLOWED}")
        names = (*(row.name for row in PARAMETERS), *command_table(), "latent", "q")
        taken = {name.partition(ROOT)[0] for name in names}
        if name_of(prefix).partition(ROOT)[0] in taken:
            raise ConfigError(f"osc.prefix is {prefix!r}, allowed is one with which none of manned's addresses begins")
        self._prefix = prefix
        self._aliases = {row.address: row for row in ALIASES[aliases]}

    def enter(self, message: Message, sender: Sender) -> tuple[Message, Sender]:
        """A message without the prefix, and whom to answer: a sender who wrote it gets it back."""
        if not self._prefix or not message.address.startswith(self._prefix + ROOT):
            return message, sender
        return message._replace(address=message.address[len(self._prefix) :]), _Prefixed(sender, self._prefix)

    def translate(self, message: Message, sender: Sender) -> tuple[Message, Sender]:
        """What a message means that may be another program's, and whom to answer.

        Raises
        ------
        ParameterError
            When it is that program's and its arguments are wrong.
        """
        row = self._aliases.get(message.address)
        if row is None or (not row.means(message.arguments) and _is_ours(message.address)):
            return message, sender
        meant = Message(*row.translate(message.arguments))
        return meant, _Renamed(sender, meant.address, message.address)

    def outlet(self, outlet: Outlet) -> Outlet:
        """The way to a place of which nobody said how it wants addresses: it gets the prefix if there is one."""
        return PrefixedOutlet(outlet, self._prefix) if self._prefix else outlet


def _is_ours(address: str) -> bool:
    return name_of(address) in command_table()


class _Prefixed:
    """A sender who writes a prefix before addresses."""

    def __init__(self, sender: Sender, prefix: str):
        self._sender = sender
        self._prefix = prefix

    @property
    def key(self) -> Hashable:
        """Who it is."""
        return self._sender.key

    @property
    def outlet(self) -> Outlet | None:
        """Where it is told what it subscribes to, with the prefix."""
        outlet = self._sender.outlet
        return None if outlet is None else PrefixedOutlet(outlet, self._prefix)

    def send(self, address: str, *arguments: Any) -> None:
        """Answer, with the prefix before the address, and before that which an answer is about."""
        if address in (DONE, FAIL, ERROR) and arguments and str(arguments[0]).startswith(ROOT):
            arguments = (self._prefix + str(arguments[0]), *arguments[1:])
        self._sender.send(self._prefix + address, *arguments)


class _Renamed:
    """A sender who calls one of our addresses otherwise."""

    def __init__(self, sender: Sender, ours: str, theirs: str):
        self._sender = sender
        self._ours, self._theirs = ours, theirs

    @property
    def key(self) -> Hashable:
        """Who it is."""
        return self._sender.key

    @property
    def outlet(self) -> Outlet | None:
        """Where it is told what it subscribes to."""
        return self._sender.outlet

    def send(self, address: str, *arguments: Any) -> None:
        """Answer, from the address that was asked."""
        self._sender.send(self._theirs if address == self._ours else address, *arguments)


class PrefixedOutlet:
    """A way to a controller that wants a prefix before all addresses."""

    def __init__(self, outlet: Outlet, prefix: str):
        self._outlet = outlet
        self._prefix = prefix

    @property
    def key(self) -> Hashable:
        """Whom it leads to."""
        return self._outlet.key

    @property
    def most(self) -> int:
        """Bytes of the longest packet before the prefix is there, so that it is not too long with it."""
        return self._outlet.most * _LEAST_ELEMENT // (_LEAST_ELEMENT + len(self._prefix) + 3)

    @property
    def lapses(self) -> bool:
        """Whether nobody notices when the controller is gone."""
        return self._outlet.lapses

    def send_packets(self, packets: Sequence[bytes]) -> bool:
        """Send some packets, with the prefix."""
        return self._outlet.send_packets([with_prefix(packet, self._prefix) for packet in packets])

    def abort(self) -> None:
        """Give it up."""
        self._outlet.abort()
