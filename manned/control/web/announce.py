"""Announcing the instrument to the network by zeroconf: ``_oscjson._tcp`` and ``_osc._udp``."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zeroconf import ServiceInfo
    from zeroconf.asyncio import AsyncZeroconf

log = logging.getLogger(__name__)

QUERY, OSC = "_oscjson._tcp.local.", "_osc._udp.local."
"""The services of OSCQuery and of OSC."""

INSTANCE = "manned"


@dataclass(frozen=True)
class Announced:
    """One service.

    Attributes
    ----------
    kind : str
        `QUERY` or `OSC`.
    host : str
        What it listens on.
    port : int
    """

    kind: str
    host: str
    port: int


class Announcer:
    """Announces services until it is stopped.  Control thread only.

    What listens on this computer alone is not announced: nobody else could reach it.
    """

    def __init__(self) -> None:
        self._zeroconf: AsyncZeroconf | None = None

    async def start(self, services: Iterable[Announced]) -> list[str]:
        """Announce some services; returns what was announced, for people.  What fails is logged."""
        reachable = [(service, addresses) for service in services if (addresses := _addresses(service.host))]
        if not reachable:
            log.info("nothing is announced: nothing can be reached from other computers")
            return []
        try:
            from zeroconf.asyncio import AsyncZeroconf
        except ImportError:
            log.warning("nothing is announced: web.announce is true, but the library zeroconf is not installed")
            return []
        told = []
        try:
            self._zeroconf = AsyncZeroconf()
            for service, addresses in reachable:
                info = _info(service, addresses)
                await (await self._zeroconf.async_register_service(info, allow_name_change=True))
                told.append(f"{info.name} port {info.port}")
        except Exception as error:  # of the network, in whatever way it is missing
            log.warning("not all is announced: %s", error or type(error).__name__)
        if told:
            log.info("announced %s", ", ".join(told))
        return told

    async def stop(self) -> None:
        """Announce nothing more, and say so."""
        if self._zeroconf is not None:
            zeroconf, self._zeroconf = self._zeroconf, None
            await zeroconf.async_unregister_all_services()
            await zeroconf.async_close()


def _addresses(host: str) -> list[str]:
    """The addresses at which other computers reach what listens on a host; none if they cannot."""
    try:
        found = {str(item[4][0]).partition("%")[0] for item in socket.getaddrinfo(host, None)}
    except OSError:
        return []
    if any(ip_address(address).is_unspecified for address in found):
        found = _own_addresses()
    return sorted(address for address in found if not ip_address(address).is_loopback)


def _own_addresses() -> set[str]:
    try:
        import ifaddr  # comes with zeroconf
    except ImportError:
        return set()
    return {ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips if isinstance(ip.ip, str)}


def _info(service: Announced, addresses: list[str]) -> ServiceInfo:
    from zeroconf import ServiceInfo

    name = socket.gethostname().partition(".")[0] or INSTANCE
    return ServiceInfo(
        service.kind,
        f"{INSTANCE} on {name}.{service.kind}",
        port=service.port,
        parsed_addresses=addresses,
        server=f"{name}.local.",
        properties={},
    )
