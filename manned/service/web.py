"""The part that serves the web: OSCQuery and pages, and announcing them to the network."""

from __future__ import annotations

import logging
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from ..config import Config
from ..control.osc.receiver import Receiver
from ..control.web import server
from ..control.web.announce import OSC, QUERY, Announced, Announcer
from ..control.web.facts import Facts
from ..control.web.guard import Guard
from ..control.web.pages import Pages, page_address
from ..control.web.server import HostInfo, WebServer
from ..errors import PortError
from ..state.preset_folder import PresetFolder
from .parts import Part

log = logging.getLogger(__name__)

PAGES = Path(server.__file__).with_name("panel")


class WebPart(Part):
    """The web server.  Music goes on without it: a port that is taken is said and no more.

    Parameters
    ----------
    receiver : Receiver
        That of the OSC server.
    config : Config
    """

    name = "web"

    def __init__(self, receiver: Receiver, config: Config):
        settings, osc = config.web, config.osc
        self._settings = settings
        self._osc = osc
        self._announcer = Announcer()
        self._server = WebServer(
            receiver,
            settings.host,
            settings.port,
            HostInfo(_named(osc.host), osc.port) if osc.enabled else HostInfo(),
            Guard(settings.names, settings.origins),
            Pages(PAGES),
            Facts(receiver.instrument, PresetFolder(config.preset_folder, config.factory_folder)),
        )
        self._serves = False

    async def start(self) -> None:
        """Open the port."""
        if not self._settings.port:
            return
        try:
            await self._server.start()
        except PortError as error:
            log.warning("%s; there is no OSCQuery until the next start", error)
        else:
            self._serves = True
            log.info("page on %s", page_address(self._settings.host, self._server.port))

    async def run(self) -> None:
        """Announce it, now that all parts have started."""
        if self._serves and self._settings.announce:
            services = [Announced(QUERY, self._settings.host, self._server.port)]
            services += [Announced(OSC, self._osc.host, self._osc.port)] if self._osc.enabled else []
            await self._announcer.start(services)
        await super().run()

    async def stop(self) -> None:
        """Close everything."""
        await self._announcer.stop()
        if self._serves:
            self._serves = False
            await self._server.stop()

    def status(self) -> dict[str, Any]:
        """Its counters."""
        return self._server.counts() if self._settings.port else {}

    async def reload(self, config: Config) -> tuple[str, ...]:
        """It stays where it is."""
        return ("web",) if config.web != self._settings else ()


def _named(host: str) -> str:
    """A host as clients are told it; empty for one that means any address."""
    try:
        return "" if ip_address(host).is_unspecified else host
    except ValueError:
        return host
