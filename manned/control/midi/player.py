"""Plays MIDI messages: finds what each means, and has it played in one moment of the instrument."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager

from ...instrument import Instrument
from ...settings import MidiSettings
from ...state.tree import Source
from ...table.bindings import DEFAULT_BINDINGS, FINE, NOTE, PRESSURE, Binding, Bindings, Controller
from .channels import Channel, Port
from .layers import Layers
from .learned import Learned
from .levels import OF_CHANNEL
from .meaning import Message
from .meanings import CONTROLLERS, MEMBER_CONTROLLERS, MESSAGES, SYSTEM
from .performance import Commands, Performance, Programs
from .programs import BANK, BANK_LSB
from .rpn import (
    DATA_ENTRY,
    DATA_ENTRY_LSB,
    NRPN_CONTROLLERS,
    NRPN_LSB,
    NRPN_MSB,
    RPN_LSB,
    RPN_MSB,
    choose_nrpn,
    enter_data,
    nrpn,
    step_data,
)
from .templates import Templates

SENSING_S = 0.3
"""A port that sends active sensing is lost when it is silent for so long."""

AUTO = "auto"
MODES_FROM = 120
"""First of the controllers that are channel mode messages."""


class Player:
    """Turns messages into notes and parameters of an instrument.  Control thread only.

    Parameters
    ----------
    instrument : Instrument
    settings : MidiSettings
        ``channels``, ``mpe``, ``pressure``, ``timbre``, ``takeover``, ``controllers`` and
        ``cc``.  A controller that is bound loses its standard meaning.
    programs : Programs, optional
        Loads the presets that program changes ask for (a `Morph` does); without
        them program changes do nothing.
    commands : Commands, optional
        Does the commands of buttons, and loads the models of bank 1.
    learned : Learned, optional
        What was learned, over what the settings say.
    templates : Templates, optional
        By default those that come with the program.

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
        self._channels = frozenset(settings.channels or range(1, 17))
        self._takeover = settings.takeover
        self._templates = templates or Templates(chosen=settings.controllers)
        own = {key: text for key, text in settings.cc.items() if DEFAULT_BINDINGS.get(key) != text}
        self._settings = Bindings(own)
        self._defaults = Bindings({key: text for key, text in settings.cc.items() if key not in own})
        self._learned = learned or Learned()
        self._performance = Performance(
            instrument, self._layers, settings.mpe, settings.pressure, settings.timbre, programs, commands
        )
        self._stop_hearing = self._learned.listen(self._learn_anew)

    # -- ports --------------------------------------------------------------

    def _layers(self, port: str) -> Layers:
        template = self._templates.find(port)
        takeover = self._takeover
        if takeover == AUTO:
            takeover = template.takeover or ("jump" if template.role == "keyboard" else "pickup")
        return Layers(template, self._settings, self._defaults, self._learned.bindings(port), takeover)

    def _learn_anew(self) -> None:
        for name, port in self._performance.ports.items():
            port.layers.learned = self._learned.bindings(name)

    def open(self, port: str) -> Layers:
        """Know a port before it sends anything; returns what its controllers move."""
        return self._performance.port(port).layers

    def ports(self) -> Iterator[Port]:
        """The ports that are known."""
        return iter(self._performance.ports.values())

    def waits_for(self, port: Port, controller: Controller, binding: Binding) -> str:
        """As `Controls.waits_for`."""
        return self._performance.controls.waits_for(port, controller, binding)

    def forget(self, port: str) -> None:
        """Let go of everything that a port holds: keys, pedals, bend wheels and zones."""
        with self._together(port):
            self._performance.forget(port)

    def close(self) -> None:
        """Listen to the instrument no more."""
        self._performance.close()
        self._stop_hearing()

    def transport(self) -> dict[str, float | bool]:
        """Tempo and place that MIDI's clock tells, as plain values; nothing as long as it tells none."""
        clock = self._performance.clock
        if not clock.tempo and not clock.running:
            return {}
        return {"midi_tempo": clock.tempo, "midi_running": clock.running, "midi_beat": round(clock.beat, 2)}

    # -- messages -----------------------------------------------------------

    def play(self, port: str, message: Message, seconds: float | None = None, when: int | None = None) -> None:
        """Play one message that came in at a port.

        Parameters
        ----------
        port : str
            Notes, pedals and zones of different ports are kept apart by it.
        message : mido.Message
            Kinds that have no meaning here (song select, time code) do nothing.
        seconds : float, optional
            When it came; by default now on the monotonic clock.
        when : int, optional
            Audio sample at which it is played; None is the next block.
        """
        found = self._performance.port(port)
        found.heard_at = time.monotonic()
        system = SYSTEM.get(message.type)
        if system is not None:
            if message.type == "clock":
                message = message.copy(time=found.heard_at if seconds is None else seconds)
            with self._together(port, when):
                system.play(self._performance, found, message)
        elif getattr(message, "channel", None) is not None and message.channel + 1 in self._channels:
            with self._together(port, when):
                self._play_channel(self._performance.port(port).channel(message.channel + 1), message)

    def tick(self, now: float) -> None:
        """Do what time brings: let go of ports that stopped sensing, settle controllers of 14 bits.

        Parameters
        ----------
        now : float
            Seconds of the monotonic clock.
        """
        for port in [*self._performance.ports.values()]:
            if port.senses and now - port.heard_at > SENSING_S:
                port.senses = False
                with self._together(port.name):
                    self._performance.reset_port(port)
        if self._performance.controls.waits:
            with self._performance.instrument.together(source=Source("midi")):
                self._performance.controls.settle()

    def late(self, now: float) -> None:
        """Take every port as heard now: what it sent may wait to be read."""
        for port in self._performance.ports.values():
            port.heard_at = max(port.heard_at, now)

    def _together(self, port: str, when: int | None = None) -> AbstractContextManager[None]:
        """One moment of the instrument, played from a port."""
        return self._performance.instrument.together(when, Source("midi", port))

    def _play_channel(self, channel: Channel, message: Message) -> None:
        performance = self._performance
        if message.type == "control_change":
            self._play_controller(performance, channel, message)
            return
        performance.controls.settle()
        row = MESSAGES.get(message.type)
        if message.type in ("note_on", "note_off") and self._play_button(channel, message):
            return
        if message.type == "aftertouch" and channel.master is None:
            binding = channel.port.layers.look(channel.number, PRESSURE)
            if binding is not None and binding.target:
                performance.controls.move(channel, PRESSURE, binding, message.value)
                return
        if row is not None:
            row.play(performance, channel, message)

    def _play_button(self, channel: Channel, message: Message) -> bool:
        """Take a key as a button: one that is bound or learned, and any of a surface."""
        value = 0 if message.type == "note_off" else message.velocity
        number, layers = f"{NOTE}{message.note}", channel.port.layers
        if message.note in channel.held:  # it was struck as a key
            return False
        if not layers.plays_notes and value:
            self._learned.hear(channel.port.name, channel.number, number, value)
        binding = layers.look(channel.number, number)
        if binding is not None:
            self._performance.controls.move(channel, number, binding, 127 if value else 0)
            return True
        return not layers.plays_notes

    def _play_controller(self, performance: Performance, channel: Channel, message: Message) -> None:
        """Play a controller: its meaning on an MPE member channel, else its binding, else its standard meaning."""
        number, value, layers = message.control, message.value, channel.port.layers
        member = MEMBER_CONTROLLERS.get(number) if channel.master is not None else None
        if member is not None and performance.timbre:  # one that moves nothing of its note is an ordinary controller
            member.play(performance, channel, message)
            return
        if number < MODES_FROM:
            if self._hear(channel, number, value):
                return
            pair = layers.pair(channel.number, number)
            if pair is not None:
                if number < FINE:
                    performance.controls.settle()
                    performance.controls.move_coarse(channel, pair[0], pair[1], value)
                else:
                    performance.controls.move_fine(channel, pair[0], pair[1], value)
                return
            binding = layers.look(channel.number, number)
            of_channel = not layers.is_surface and binding is not None and OF_CHANNEL.get(number) == binding.target
            if binding is not None and not of_channel:
                performance.controls.settle()
                if binding.target:
                    performance.controls.move(channel, number, binding, value)
                return
            if layers.is_surface:
                if number in NRPN_CONTROLLERS:
                    _play_nrpn(performance, channel, message)
                return
        if number != DATA_ENTRY_LSB:
            performance.controls.settle()
        if number in CONTROLLERS:
            CONTROLLERS[number].play(performance, channel, message)

    def _hear(self, channel: Channel, number: int, value: int) -> bool:
        """Let what is being learned hear of a controller; True when the message was no more than that."""
        if not self._learned.learns:
            return False
        port = channel.port.name
        if number in (RPN_LSB, RPN_MSB) or (number in (BANK, BANK_LSB) and not channel.port.layers.is_surface):
            return False
        if number in (NRPN_LSB, NRPN_MSB):
            return False
        if number in (DATA_ENTRY, DATA_ENTRY_LSB):
            chosen = nrpn(channel)
            if chosen is not None:
                if number == DATA_ENTRY:
                    self._learned.hear(port, channel.number, chosen, value)
                return False
            if not channel.port.layers.is_surface:
                return False
        return self._learned.hear(port, channel.number, number, value)


def _play_nrpn(performance: Performance, channel: Channel, message: Message) -> None:
    """Play the controllers of an NRPN on a surface, where they mean nothing else."""
    if message.control in (NRPN_LSB, NRPN_MSB):
        choose_nrpn(performance, channel, message)
    elif message.control in (DATA_ENTRY, DATA_ENTRY_LSB):
        enter_data(performance, channel, message)
    else:
        step_data(performance, channel, message)
