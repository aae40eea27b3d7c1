"""The part that serves the web: OSCQuery and pages, and announcing them to the network."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from .. import PROGRAM
from ..config import Config
from ..control.osc.commands.record import RECORD
from ..control.osc.receiver import Receiver
from ..control.recordings import Recordings
from ..control.web import server
from ..control.web.announce import OSC, QUERY, Announced, Announcer
from ..control.web.facts import Facts
from ..control.web.guard import Guard
from ..control.web.pages import Pages, network_address, page_address
from ..control.web.server import HostInfo, WebServer
from ..control.web.token import FILE, Doorkeeper, is_this_computer, keep_token, new_token
from ..control.web.workshop.workshop import TAKES, Workshop
from ..errors import PortError
from ..state.preset_folder import PresetFolder
from ..state.tree import Change
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
    recordings : Recordings, optional
        What the takes of the page come from.
    """

    name = "web"

    def __init__(self, receiver: Receiver, config: Config, recordings: Recordings | None = None):
        settings, osc = config.web, config.osc
        self._settings = settings
        self._osc = osc
        self._announcer = Announcer()
        self._folder = config.state_folder
        self._token, self._tell = self._kept_token()
        instrument = receiver.instrument
        self._workshop = Workshop(
            config.state_folder,
            config.recording_folder,
            config.library.decoder_folders,
            config.library.decoders,
            lambda: encoding(config, instrument.decoder.name),
            recordings,
        )
        self._tree = instrument.tree
        self._listening: Any = None
        self._server = WebServer(
            receiver,
            settings.host,
            settings.port,
            HostInfo(_named(osc.host), osc.port) if osc.enabled else HostInfo(),
            Guard(settings.names, settings.origins),
            Pages(PAGES),
            Facts(instrument, PresetFolder(config.preset_folder, config.factory_folder)),
            Doorkeeper(self._token),
            self._workshop,
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
            self._listening = self._tree.listen(self._told)
            await self._workshop.start()
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
            self._listening.stop()
            await self._server.stop()
            await self._workshop.stop()

    def _told(self, changes: Sequence[Change]) -> None:
        if any(change.name == RECORD for change in changes):
            self._workshop.changed(TAKES)

    def status(self) -> dict[str, Any]:
        """Its counters."""
        return self._server.counts() if self._settings.port else {}

    async def reload(self, config: Config) -> tuple[str, ...]:
        """It stays where it is."""
        return ("web",) if config.web != self._settings else ()


def encoding(config: Config, model: str) -> list[str]:
    """The command that encodes a sound with the same settings as ours.

    Parameters
    ----------
    config : Config
    model : str
        Name of the decoder that plays.
    """
    words = ["-m", PROGRAM, "encode"]
    words += ["--config", str(config.config_file)] if config.config_file is not None else []
    words += [word for override in config.overrides for word in ("--set", override)]
    # A decoder that was given as a file has no name that others find it by.
    return [*words, "--model", model if model in config.library.decoders() else config.model.name]


def _named(host: str) -> str:
    """A host as clients are told it; empty for one that means any address."""
    try:
        return "" if ip_address(host).is_unspecified else host
    except ValueError:
        return host
