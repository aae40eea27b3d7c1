"""What one MIDI channel of one port has told so far."""

from __future__ import annotations

from dataclasses import dataclass, field

RPN_NULL = (127, 127)
BEND_RANGE, MEMBER_BEND_RANGE = 2, 48  # semitones, until RPN 0 says otherwise


@dataclass
class Channel:
    """The keys, pedal and controllers of a channel.

    Attributes
    ----------
    held, deferred : set of int
        Keys that are down, and those that were let go while the pedal is down.
    sustain : bool
    bent : bool
        Whether its wheel has bent all notes.
    rpn : (int, int)
        Registered parameter that data entry sets.
    bend_semitones, bend_cents : int
    bend, pressure, timbre : float
        Of the notes that the channel carries alone; pressure is None before
        the first message of it.
    """

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
    def sounding(self) -> set[int]:
        """Keys whose notes have not been let go."""
        return self.held | self.deferred

    @property
    def bend_range(self) -> float:
        """Semitones that the wheel reaches to either side."""
        return self.bend_semitones + self.bend_cents / 100
