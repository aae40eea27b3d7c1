"""What the meanings of messages act upon: an instrument, and what its players do to it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from ...instrument import Instrument
from ...table.bindings import LEVEL
from ...table.macros import MACRO_NAMES
from ...table.note_targets import OFFSET_WORDS
from .channels import Channel, Port, Told
from .clock import BeatClock
from .controls import Controls
from .layers import Layers
from .override import Override
from .sharing import Sharing

log = logging.getLogger(__name__)

RELEASE = "env/release"

MOST_BEND = 48.0
"""Semitones that one note can be bent."""

MOST_TAILS = 32
"""Notes of a channel that were let go and are told what it tells."""

TAIL_S = 0.5
"""Seconds beyond its release that a note is waited for: it may have been let go before it began."""


class Programs(Protocol):
    """Whatever a program change chooses from."""

    def load(self, number: int, /) -> object:
        """Load the program of a number, 0–127.  Raises `PresetError` when it cannot."""


class Commands(Protocol):
    """Whoever does the commands that buttons are bound to."""

    def perform(self, name: str, *arguments: object) -> None:
        """Do a command of the table; what goes wrong is told to people, not raised."""


@dataclass
class Performance:
    """An instrument that is played by MIDI, the ports that play it, and what the settings say.  Control thread only.

    Attributes
    ----------
    instrument : Instrument
    layers : callable(str) -> Layers
        What the controllers of a port of that name move.
    mpe : {'off', 'lower', 'upper', 'both'}
        MPE zones of every new port.
    pressure, timbre : str
        What pressure, and CC 74 of MPE's member channels, move of a single note:
        ``macro/1`` …, ``latent/1`` …, a word of `OFFSET_WORDS` (pressure sets the ``level`` itself), or nothing
        when empty.
    programs : Programs, optional
        Without them program changes do nothing.
    commands : Commands, optional
        Without them buttons of commands do nothing.
    ports : dict
        Every port that has sent something, by name.
    sharing : Sharing
        Whether one channel plays alone.
    no_portamento, legato : Override
        What CC 65 and CC 68 hold.
    clock : BeatClock
        What MIDI's clock tells.
    """

    instrument: Instrument
    layers: Callable[[str], Layers] = lambda port: Layers()
    mpe: str = "off"
    pressure: str = ""
    timbre: str = ""
    programs: Programs | None = None
    commands: Commands | None = None
    ports: dict[str, Port] = field(default_factory=dict)
    _logged: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.sharing = Sharing(self.instrument)
        self.no_portamento = Override(self.instrument, "portamento", 0.0)
        self.legato = Override(self.instrument, "mode", "legato")
        self.clock = BeatClock()
        self.controls = Controls(self.instrument, self.no_portamento, self._press, self.log_missing)
        self._listening = [self.instrument.tree.listen(held.hear) for held in (self.no_portamento, self.legato)]

    def close(self) -> None:
        """Listen to the instrument no more."""
        for listening in self._listening:
            listening.stop()

    # -- ports --------------------------------------------------------------

    def port(self, name: str) -> Port:
        """The port of a name."""
        found = self.ports.get(name)
        if found is None:
            found = self.ports[name] = Port(name, self.mpe, self.layers(name))
        return found

    def forget(self, name: str) -> None:
        """Let go of everything that a port holds: keys, pedals, bend wheels and zones."""
        found = self.ports.pop(name, None)
        if found is not None:
            self.controls.forget(name)
            self.reset_port(found)

    def reset_port(self, port: Port) -> None:
        """Let every channel of a port begin anew."""
        port.pitches.clear()
        port.tunings.clear()
        for channel in [*port.channels.values()]:
            self.forget_channel(channel)

    def forget_channel(self, channel: Channel) -> None:
        """Let go of the keys, pedals and wheel of a channel, which begins anew with its next message."""
        channel.port.channels.pop(channel.number, None)
        for held in (self.no_portamento, self.legato):
            held.turn(False, channel)
        self.sharing.leave(channel)
        for note in channel.sounding:
            self.release(channel, note)

    # -- notes --------------------------------------------------------------

    def start_note(self, channel: Channel, note: int, velocity: float) -> None:
        """Start the note of a key; what its channel has told before holds for it from its first sample."""
        if self.sharing.play(channel):
            for player in self.sharing.players():
                self.bend_notes(player)
                self.level_notes(player)
        self._keep_tail(channel, note)
        told = channel.notes[note] = Told(note, channel.key(note), shift=self._shift(channel, note))
        self.instrument.note_on(told.name, note, velocity, shift=told.shift)
        self._bend(channel, told)
        if channel.master is not None:
            if channel.pressure is not None:
                self.press_note(channel, note, channel.pressure)
            if channel.timbre:
                self.slide_note(channel, note, channel.timbre)
        self._level(channel, told)

    def release(self, channel: Channel, note: int) -> None:
        """End the note of a key; its tail goes on hearing its channel."""
        self._keep_tail(channel, note)
        self.instrument.note_off(channel.key(note))

    def _keep_tail(self, channel: Channel, note: int) -> None:
        """Keep what a note has been told that is about to be let go, if there is one."""
        told, tail = channel.notes.pop(note, None), self.instrument.tail(channel.key(note))
        if told is not None and tail is not None:
            clock = self.instrument.clock
            told.name = tail
            told.until = self._now() + clock.samples(float(self.instrument.get(RELEASE)) + TAIL_S)
            channel.tails = [*self._tails(channel), told][-MOST_TAILS:]

    def press_note(self, channel: Channel, note: int, pressure: float) -> None:
        """Press the key of one note, 0–1."""
        told = channel.notes.get(note)
        if told is not None:
            told.pressure = pressure
            if self.pressure == LEVEL:
                self._level(channel, told)
                return
        slid = channel.timbre if self.timbre == self.pressure else 0.0
        self._move_note(self.pressure, channel, note, pressure + slid)

    def slide_note(self, channel: Channel, note: int, amount: float) -> None:
        """Slide along the key of one note, −1…1."""
        told = channel.notes.get(note)
        pressed = told.pressure if told is not None and self.timbre == self.pressure else 0.0
        self._move_note(self.timbre, channel, note, amount + pressed)

    def _move_note(self, target: str, channel: Channel, note: int, amount: float) -> None:
        """Move something of one note by −1…1."""
        amount = min(max(amount, -1.0), 1.0)
        if target in MACRO_NAMES:
            here = float(self.instrument.get(target))
            position = here + amount * (here if amount < 0.0 else 1.0 - here)
            self.instrument.note_macro(channel.key(note), MACRO_NAMES.index(target) + 1, position)
        elif target in OFFSET_WORDS:
            self.instrument.note_target(channel.key(note), target, amount)
        elif target in self.instrument.parameters:
            self.instrument.note_latent(channel.key(note), int(target.removeprefix("latent/")), amount)
        elif target:
            self.log_missing(target)

    def bend_notes(self, channel: Channel) -> None:
        """Bend every note of a channel, or of a zone, as its wheel and its tuning say."""
        for member in channel.port.group(channel):
            for told in (*member.notes.values(), *self._tails(member)):
                self._bend(member, told)

    def level_notes(self, channel: Channel) -> None:
        """Give every note of a channel, or of a zone, the level that its volume, expression and pressure say."""
        for member in channel.port.group(channel):
            for told in (*member.notes.values(), *self._tails(member)):
                self._level(member, told)

    def _tails(self, channel: Channel) -> list[Told]:
        """The notes of a channel that were let go and sound still."""
        now = self._now()
        return [told for told in channel.tails if told.until > now]

    def _now(self) -> int:
        """The sample at which what is done now takes effect."""
        when = self.instrument.tree.when
        return self.instrument.clock.now if when is None else when

    def _shift(self, channel: Channel, note: int) -> float:
        """Semitones that tuning messages put a key above where the instrument's tuning has it."""
        pitch = channel.tuned(note)
        base = self.instrument.tuning.pitch(float(note))
        single = 0.0 if pitch is None or base is None else pitch - base
        return single + channel.leader.octave_cents[note % 12] / 100 + channel.shift

    def _bend(self, channel: Channel, told: Told) -> None:
        if not told.until:  # a finger that was lifted slides no more
            told.slide = 0.0 if channel.master is None else channel.bend * channel.bend_range(0.0)
        pitch = told.slide + self.sharing.bend(channel) + self._shift(channel, told.note) - told.shift
        pitch = min(max(pitch, -MOST_BEND), MOST_BEND)
        if pitch != told.pitch:
            told.pitch = pitch
            self.instrument.note_pitch(told.name, pitch)

    def _level(self, channel: Channel, told: Told) -> None:
        level = self.sharing.level(channel)
        if self.pressure == LEVEL:
            level *= 1.0 + told.pressure
        if level != told.level:
            told.level = level
            self.instrument.note_pressure(told.name, level)

    # -- what people are told -----------------------------------------------

    def _press(self, command: str) -> None:
        """Do the command of a button."""
        if self.commands is not None:
            self.commands.perform(command)

    def log_missing(self, name: str) -> None:
        """Log, once, that a controller moves a parameter that the model does not have."""
        self.log_once(f"the model has no {name}, its controller does nothing")

    def log_once(self, sentence: str) -> None:
        """Log a sentence the first time it is true."""
        if sentence not in self._logged:
            self._logged.add(sentence)
            log.info("MIDI: %s", sentence)
