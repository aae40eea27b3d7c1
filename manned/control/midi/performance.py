"""What the meanings of messages act upon: an instrument, and what its players do to it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Protocol

from ...instrument import Instrument
from ...table.bindings import LEVEL, Bindings
from ...table.macros import MACRO_NAMES
from ...table.note_targets import OFFSET_WORDS
from .channels import Channel, Port

log = logging.getLogger(__name__)


class Programs(Protocol):
    """Whatever a program change chooses from."""

    def load(self, number: int, /) -> object:
        """Load the program of a number, 0–127.  Raises `PresetError` when it cannot."""


@dataclass
class Performance:
    """An instrument that is played by MIDI, the ports that play it, and what the settings say.  Control thread only.

    Attributes
    ----------
    instrument : Instrument
    bindings : Bindings
    mpe : {'off', 'lower', 'upper', 'both'}
        MPE zones of every new port.
    pressure, timbre : str
        What pressure, and CC 74 of MPE's member channels, move of a single note:
        ``macro/1`` …, ``latent/1`` …, a word of `OFFSET_WORDS` (pressure sets the ``level`` itself), or nothing
        when empty.
    programs : Programs, optional
        Without them program changes do nothing.
    ports : dict
        Every port that has sent something, by name.
    portamento_s : float, optional
        The time to come back to while CC 65 has portamento off.
    mode : str, optional
        The mode to come back to while CC 68 is down.
    """

    instrument: Instrument
    bindings: Bindings
    mpe: str = "off"
    pressure: str = ""
    timbre: str = ""
    programs: Programs | None = None
    ports: dict[str, Port] = field(default_factory=dict)
    portamento_s: float | None = None
    mode: str | None = None
    _logged: set[str] = field(default_factory=set)

    def channel(self, port: str, number: int) -> Channel:
        """A channel, 1–16, of a port."""
        found = self.ports.get(port)
        if found is None:
            found = self.ports[port] = Port(port, self.mpe)
        return found.channel(number)

    def forget(self, port: str) -> None:
        """Let go of everything that a port holds: keys, pedals, bend wheels and zones."""
        found = self.ports.pop(port, None)
        for channel in [] if found is None else [*found.channels.values()]:
            self.forget_channel(channel)

    def forget_channel(self, channel: Channel) -> None:
        """Let go of the keys, pedal and wheel of a channel, which begins anew with its next message."""
        channel.port.channels.pop(channel.number, None)
        for note in channel.sounding:
            self.release(channel, note)
        if channel.bent:
            self.instrument.set("bend", 0.0)

    def release(self, channel: Channel, note: int) -> None:
        """End the note of a key."""
        self.instrument.note_off(channel.key(note))

    def move(self, name: str, position: float) -> None:
        """Set a parameter to a controller's position, 0–1."""
        row = self.instrument.parameters.get(name)
        if row is None:
            self.log_missing(name)
        elif name == "portamento" and self.portamento_s is not None:
            self.portamento_s = float(row.from_unit(position))
        else:
            self.instrument.set(name, row.from_unit(position))

    def press(self, channel: Channel, note: int, amount: float) -> None:
        """Move what pressing a key, 0–1, moves of its own note."""
        self._move_note(self.pressure, channel, note, amount, channel.timbre if self.timbre == self.pressure else 0.0)

    def slide(self, channel: Channel, note: int, amount: float) -> None:
        """Move what sliding along a key, −1…1, moves of its own note."""
        pressed = (channel.pressure or 0.0) if self.timbre == self.pressure else 0.0
        self._move_note(self.timbre, channel, note, amount, pressed)

    def _move_note(self, target: str, channel: Channel, note: int, amount: float, more: float) -> None:
        """Move something of one note, by the sum of two amounts where the finger moves it in two ways."""
        amount = min(max(amount + more, -1.0), 1.0)
        if target == LEVEL:
            self.instrument.note_pressure(channel.key(note), amount)
        elif target in MACRO_NAMES:
            here = float(self.instrument.get(target))
            position = here + amount * (here if amount < 0.0 else 1.0 - here)
            self.instrument.note_macro(channel.key(note), MACRO_NAMES.index(target) + 1, position)
        elif target in OFFSET_WORDS:
            self.instrument.note_target(channel.key(note), target, amount)
        elif target in self.instrument.parameters:
            self.instrument.note_latent(channel.key(note), int(target.removeprefix("latent/")), amount)
        elif target:
            self.log_missing(target)

    def log_missing(self, name: str) -> None:
        """Log, once, that a controller moves a parameter that the model does not have."""
        self.log_once(f"the model has no {name}, its controller does nothing")

    def log_once(self, sentence: str) -> None:
        """Log a sentence the first time it is true."""
        if sentence not in self._logged:
            self._logged.add(sentence)
            log.info("MIDI: %s", sentence)
