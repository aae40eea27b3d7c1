"""Plays MIDI messages: finds what each means, and has it played in one moment of the instrument."""

from __future__ import annotations

from contextlib import AbstractContextManager

from ...instrument import Instrument
from ...settings import MidiSettings
from ...state.tree import Source
from ...table.bindings import Bindings
from .channels import Channel
from .meaning import Message
from .meanings import CONTROLLERS, MEMBER_CONTROLLERS, MESSAGES
from .performance import Performance, Programs


class Player:
    """Turns messages into notes and parameters of an instrument.  Control thread only.

    Parameters
    ----------
    instrument : Instrument
    settings : MidiSettings
        ``channels``, ``mpe``, ``pressure``, ``timbre`` and ``cc``.  A controller
        that is bound loses its standard meaning.
    programs : Programs, optional
        Loads the presets that program changes ask for (a `Morph` does); without
        them program changes do nothing.

    Raises
    ------
    ConfigError
        For a binding of a controller or parameter that does not exist.
    """

    def __init__(self, instrument: Instrument, settings: MidiSettings, programs: Programs | None = None):
        self._channels = frozenset(settings.channels or range(1, 17))
        self._performance = Performance(
            instrument, Bindings(settings.cc), settings.mpe, settings.pressure, settings.timbre, programs
        )

    def play(self, port: str, message: Message) -> None:
        """Play one message that came in at a port.

        Parameters
        ----------
        port : str
            Notes, pedals and zones of different ports are kept apart by it.
        message : mido.Message
            Kinds that have no meaning here (clock, active sensing, …) do nothing.
        """
        if message.type == "control_change":
            play = self._play_controller
        elif message.type in MESSAGES:
            play = MESSAGES[message.type].play
        else:
            return
        if message.channel + 1 in self._channels:
            with self._together(port):
                play(self._performance, self._performance.channel(port, message.channel + 1), message)

    def forget(self, port: str) -> None:
        """Let go of everything that a port holds: keys, pedals, bend wheels and zones."""
        with self._together(port):
            self._performance.forget(port)

    def _together(self, port: str) -> AbstractContextManager[None]:
        """One moment of the instrument, played from a port."""
        return self._performance.instrument.together(source=Source("midi", port))

    @staticmethod
    def _play_controller(performance: Performance, channel: Channel, message: Message) -> None:
        """Play a controller: its meaning on an MPE member channel, else its binding, else its standard meaning."""
        number = message.control
        member = MEMBER_CONTROLLERS.get(number) if channel.master is not None else None
        bound = performance.bindings.find(channel.number, number)
        if member is not None and performance.timbre:  # one that moves nothing of its note is an ordinary controller
            member.play(performance, channel, message)
        elif bound is not None:
            performance.move(bound, message.value / 127)
        elif number in CONTROLLERS:
            CONTROLLERS[number].play(performance, channel, message)
