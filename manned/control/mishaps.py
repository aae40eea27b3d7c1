"""What of a score cannot be played: counted, and told or raised."""

from __future__ import annotations

import logging

from ..errors import ScoreError
from .score_entry import ScoreBusy

log = logging.getLogger(__name__)

MOST_TOLD = 100
"""Entries of a score that the log names, when they cannot be played."""


class Mishaps:
    """What of a score could not be played.

    Parameters
    ----------
    keep_going : bool
        Whether what cannot be played is told by the log and left out, instead of ending it.

    Attributes
    ----------
    left_out : int
        How many entries were left out because the score asks for more at once
        than the engine's queues hold.
    failures : int
        How many could not be played for another reason.
    """

    def __init__(self, keep_going: bool = False):
        self.left_out = self.failures = 0
        self._keep_going = keep_going
        self._fatal: ScoreError | None = None

    def hear(self, error: ScoreError) -> None:
        """Take one that happened."""
        if isinstance(error, ScoreBusy):
            if not self.left_out:
                log.warning("%s; it is left out, and so is what follows as long as that is so", error)
            self.left_out += 1
        elif self._keep_going:
            self.failures += 1
            if self.failures <= MOST_TOLD:
                log.warning("%s; it is left out", error)
        else:
            self._fatal = self._fatal or error

    def end_if_fatal(self) -> None:
        """Raise the first one that is not to be passed over."""
        if self._fatal is not None:
            raise self._fatal
