"""One controller that is told what changes."""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from ipaddress import ip_address

from ...sender import Outlet
from .bounds import LAPSE_S, PATIENCE_S


class Subscriber:
    """A controller, what it wants to be told, and what it is known to show.

    Parameters
    ----------
    outlet : Outlet
    owner : hashable, optional
        The sender that it belongs to: the same controller, which sends from another port than it listens on.
    host : str
        Of a listener: the address of its computer.  Empty for a controller that listens where it sends from.
    keeps : bool
        Whether it never lapses.

    Attributes
    ----------
    everything : bool
        Whether it wants all changes.
    names : set of str
        What it wants to be told of beside.
    echo : bool
        Whether it wants back what it said itself.
    owed : dict
        Names whose last value it has not been told, and whether they were set together with others.
    """

    def __init__(self, outlet: Outlet, owner: Hashable = None, host: str = "", keeps: bool = False):
        self.outlet = outlet
        self.host = host
        self.keeps = keeps
        self._keys = (outlet.key, owner)
        self.everything = False
        self.echo = False
        self.names: set[str] = set()
        self.rates: dict[str, float] = {}
        self.owed: dict[str, bool] = {}
        self._shows: dict[str, tuple[object, ...]] = {}
        self._heard = time.monotonic()
        self._stuck: float | None = None

    def is_sender(self, key: Hashable) -> bool:
        """Whether a sender is the same controller: one at its key, its owner, or a port beside it on its computer.

        Of one's own computer nobody can tell which program listens for which.
        """
        return key in self._keys or (self.is_beside(key) and not ip_address(self.host).is_loopback)

    def is_beside(self, key: Hashable) -> bool:
        """Whether a sender is on the computer of a listener."""
        return bool(self.host) and isinstance(key, tuple) and key[0] == self.host

    @property
    def idle(self) -> bool:
        """Whether it wants nothing any more."""
        return not (self.everything or self.names or self.rates)

    def wants(self, name: str) -> bool:
        """Whether it is to be told of a name."""
        return self.everything or name in self.names

    def heard(self) -> None:
        """Its controller has sent something."""
        self._heard = time.monotonic()

    @property
    def lapsed(self) -> bool:
        """Whether it is long since its controller sent something."""
        return not self.keeps and self.outlet.lapses and time.monotonic() > self._heard + LAPSE_S

    def said(self, name: str, values: Sequence[object]) -> None:
        """It has set a name to some values itself, and so shows them."""
        self._shows[name] = tuple(values)

    def shows(self, name: str, values: Sequence[object]) -> bool:
        """Whether it shows what a name was set to; a number that was clamped on its way it shows wrongly."""
        shown = self._shows.get(name)
        if shown is None:
            return False
        return all(isinstance(one, str) or isinstance(other, str) or one == other for one, other in zip(shown, values))

    def tell(self, name: str) -> None:
        """It is about to be told a name's value, so what it said itself holds no longer."""
        self._shows.pop(name, None)

    def send(self, packets: Sequence[bytes]) -> bool:
        """Send packets; False when they cannot be sent now.  An outlet that is stuck for long is given up."""
        if self.outlet.send_packets(packets):
            self._stuck = None
            return True
        now = time.monotonic()
        self._stuck = self._stuck or now
        if now > self._stuck + PATIENCE_S:
            self.outlet.abort()
        return False
