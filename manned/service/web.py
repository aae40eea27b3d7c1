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
from ..control.web.pages import Pages, network_address, page_address
from ..control.web.server import HostInfo, WebServer
from ..control.web.token import FILE, Doorkeeper, is_this_computer, keep_token, new_token
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
        self._folder = config.state_folder
        self._token, self._tell = self._kept_token()
        self._server = WebServer(
            receiver,
            settings.host,
            settings.port,
            HostInfo(_named(osc.host), osc.port) if osc.enabled else HostInfo(),
            Guard(settings.names, settings.origins),
            Pages(PAGES),
            Facts(receiver.instrument, PresetFolder(config.preset_folder, config.factory_folder)),
            Doorkeeper(self._token),
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
            log.info("page on %s", self._addresses())

    async def run(self) -> None:
        """Announce it, now that all parts have started."""
        if self._serves and self._settings.announce:
            services = [Announced(QUERY, self._settings.host, self._server.port)]
            services += [Announced(OSC, self._osc.host, self._osc.port)] if self._osc.enabled else []
            await self._announcer.start(services)
        await super().run()

    def _kept_token(self) -> tuple[str, bool]:
        """The token that requests need, empty for none, and whether it has to be told now."""
        settings = self._settings
        if not settings.port or settings.open or is_this_computer(settings.host):
            return "", False
        try:
            return keep_token(self._folder)
        except OSError as error:
            log.warning("web token %s: cannot be kept (%s); it is another one at each start", FILE, error.strerror)
            return new_token(), True

    def _addresses(self) -> str:
        """Where the page is, for people; the token is told when it is new, and no more."""
        host, port = self._settings.host, self._server.port
        token = self._token if self._tell else ""
        told = network_address(host, port, token) or page_address(host, port, token)
        if self._token and not self._tell:
            return f"{told}, which needs its token: `manned page --print` tells the whole address"
        if self._token:
            return f"{told} (it is not printed again; `manned page --print` tells it)"
        return told

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
