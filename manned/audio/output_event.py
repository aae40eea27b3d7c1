"""The states of the audio output and what happens to it, as values; the lines of the log are made from them here."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

log = logging.getLogger(__name__)


class OutputState(Enum):
    """What drives the engine."""

    STOPPED = "stopped"
    PLAYING = "playing"
    """A device."""
    SILENT = "silent"
    """The silent clock, since no device is wanted."""
    WAITING = "waiting"
    """The silent clock, until a device that is missing is found."""


class OutputEventKind(Enum):
    """What happens to the output."""

    PLAYING = "playing"
    """A device was opened and started."""
    SILENT = "silent"
    """The silent clock was started, since no device is wanted."""
    WAITING = "waiting"
    """A device is looked for; told once for each reason."""
    LOST = "lost"
    """The device stopped calling for sound."""
    HANGS = "hangs"
    """The sound system does not let go of a lost device; only a new process gets over it."""
    STOPPED = "stopped"
    """All was closed."""


_LEVELS = {
    OutputEventKind.PLAYING: logging.INFO,
    OutputEventKind.SILENT: logging.INFO,
    OutputEventKind.WAITING: logging.WARNING,
    OutputEventKind.LOST: logging.WARNING,
}  # of what is logged; the other kinds are told by who ends the process


@dataclass(frozen=True)
class OutputEvent:
    """Something that happened to the output.

    Attributes
    ----------
    kind : OutputEventKind
    device : str
        The device that it happened to; empty when there is none.
    reason : str
        Why, for people; empty when there is nothing to say.
    samplerate : float
        In Hertz, of a device that plays.
    """

    kind: OutputEventKind
    device: str = ""
    reason: str = ""
    samplerate: float = 0.0

    def sentence(self) -> str:
        """The event for people."""
        texts = {
            OutputEventKind.PLAYING: ", ".join(
                filter(None, (f"playing on {self.device} at {self.samplerate:g} Hz", self.reason))
            ),
            OutputEventKind.SILENT: "no sound: audio.device is none, a silent clock runs",
            OutputEventKind.WAITING: f"no sound: {self.reason}; waiting for it on a silent clock",
            OutputEventKind.LOST: f"audio device {self.device} stopped calling for sound, closing it",
            OutputEventKind.HANGS: self.reason,
            OutputEventKind.STOPPED: "stopped",
        }
        return texts[self.kind]


OutputListener = Callable[[OutputEvent], None]


def log_event(event: OutputEvent) -> None:
    """The listener that every supervisor has: the lines of the log."""
    level = _LEVELS.get(event.kind)
    if level is not None:
        log.log(level, "%s", event.sentence())
