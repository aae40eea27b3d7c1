"""What the ports and their channels have told so far."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from .zones import Zones

RPN_NULL = (127, 127)
"""Registered parameter that data entry does not set: none."""

BEND_RANGE, MEMBER_BEND_RANGE = 2, 48
"""Semitones that the wheel of an ordinary channel and of an MPE member channel reaches, until RPN 0 sets another."""


@dataclass(eq=False)
class Channel:
    """One channel of one port: its keys, pedal and controllers.

    Attributes
    ----------
    port : Port
    number : int
        1–16.
    held, deferred : set of int
        Keys that are down, and those that were let go while the pedal is down.
    sustain : bool
        Whether its pedal is down.
    bent : bool
        Whether its wheel has bent all notes.
    rpn : (int, int)
        Registered parameter that data entry sets: most and least significant byte.
    bend_semitones, bend_cents : int
        How far its wheel reaches.
    bend, pressure, timbre : float
        What the channel has told of the notes that it carries alone: −1…1, 0–1
        and −1…1.  Pressure is None before the first message of it.
    """

    port: Port
    number: int
    held: set[int] = field(default_factory=set)
    deferred: set[int] = field(default_factory=set)
    sustain: bool = False
    bent: bool = False
    rpn: tuple[int, int] = RPN_NULL
    bend_semitones: int = BEND_RANGE
    bend_cents: int = 0
    bend: float = 0.0
    pressure: float | None = None
    timbre: float = 0.0

    @property
    def master(self) -> Channel | None:
        """The channel that leads the MPE zone that this one is a member of; None for an ordinary channel."""
        number = self.port.zones.master(self.number)
        return None if number is None else self.port.channel(number)

    @property
    def sounding(self) -> set[int]:
        """Keys whose notes have not been let go."""
        return self.held | self.deferred

    @property
    def sustained(self) -> bool:
        """Whether a pedal holds its notes: its own, or that of the channel that leads its zone."""
        return self.sustain or (self.master is not None and self.master.sustain)

    @property
    def bend_range(self) -> float:
        """Semitones that the wheel reaches to either side."""
        return self.bend_semitones + self.bend_cents / 100

    def key(self, note: int) -> Hashable:
        """What identifies one of its notes to the instrument."""
        return "midi", self.port.name, self.number, note


class Port:
    """One port: its channels and MPE zones.

    Parameters
    ----------
    name : str
    mpe : {'off', 'lower', 'upper', 'both'}
        The zones there are until a controller configures others.
    """

    def __init__(self, name: str, mpe: str = "off"):
        self.name = name
        self.zones = Zones(mpe)
        self.channels: dict[int, Channel] = {}

    def channel(self, number: int) -> Channel:
        """The channel of a number, 1–16; it begins when it is first asked for."""
        channel = self.channels.get(number)
        if channel is None:
            member = self.zones.master(number) is not None
            channel = Channel(self, number, bend_semitones=MEMBER_BEND_RANGE if member else BEND_RANGE)
            self.channels[number] = channel
        return channel

    def group(self, leader: Channel) -> list[Channel]:
        """A channel and those that it leads, as far as they have told anything."""
        numbers = (leader.number, *self.zones.members(leader.number))
        return [self.channels[number] for number in numbers if number in self.channels]
