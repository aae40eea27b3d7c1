"""Whether one channel plays alone, or several share the instrument.

MIDI's channels are apart: wheel, volume, expression and tuning belong to a channel of a port.
As long as one channel alone plays, they are the instrument's own ``/bend``, ``/bend/range``,
``/gain`` and ``/expression``, so that the drone, tails and everybody who listens follow them.
As soon as a second one plays, each is carried by the notes of its channel, and what the first
one had set goes back to what it was.  That lasts until no channel is left.
"""

from __future__ import annotations

from ...instrument import Instrument
from .channels import Channel

BEND, BEND_RANGE, GAIN, EXPRESSION = "bend", "bend/range", "gain", "expression"
NEUTRAL = {BEND: 0.0, EXPRESSION: 1.0}
"""What these two go back to, whatever they were before."""


class Sharing:
    """Which channels play, and what the one that is alone has set.  Control thread only.

    A channel here is an ordinary one or the leader of an MPE zone, with all of its members.

    Parameters
    ----------
    instrument : Instrument
    """

    def __init__(self, instrument: Instrument):
        self.instrument = instrument
        self.shared = False
        """Whether notes carry what their channel has told."""
        self._alone: Channel | None = None
        self._players: dict[Channel, None] = {}
        self._set: dict[str, tuple[float, float]] = {}  # name: what it was, what the lone channel set
        self._unit = 1.0  # the /gain that a volume of 1 takes the place of

    @property
    def free(self) -> bool:
        """Whether no channel plays or has told anything."""
        return not self.shared and self._alone is None

    def tell(self, channel: Channel) -> bool:
        """Whether what a channel tells is the instrument's own: nobody else plays."""
        leader = channel.leader
        if self.shared or (self._alone is not leader and self._alone in self._players):
            return False
        self._give_to(leader)
        return True

    def play(self, channel: Channel) -> bool:
        """Let a channel play a note; True when the instrument is shared from now on, and was not before."""
        leader, alone = channel.leader, self._alone
        self._players[leader] = None
        if self.shared or alone is leader:
            return False
        if alone not in self._players:
            self._give_to(leader)
            return False
        self._unit = self._own_gain() or float(self.instrument.parameter(GAIN).default)
        self._restore_all()
        self.shared, self._alone = True, None
        return True

    def _give_to(self, leader: Channel) -> None:
        """Let a channel be the one that is alone; what it told while another one was counts now."""
        if self._alone is not leader:
            self._restore_all()
            self._alone = leader
            self._apply(leader)

    def leave(self, channel: Channel) -> None:
        """Let a channel that is gone play no more; wheel and expression that it had set alone go back."""
        self._players.pop(channel, None)
        if self._alone is channel:
            for name in (BEND, BEND_RANGE, EXPRESSION):
                self._restore(name)
            self._set.clear()
            self._alone = None
        self.shared = self.shared and bool(self._players)

    def players(self) -> list[Channel]:
        """The channels that play."""
        return [*self._players]

    # -- the lone channel ---------------------------------------------------

    def set(self, name: str, value: float) -> None:
        """Set a parameter of the instrument for the channel that is alone."""
        was = float(self.instrument.get(name))
        former = self._set.get(name)
        if former is not None and former[1] == was:
            if was == value:
                return
            was = former[0]
        self._set[name] = was, float(self.instrument.set(name, value))

    def reset(self, name: str) -> None:
        """Put back what the lone channel had set, or set what is neutral."""
        self._restore(name)
        if name in NEUTRAL:
            self.instrument.set(name, NEUTRAL[name])

    def _restore(self, name: str) -> None:
        """Put a parameter back to what it was before the lone channel set it, unless somebody else set it since."""
        if name in self._set:
            was, put = self._set.pop(name)
            if self.instrument.get(name) == put:
                self.instrument.set(name, NEUTRAL.get(name, was))

    def _restore_all(self) -> None:
        for name in [*self._set]:
            self._restore(name)

    def _own_gain(self) -> float:
        """What ``/gain`` is without the lone channel."""
        now = float(self.instrument.get(GAIN))
        was, put = self._set.get(GAIN, (now, now))
        return was if now == put else now

    def _apply(self, channel: Channel) -> None:
        """Set what a channel had told while another one was alone."""
        if channel.bend:
            self.set(BEND, channel.bend)
        if channel.bend_semitones is not None:
            self.set(BEND_RANGE, channel.bend_range(0.0))
        for name, value in ((GAIN, channel.volume), (EXPRESSION, channel.expression)):
            if value is not None:
                self.set(name, value)

    # -- what notes carry ---------------------------------------------------

    def bend(self, channel: Channel) -> float:
        """Semitones that the wheel of a shared channel bends its notes by."""
        leader = channel.leader
        return leader.bend * leader.bend_range(float(self.instrument.get(BEND_RANGE))) if self.shared else 0.0

    def level(self, channel: Channel) -> float:
        """Factor that volume and expression of a shared channel give to its notes."""
        leader = channel.leader
        if not self.shared:
            return 1.0
        volume = 1.0 if leader.volume is None else leader.volume / self._unit
        return volume * (1.0 if leader.expression is None else leader.expression)
