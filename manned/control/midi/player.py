"""Plays MIDI messages: what each means to the instrument."""

from __future__ import annotations

import logging

from ...errors import PresetError
from .bindings import LEVEL, PRESSURE, Bindings
from .channel import BEND_RANGE, MEMBER_BEND_RANGE, RPN_NULL, Channel
from .zones import LOWER_MASTER, UPPER_MASTER, Zones

log = logging.getLogger(__name__)

DATA_ENTRY, DATA_ENTRY_LSB = 6, 38
SUSTAIN, PORTAMENTO_SWITCH, LEGATO_SWITCH = 64, 65, 68
TIMBRE = 74  # of MPE's member channels
NRPN_LSB, NRPN_MSB, RPN_LSB, RPN_MSB = 98, 99, 100, 101
ALL_SOUND_OFF, RESET_CONTROLLERS, ALL_NOTES_OFF = 120, 121, 123
MODES = {126: "mono", 127: "poly"}
RPN_BEND_RANGE = (0, 0)
RPN_MPE = (0, 6)


class Player:
    """Turns messages into notes and parameters of an instrument.  Control thread only.

    Parameters
    ----------
    instrument : Instrument
    bindings : Bindings
        What controllers move.  One that is bound loses its standard meaning.
    channels : sequence of int
        The channels that are heard, 1–16; empty is all.
    mpe : {'off', 'lower', 'upper', 'both'}
        MPE zones of every port, until a controller sends others.
    pressure, timbre : str
        What pressure, and CC 74 of MPE's member channels, move of a single
        note: ``latent/1`` …, ``level``, or nothing when empty.
    morph : manned.state.morph.Morph, optional
        Loads the presets that program changes ask for; without one they do nothing.
    """

    def __init__(
        self,
        instrument,
        bindings: Bindings,
        channels=(),
        mpe="off",
        pressure="latent/1",
        timbre="latent/2",
        morph=None,
    ):
        self._instrument = instrument
        self._bindings = bindings
        self._heard = frozenset(channels or range(1, 17))
        self._mpe = mpe
        self._pressure = pressure
        self._timbre = timbre
        self._morph = morph
        self._channels = {}
        self._zones = {}
        self._said = set()
        self._portamento = None  # its time while CC 65 has it off
        self._mode = None  # the one before CC 68
        self._actions = {
            "note_on": self._note_on,
            "note_off": self._note_off,
            "control_change": self._control_change,
            "pitchwheel": self._pitchwheel,
            "aftertouch": self._channel_pressure,
            "polytouch": self._key_pressure,
            "program_change": self._program_change,
        }

    @classmethod
    def from_settings(cls, instrument, midi, morph=None) -> Player:
        """A player as the section ``midi`` of the settings wants it (`manned.settings.MidiSettings`)."""
        return cls(instrument, Bindings(midi.cc), midi.channels, midi.mpe, midi.pressure, midi.timbre, morph)

    def play(self, port: str, message) -> None:
        """Play one message that came in at a port.

        Parameters
        ----------
        port : str
            Notes, pedals and zones of different ports are kept apart by it.
        message : mido.Message
            Kinds that have no meaning here (clock, active sensing, …) do nothing.
        """
        action = self._actions.get(message.type)
        if action is not None and message.channel + 1 in self._heard:
            where = (port, message.channel + 1)
            with self._instrument.together():
                action(where, self._channel(where), message)

    def forget(self, port: str) -> None:
        """Let go of everything that a port holds: keys, pedals, bend wheels and zones."""
        self._zones.pop(port, None)
        with self._instrument.together():
            for where in [where for where in self._channels if where[0] == port]:
                self._forget_channel(where)

    def _forget_channel(self, where) -> None:
        channel = self._channels.pop(where, None)
        if channel is not None:
            for note in channel.sounding:
                self._release(where, note)
            if channel.bent:
                self._instrument.set("bend", 0.0)

    # -- channels and zones -------------------------------------------------

    def _channel(self, where) -> Channel:
        channel = self._channels.get(where)
        if channel is None:
            member = self._master(where) is not None
            channel = Channel(bend_semitones=MEMBER_BEND_RANGE if member else BEND_RANGE)
            self._channels[where] = channel
        return channel

    def _port_zones(self, port: str) -> Zones:
        return self._zones.setdefault(port, Zones(self._mpe))

    def _master(self, where) -> Channel | None:
        """The leading channel of the zone that a channel is a member of."""
        port, number = where
        master = self._port_zones(port).master(number)
        return None if master is None else self._channel((port, master))

    def _led(self, where) -> list[tuple]:
        """A channel and the members that it leads, with their places."""
        port, number = where
        numbers = (number, *self._port_zones(port).members(number))
        return [
            ((port, number), self._channels[port, number]) for number in numbers if (port, number) in self._channels
        ]

    def _configure_zone(self, where, members: int) -> None:
        """Take MPE's configuration message: the channels concerned begin anew."""
        port, number = where
        for number in self._port_zones(port).configure(number, members):
            self._forget_channel((port, number))
        self._instrument.set("bend/range", BEND_RANGE)

    # -- notes --------------------------------------------------------------

    def _note_on(self, where, channel, message) -> None:
        if message.velocity == 0:
            return self._note_off(where, channel, message)
        channel.held.add(message.note)
        channel.deferred.discard(message.note)
        self._instrument.note_on(_key(where, message.note), message.note, message.velocity)
        if self._master(where) is not None:  # MPE tells these before the note
            if channel.bend:
                self._bend_note(where, channel, message.note)
            if channel.pressure is not None:
                self._move_note(self._pressure, where, message.note, channel.pressure)
            if channel.timbre:
                self._move_note(self._timbre, where, message.note, channel.timbre)

    def _note_off(self, where, channel, message) -> None:
        if message.note in channel.held:
            channel.held.remove(message.note)
            master = self._master(where)
            if channel.sustain or (master is not None and master.sustain):
                channel.deferred.add(message.note)
            else:
                self._release(where, message.note)

    def _release(self, where, note: int) -> None:
        self._instrument.note_off(_key(where, note))

    # -- bend, pressure and timbre ------------------------------------------

    def _pitchwheel(self, where, channel, message) -> None:
        position = message.pitch / (8191 if message.pitch > 0 else 8192)
        if self._master(where) is None:
            channel.bent = message.pitch != 0
            self._instrument.set("bend", position)
        else:
            channel.bend = position
            self._bend_notes(where, channel)

    def _bend_notes(self, where, channel) -> None:
        for note in channel.sounding:
            self._bend_note(where, channel, note)

    def _bend_note(self, where, channel, note: int) -> None:
        self._instrument.note_pitch(_key(where, note), channel.bend * channel.bend_range)

    def _channel_pressure(self, where, channel, message) -> None:
        amount = message.value / 127
        bound = self._bindings.find(where[1], PRESSURE)
        if bound is not None and self._master(where) is None:
            return self._move(bound, amount)
        channel.pressure = amount
        for note in channel.sounding:
            self._move_note(self._pressure, where, note, amount)

    def _key_pressure(self, where, channel, message) -> None:
        if message.note in channel.sounding:
            self._move_note(self._pressure, where, message.note, message.value / 127)

    def _timbre_change(self, where, channel, value: int) -> None:
        channel.timbre = (value - 64) / (63 if value > 64 else 64)
        for note in channel.sounding:
            self._move_note(self._timbre, where, note, channel.timbre)

    def _move_note(self, target: str, where, note: int, amount: float) -> None:
        """Move what a finger moves of its own note."""
        if target == LEVEL:
            self._instrument.note_pressure(_key(where, note), amount)
        elif target in self._instrument.parameters:
            self._instrument.note_latent(_key(where, note), int(target.removeprefix("latent/")), amount)
        elif target:
            self._say_missing(target)

    # -- controllers --------------------------------------------------------

    def _control_change(self, where, channel, message) -> None:
        control, value = message.control, message.value
        name = self._bindings.find(where[1], control)
        if control == TIMBRE and self._timbre and self._master(where) is not None:
            self._timbre_change(where, channel, value)
        elif name is not None:
            self._move(name, value / 127)
        elif control == SUSTAIN:
            self._pedal(where, channel, value >= 64)
        elif control == PORTAMENTO_SWITCH:
            self._switch_portamento(value >= 64)
        elif control == LEGATO_SWITCH:
            self._switch_legato(value >= 64)
        elif control in (RPN_MSB, RPN_LSB):
            msb, lsb = channel.rpn
            channel.rpn = (value, lsb) if control == RPN_MSB else (msb, value)
        elif control in (NRPN_MSB, NRPN_LSB):
            channel.rpn = RPN_NULL
        elif control in (DATA_ENTRY, DATA_ENTRY_LSB):
            self._enter_data(where, channel, control, value)
        elif control == ALL_SOUND_OFF:
            self._silence()
        elif control == RESET_CONTROLLERS:
            self._reset(where)
        elif control >= ALL_NOTES_OFF:
            self._all_notes_off(where)
            if control in MODES and self._master(where) is None:
                self._instrument.set("mode", MODES[control])

    def _move(self, name: str, position: float) -> None:
        """Set a parameter to a controller's position, 0–1."""
        row = self._instrument.parameters.get(name)
        if row is None:
            self._say_missing(name)
        elif name == "portamento" and self._portamento is not None:
            self._portamento = row.from_unit(position)
        else:
            self._instrument.set(name, row.from_unit(position))

    def _say_missing(self, name: str) -> None:
        self._say_once(f"the model has no {name}, its controller does nothing")

    def _say_once(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            log.info("MIDI: %s", sentence)

    def _pedal(self, where, channel, down: bool) -> None:
        channel.sustain = down
        if down:
            return
        master = self._master(where)
        for place, led in self._led(where):
            if led.sustain or (master is not None and master.sustain):
                continue
            for note in led.deferred:
                self._release(place, note)
            led.deferred.clear()

    def _switch_portamento(self, on: bool) -> None:
        if on and self._portamento is not None:
            self._instrument.set("portamento", self._portamento)
            self._portamento = None
        elif not on and self._portamento is None:
            self._portamento = self._instrument.get("portamento")
            self._instrument.set("portamento", 0.0)

    def _switch_legato(self, on: bool) -> None:
        if on and self._mode is None:
            self._mode = self._instrument.get("mode")
            self._instrument.set("mode", "legato")
        elif not on and self._mode is not None:
            self._instrument.set("mode", self._mode)
            self._mode = None

    def _enter_data(self, where, channel, control: int, value: int) -> None:
        if channel.rpn == RPN_BEND_RANGE:
            self._bend_range(where, channel, control, value)
        elif channel.rpn == RPN_MPE and control == DATA_ENTRY and where[1] in (LOWER_MASTER, UPPER_MASTER):
            self._configure_zone(where, value)

    def _bend_range(self, where, channel, control: int, value: int) -> None:
        if control == DATA_ENTRY:
            channel.bend_semitones, channel.bend_cents = value, 0
        else:
            channel.bend_cents = value
        port, number = where
        zones = self._port_zones(port)
        master = zones.master(number)
        if master is None:
            self._instrument.set("bend/range", channel.bend_range)
            return
        for number in zones.members(master):
            member = self._channel((port, number))
            member.bend_semitones, member.bend_cents = channel.bend_semitones, channel.bend_cents
            if member.bend:
                self._bend_notes((port, number), member)

    # -- programs -----------------------------------------------------------

    def _program_change(self, where, channel, message) -> None:
        """Load the preset of that number; MPE lets only the leader of a zone speak of programs."""
        if self._morph is None or self._master(where) is not None:
            return
        try:
            self._morph.load(message.program)
        except PresetError as error:
            self._say_once(f"program {message.program} changes nothing ({error})")

    # -- channel mode messages ----------------------------------------------

    def _silence(self) -> None:
        """All sound off; a pedal that is down stays down."""
        for channel in self._channels.values():
            channel.held.clear()
            channel.deferred.clear()
        self._instrument.all_sound_off()

    def _reset(self, where) -> None:
        """What MIDI's RP-015 resets, as far as it has a meaning here; the leader of a zone resets its members too."""
        if self._master(where) is None:
            self._instrument.set("bend", 0.0)
            self._instrument.set("expression", 1.0)
        for place, channel in self._led(where):
            self._pedal(place, channel, False)
            channel.bent = False
            channel.rpn = RPN_NULL
            if channel.bend:
                channel.bend = 0.0
                self._bend_notes(place, channel)
            if channel.timbre:
                self._timbre_change(place, channel, 64)
            if channel.pressure is not None:
                channel.pressure = None
                for note in channel.sounding:
                    self._move_note(self._pressure, place, note, 1.0 if self._pressure == LEVEL else 0.0)

    def _all_notes_off(self, where) -> None:
        """Let go of the keys of a channel, or of a zone; a pedal that is down still holds them."""
        for place, channel in self._led(where):
            master = self._master(place)
            if channel.sustain or (master is not None and master.sustain):
                channel.deferred |= channel.held
            else:
                for note in channel.held:
                    self._release(place, note)
            channel.held.clear()


def _key(where, note: int) -> tuple:
    """Who a note is to the instrument."""
    return "midi", *where, note
