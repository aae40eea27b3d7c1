"""What the ports and their channels have told so far."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from .layers import Layers
from .zones import Zones

RPN_NULL = (127, 127)
"""Registered parameter that data entry does not set: none."""

BEND_RANGE, MEMBER_BEND_RANGE = 2, 48
"""Semitones that the wheel of an ordinary channel and of an MPE member channel reaches, until RPN 0 sets another."""


@dataclass
class Told:
    """What a note has been told since it began.

    Attributes
    ----------
    note : int
        Its key.
    name : hashable
        What the instrument knows it by.
    shift : float
        Semitones above its key at which it began.
    pitch : float
        Semitones by which it is bent since.
    level : float
        Factor on what its velocity gives it.
    pressure : float
        Of its key, 0–1.
    slide : float
        Semitones by which the wheel of its MPE member channel bends it.
    until : int
        Sample at which its tail has ended; 0 while it is held.
    """

    note: int
    name: Hashable
    shift: float = 0.0
    pitch: float = 0.0
    level: float = 1.0
    pressure: float = 0.0
    slide: float = 0.0
    until: int = 0


@dataclass(eq=False)
class Channel:
    """One channel of one port: its keys, pedals and controllers.

    Attributes
    ----------
    port : Port
    number : int
        1–16.
    held, deferred : set of int
        Keys that are down, and those that were let go while a pedal is down.
    sustain, soft : bool
        Whether these pedals are down.
    sostenuto : set of int, optional
        Keys that the sostenuto pedal caught; None while it is up.
    rpn, nrpn : (int, int)
        Parameter that data entry sets, registered or not: most and least significant byte.
    data : (int, int)
        What data entry set last of it.
    bank : (int, int)
        What bank select told last: most and least significant byte.
    bend_semitones, bend_cents : int, optional
        How far its wheel reaches; None is what the instrument says.
    bend, timbre : float
        Its wheel and, of an MPE member channel, the slide along its key: −1…1.
    pressure : float, optional
        0–1; None before the first message of it.
    volume, expression : float, optional
        What CC 7 and CC 11 told, 0–1; None before that.
    fine, coarse : float
        RPN 1 and 2, in semitones.
    octave_cents : list of float
        Cents that MIDI's scale tuning adds to each pitch class, C first.
    tuning_bank, tuning_program : int
        What RPN 4 and RPN 3 chose; a program of None is whatever tuning messages said last.
    notes : dict
        What the notes of its sounding keys have been told.
    tails : list of Told
        What those have been told that were let go and may sound still.
    """

    port: Port
    number: int
    held: set[int] = field(default_factory=set)
    deferred: set[int] = field(default_factory=set)
    sustain: bool = False
    soft: bool = False
    sostenuto: set[int] | None = None
    rpn: tuple[int, int] = RPN_NULL
    nrpn: tuple[int, int] = RPN_NULL
    data: tuple[int, int] = (0, 0)
    bank: tuple[int, int] = (0, 0)
    bend_semitones: int | None = None
    bend_cents: int = 0
    bend: float = 0.0
    pressure: float | None = None
    timbre: float = 0.0
    volume: float | None = None
    expression: float | None = None
    fine: float = 0.0
    coarse: float = 0.0
    octave_cents: list[float] = field(default_factory=lambda: [0.0] * 12)
    tuning_bank: int = 0
    tuning_program: int | None = None
    notes: dict[int, Told] = field(default_factory=dict)
    tails: list[Told] = field(default_factory=list)

    @property
    def master(self) -> Channel | None:
        """The channel that leads the MPE zone that this one is a member of; None for an ordinary channel."""
        number = self.port.zones.master(self.number)
        return None if number is None else self.port.channel(number)

    @property
    def leader(self) -> Channel:
        """The channel whose wheel, volume and tuning count for its notes: itself, or that of its zone."""
        return self.master or self

    @property
    def sounding(self) -> set[int]:
        """Keys whose notes have not been let go."""
        return self.held | self.deferred

    @property
    def sustained(self) -> bool:
        """Whether a pedal holds its notes: its own, or that of the channel that leads its zone."""
        return self.sustain or self.leader.sustain

    def caught(self, note: int) -> bool:
        """Whether a sostenuto pedal holds a key: its own, or that of the channel that leads its zone."""
        return any(note in channel.sostenuto for channel in {self, self.leader} if channel.sostenuto is not None)

    @property
    def shift(self) -> float:
        """Semitones by which RPN 1 and 2 move its notes."""
        return self.leader.fine + self.leader.coarse

    def tuned(self, note: int) -> float | None:
        """Pitch, as a note number, that MIDI's single note tuning gives a key; None where it says nothing of it."""
        leader = self.leader
        if leader.tuning_program is None:
            return self.port.pitches.get(note)
        return self.port.tunings.get((leader.tuning_bank, leader.tuning_program), {}).get(note)

    def bend_range(self, otherwise: float) -> float:
        """Semitones that the wheel reaches to either side; ``otherwise`` where nothing was told of it."""
        return otherwise if self.bend_semitones is None else self.bend_semitones + self.bend_cents / 100

    def key(self, note: int) -> Hashable:
        """What identifies one of its notes to the instrument."""
        return "midi", self.port.name, self.number, note


class Port:
    """One port: its channels, MPE zones, tuning, and what its controllers move.

    Parameters
    ----------
    name : str
    mpe : {'off', 'lower', 'upper', 'both'}
        The zones there are until a controller configures others.
    layers : Layers, optional
        What its controllers move.

    Attributes
    ----------
    pitches : dict
        Pitch, as a note number, of the keys that MIDI's single note tuning moved, by whichever program.
    tunings : dict
        The same of each tuning program, by its bank and number.
    senses : bool
        Whether it sends active sensing.
    heard_at : float
        When something came in last, in seconds.
    """

    def __init__(self, name: str, mpe: str = "off", layers: Layers | None = None):
        self.name = name
        self.layers = layers or Layers()
        self.zones = Zones(mpe)
        self.channels: dict[int, Channel] = {}
        self.pitches: dict[int, float] = {}
        self.tunings: dict[tuple[int, int], dict[int, float]] = {}
        self.senses = False
        self.heard_at = 0.0

    def channel(self, number: int) -> Channel:
        """The channel of a number, 1–16; it begins when it is first asked for."""
        channel = self.channels.get(number)
        if channel is None:
            member = self.zones.master(number) is not None
            channel = Channel(self, number, bend_semitones=MEMBER_BEND_RANGE if member else None)
            self.channels[number] = channel
        return channel

    def group(self, leader: Channel) -> list[Channel]:
        """A channel and those that it leads, as far as they have told anything."""
        numbers = (leader.number, *self.zones.members(leader.number))
        return [self.channels[number] for number in numbers if number in self.channels]
