"""MIDI in, as the daemon runs it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator

from ...errors import MannedError
from ...instrument import Instrument
from ...settings import MidiSettings
from ...table.bindings import Binding, Controller
from .channels import Port
from .feedback import Feedback
from .learned import Learned
from .meaning import read_message
from .performance import Commands, Programs
from .player import Player
from .ports import Ports
from .templates import Templates

log = logging.getLogger(__name__)

TICK_S = 0.02
LATE_S = 0.1
"""A tick that comes so late says nothing of what the ports sent meanwhile."""
EVEN_BLOCKS, EVEN_S = 2, 0.004
"""With low jitter, from when a message came to when it is played.  In that time it reaches the engine, one block asks
for a note's first spectrum, another has it, and the limiter looks ahead."""


class MidiInput:
    """Plays an instrument from MIDI ports, for as long as the daemon runs, and shows on them what is set.

    Parameters
    ----------
    instrument : Instrument
    settings : MidiSettings
        ``api``, ``ports``, ``virtual_port``, ``jitter``, ``feedback``, and those of `Player`.
    programs : Programs, optional
        Loads the presets that program changes ask for; a `Morph` does.
    commands : Commands, optional
        Does the commands of buttons.
    learned : Learned, optional
        What was learned.
    templates : Templates, optional

    Raises
    ------
    ConfigError
        For a binding of a controller or parameter that does not exist, or an unknown template.
    """

    def __init__(
        self,
        instrument: Instrument,
        settings: MidiSettings,
        programs: Programs | None = None,
        commands: Commands | None = None,
        learned: Learned | None = None,
        templates: Templates | None = None,
    ):
        self._player = Player(instrument, settings, programs, commands, learned, templates)
        self._clock = instrument.clock
        self._even = settings.jitter == "low"
        self._played_at = 0
        self._ports: Ports | None = None
        self._feedback: Feedback | None = None
        if settings.api != "none":
            self._ports = Ports(
                settings.api, settings.ports, settings.virtual_port, self.received, self._opened, self._lost
            )
            if settings.feedback:
                self._feedback = Feedback(instrument, self._ports.send)
        self._ticking: asyncio.Task[None] | None = None
        self._messages = 0
        self._rejected = 0
        self.heard: Callable[[str, list[int]], object] | None = None
        """Told of every message, as bytes, with its port; not of bytes that mean none."""

    async def start(self) -> None:
        """Start looking for ports; returns at once, they come when they come."""
        if self._ports is not None:
            await self._ports.start()
            self._ticking = asyncio.get_running_loop().create_task(self._tick())

    async def stop(self) -> None:
        """Let go of all ports and of what they hold."""
        if self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None
        if self._feedback is not None:
            self._feedback.close()
        if self._ports is not None:
            await self._ports.stop()
        self._player.close()

    def counts(self) -> dict[str, int | str | float | bool]:
        """Messages so far, those refused, the MIDI system in use, the ports played from, and the clock."""
        return {
            "midi_messages": self._messages,
            "midi_rejected": self._rejected,
            "midi_system": (self._ports and self._ports.system) or "none",
            "midi_ports": ", ".join(name for name, opened in self.ports().items() if opened),
            **self._player.transport(),
        }

    def ports(self) -> dict[str, bool]:
        """Every port there is, and whether it is played from."""
        if self._ports is None:
            return {}
        return {name: name in self._ports.opened for name in sorted({*self._ports.names, *self._ports.opened})}

    def known(self) -> Iterator[Port]:
        """The ports that are played from, with what their controllers move."""
        return self._player.ports()

    def waits_for(self, port: Port, controller: Controller, binding: Binding) -> str:
        """As `Controls.waits_for`."""
        return self._player.waits_for(port, controller, binding)

    def received(self, port: str, data: list[int], seconds: float, due: float | None = None) -> None:
        """Play a message, in bytes, that came in at a port.

        Parameters
        ----------
        port : str
        data : list of int
        seconds : float
            When it came, on the monotonic clock.
        due : float, optional
            When it would have come if JACK's periods began evenly; what ``midi.jitter`` counts from.
        """
        self._messages += 1
        if self._feedback is not None:
            self._feedback.touch(port, data, time.monotonic())
        try:
            message = read_message(data)
            if self.heard is not None:
                self.heard(port, data)
            self._player.play(port, message, seconds, self._when(seconds if due is None else due))
        except (ValueError, MannedError) as error:
            self._rejected += 1
            log.debug("MIDI: %s sent %s, refused: %s", port, bytes(data).hex(" "), error)

    def _when(self, seconds: float) -> int | None:
        """The sample at which what came in at a time of the monotonic clock is played; None is at once."""
        if not self._even:
            return None
        delay_s = EVEN_BLOCKS * self._clock.block / self._clock.samplerate + EVEN_S
        self._played_at = max(self._played_at, self._clock.sample_when(seconds + delay_s))
        return self._played_at

    def _opened(self, port: str) -> None:
        layers = self._player.open(port)
        if layers.template.device:
            log.info("MIDI: %s is a %s", port, layers.template.device)
        if self._feedback is not None:
            self._feedback.open(port, layers)

    def _lost(self, port: str) -> None:
        if self._feedback is not None:
            self._feedback.forget(port)
        self._player.forget(port)

    async def _tick(self) -> None:
        """Do what time brings, 50 times a second."""
        before = time.monotonic()
        while True:
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            try:
                if now - before > LATE_S:
                    self._player.late(now)
                self._player.tick(now)
                if self._feedback is not None:
                    self._feedback.tick(now)
            except MannedError as error:
                log.warning("MIDI: %s", error)
            except Exception:
                log.exception("MIDI: what time brings failed")
            before = now
