"""The zones of MPE: which channels carry one note each, and which one speaks for them.

MIDI Polyphonic Expression (M1-100-UM): a lower zone is led by channel 1 and has
channels 2 and up as members, an upper zone is led by channel 16 and has
channels 15 and down.
"""

from __future__ import annotations

LOWER_MASTER, UPPER_MASTER = 1, 16
MOST_MEMBERS = 15


class Zones:
    """The zones of one port.

    Parameters
    ----------
    mpe : {'off', 'lower', 'upper', 'both'}
        Those that there are from the beginning, as large as can be.
    """

    def __init__(self, mpe: str = "off"):
        lower, upper = {"off": (0, 0), "lower": (MOST_MEMBERS, 0), "upper": (0, MOST_MEMBERS), "both": (7, 7)}[mpe]
        self._members = {LOWER_MASTER: lower, UPPER_MASTER: upper}

    def configure(self, master: int, members: int) -> set[int]:
        """Give a zone so many members; the other one makes room.

        Parameters
        ----------
        master : {1, 16}
        members : int
            0 ends the zone; more than 15 are 15.

        Returns
        -------
        set of int
            The channels of both zones, before or after.
        """
        before = self._channels()
        members = min(members, MOST_MEMBERS)
        other = UPPER_MASTER if master == LOWER_MASTER else LOWER_MASTER
        self._members[master] = members
        if members:
            self._members[other] = min(self._members[other], max(MOST_MEMBERS - 1 - members, 0))
        return before | self._channels()

    def master(self, channel: int) -> int | None:
        """The channel that leads the zone that a channel is a member of; None for one that is no member."""
        if LOWER_MASTER < channel <= LOWER_MASTER + self._members[LOWER_MASTER]:
            return LOWER_MASTER
        if UPPER_MASTER - self._members[UPPER_MASTER] <= channel < UPPER_MASTER:
            return UPPER_MASTER
        return None

    def members(self, master: int) -> list[int]:
        """The channels that a channel leads; none unless it leads a zone."""
        if not self._members.get(master):
            return []
        return [channel for channel in range(1, 17) if self.master(channel) == master]

    def _channels(self) -> set[int]:
        masters = [master for master, count in self._members.items() if count]
        return {*masters, *(channel for master in masters for channel in self.members(master))}
