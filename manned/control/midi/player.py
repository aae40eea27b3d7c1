"""Plays MIDI messages: what each means to the instrument."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from .bindings import Bindings

log = logging.getLogger(__name__)

DATA_ENTRY, DATA_ENTRY_LSB = 6, 38
SUSTAIN = 64
NRPN_LSB, NRPN_MSB, RPN_LSB, RPN_MSB = 98, 99, 100, 101
ALL_SOUND_OFF, RESET_CONTROLLERS, ALL_NOTES_OFF = 120, 121, 123
RPN_NULL = (127, 127)
RPN_BEND_RANGE = (0, 0)


@dataclass
class _Channel:
    """What one channel of one port has told so far."""

    held: set[int] = field(default_factory=set)
    deferred: set[int] = field(default_factory=set)  # released while the pedal is down
    sustain: bool = False
    bent: bool = False
    rpn: tuple[int, int] = RPN_NULL
    bend_semitones: int = 2
    bend_cents: int = 0


class Player:
    """Turns messages into notes and parameters of an instrument.  Control thread only.

    Parameters
    ----------
    instrument : Instrument
    bindings : Bindings
        What controllers move.  One that is bound loses its standard meaning.
    channels : sequence of int
        The channels that are heard, 1–16; empty is all.
    """

    def __init__(self, instrument, bindings: Bindings, channels=()):
        self._instrument = instrument
        self._bindings = bindings
        self._heard = frozenset(channels or range(1, 17))
        self._channels = {}
        self._missing = set()
        self._actions = {
            "note_on": self._note_on,
            "note_off": self._note_off,
            "control_change": self._control_change,
            "pitchwheel": self._pitchwheel,
        }

    def play(self, port: str, message) -> None:
        """Play one message that came in at a port.

        Parameters
        ----------
        port : str
            Notes and pedals of different ports are kept apart by it.
        message : mido.Message
            Kinds that have no meaning here (clock, active sensing, …) do nothing.
        """
        action = self._actions.get(message.type)
        if action is not None and message.channel + 1 in self._heard:
            where = (port, message.channel + 1)
            with self._instrument.together():
                action(where, self._channels.setdefault(where, _Channel()), message)

    def forget(self, port: str) -> None:
        """Let go of everything that a port holds: keys, pedals and the bend wheel."""
        with self._instrument.together():
            for where in [where for where in self._channels if where[0] == port]:
                channel = self._channels.pop(where)
                for note in channel.held | channel.deferred:
                    self._release(where, note)
                if channel.bent:
                    self._instrument.set("bend", 0.0)

    def _note_on(self, where, channel, message) -> None:
        if message.velocity == 0:
            return self._note_off(where, channel, message)
        channel.held.add(message.note)
        channel.deferred.discard(message.note)
        self._instrument.note_on(("midi", *where, message.note), message.note, message.velocity)

    def _note_off(self, where, channel, message) -> None:
        if message.note in channel.held:
            channel.held.remove(message.note)
            if channel.sustain:
                channel.deferred.add(message.note)
            else:
                self._release(where, message.note)

    def _release(self, where, note: int) -> None:
        self._instrument.note_off(("midi", *where, note))

    def _pitchwheel(self, where, channel, message) -> None:
        channel.bent = message.pitch != 0
        self._instrument.set("bend", message.pitch / (8191 if message.pitch > 0 else 8192))

    def _control_change(self, where, channel, message) -> None:
        name = self._bindings.find(where[1], message.control)
        if name is not None:
            self._move(name, message.value / 127)
        elif message.control == SUSTAIN:
            self._pedal(where, channel, message.value >= 64)
        elif message.control in (RPN_MSB, RPN_LSB):
            msb, lsb = channel.rpn
            channel.rpn = (message.value, lsb) if message.control == RPN_MSB else (msb, message.value)
        elif message.control in (NRPN_MSB, NRPN_LSB):
            channel.rpn = RPN_NULL
        elif message.control in (DATA_ENTRY, DATA_ENTRY_LSB):
            if channel.rpn == RPN_BEND_RANGE:
                self._bend_range(channel, message)
        elif message.control == ALL_SOUND_OFF:
            self._silence()
        elif message.control == RESET_CONTROLLERS:
            self._reset(where, channel)
        elif message.control >= ALL_NOTES_OFF:
            self._all_notes_off(where, channel)

    def _move(self, name: str, position: float) -> None:
        """Set a parameter to a controller's position, 0–1."""
        row = self._instrument.parameters.get(name)
        if row is not None:
            self._instrument.set(name, row.from_unit(position))
        elif name not in self._missing:
            self._missing.add(name)
            log.info("MIDI: the model has no %s, its controller does nothing", name)

    def _pedal(self, where, channel, down: bool) -> None:
        channel.sustain = down
        if not down:
            for note in channel.deferred:
                self._release(where, note)
            channel.deferred.clear()

    def _bend_range(self, channel, message) -> None:
        if message.control == DATA_ENTRY:
            channel.bend_semitones, channel.bend_cents = message.value, 0
        else:
            channel.bend_cents = message.value
        self._instrument.set("bend/range", channel.bend_semitones + channel.bend_cents / 100)

    def _silence(self) -> None:
        """All sound off; a pedal that is down stays down."""
        for channel in self._channels.values():
            channel.held.clear()
            channel.deferred.clear()
        self._instrument.all_sound_off()

    def _reset(self, where, channel) -> None:
        """What MIDI's RP-015 resets, as far as it has a meaning here."""
        self._pedal(where, channel, False)
        channel.bent = False
        channel.rpn = RPN_NULL
        self._instrument.set("bend", 0.0)
        self._instrument.set("expression", 1.0)

    def _all_notes_off(self, where, channel) -> None:
        """Let go of the channel's keys; a pedal that is down still holds them."""
        if channel.sustain:
            channel.deferred |= channel.held
        else:
            for note in channel.held:
                self._release(where, note)
        channel.held.clear()
