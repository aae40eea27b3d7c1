"""MIDI in, as the daemon runs it."""

from __future__ import annotations

import logging

import mido

from ...errors import MannedError
from ...instrument import Instrument
from ...settings import MidiSettings
from .performance import Programs
from .player import Player
from .ports import Ports

log = logging.getLogger(__name__)


class MidiInput:
    """Plays an instrument from MIDI ports, for as long as the daemon runs.

    Parameters
    ----------
    instrument : Instrument
    settings : MidiSettings
        ``api``, ``ports``, ``virtual_port``, and those of `Player`.
    programs : Programs, optional
        Loads the presets that program changes ask for; a `Morph` does.

    Raises
    ------
    ConfigError
        For a binding of a controller or parameter that does not exist.
    """

    def __init__(self, instrument: Instrument, settings: MidiSettings, programs: Programs | None = None):
        self._player = Player(instrument, settings, programs)
        self._ports: Ports | None = None
        if settings.api != "none":
            self._ports = Ports(
                settings.api, settings.ports, settings.virtual_port, self._received, self._player.forget
            )
        self._messages = 0
        self._rejected = 0

    async def start(self) -> None:
        """Start looking for ports; returns at once, they come when they come."""
        if self._ports is not None:
            await self._ports.start()

    async def stop(self) -> None:
        """Let go of all ports and of what they hold."""
        if self._ports is not None:
            await self._ports.stop()

    def counts(self) -> dict[str, int | str]:
        """Messages so far, those refused, the MIDI system in use and the ports played from, as plain values."""
        return {
            "midi_messages": self._messages,
            "midi_rejected": self._rejected,
            "midi_system": (self._ports and self._ports.system) or "none",
            "midi_ports": ", ".join(name for name, opened in self.ports().items() if opened),
        }

    def ports(self) -> dict[str, bool]:
        """Every port there is, and whether it is played from."""
        if self._ports is None:
            return {}
        return {name: name in self._ports.opened for name in sorted({*self._ports.names, *self._ports.opened})}

    def _received(self, port: str, data: list[int]) -> None:
        self._messages += 1
        try:
            self._player.play(port, mido.Message.from_bytes(data))
        except (ValueError, MannedError) as error:
            self._rejected += 1
            log.debug("MIDI: %s sent %s, refused: %s", port, bytes(data).hex(" "), error)
