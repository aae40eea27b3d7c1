"""What a score is made of: things to do, each with its time and its place in the file."""

from __future__ import annotations

from dataclasses import dataclass

import mido

from ..errors import EngineBusy, ScoreError
from .osc.packet import Message

LONGEST_S = 86_400.0
"""Of a score."""

MOST_AT_ONCE = 1 << 16
"""Entries at one instant; a MIDI file's tracks tell a few each at its beginning."""


class ScoreBusy(ScoreError):
    """More of a score at once than the engine has room for; the entry is left out and the rest goes on."""


@dataclass(frozen=True)
class Entry:
    """One thing to do.

    Attributes
    ----------
    seconds : float
        From the start of the score.
    where : str
        Its place in the file, for error messages.
    message : mido.Message or manned.control.osc.packet.Message
    port : str
        MIDI port that the message came in at, if it was played live.
    """

    seconds: float
    where: str
    message: mido.Message | Message
    port: str = ""

    def error(self, reason: object) -> ScoreError:
        """What was wrong with this entry, and where it stands."""
        what = f"{self.message.address}: " if isinstance(self.message, Message) else ""
        kind = ScoreBusy if isinstance(reason, EngineBusy) else ScoreError
        return kind(f"{self.where}: {what}{str(reason).removeprefix(what)}")
