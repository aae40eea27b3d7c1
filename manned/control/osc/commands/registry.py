"""Which function handles which command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ....instrument import Instrument
from ....state.morph import Morph
from ....table.commands import DONE, FAIL, ROWS
from ...midi.map import MidiMap
from ...recordings import Recordings
from ...sender import Sender
from ..dated import Dated
from ..feedback.feedback import Feedback
from ..feedback.listeners import Listeners
from ..feedback.streams import Streams
from ..jobs import Jobs


@dataclass(frozen=True)
class Telling:
    """What tells controllers something that they did not ask for just now.

    Attributes
    ----------
    feedback : Feedback
        What changes.
    listeners : Listeners
        Places that are told it.
    streams : Streams
        What is measured.
    """

    feedback: Feedback
    listeners: Listeners
    streams: Streams


@dataclass(frozen=True)
class Context:
    """What handlers work with.

    Attributes
    ----------
    instrument : Instrument
    morph : Morph
        With the presets.
    status : callable
        What ``/status`` tells, as a dict of plain values.
    midi : MidiMap, optional
        What ``/midi/…`` tells and learns.
    recordings : Recordings, optional
        What ``/record`` begins and ends.
    jobs : Jobs
        Where slow commands wait.
    telling : Telling, optional
        Without it nobody can subscribe to anything.
    dated : Dated, optional
        Where dated bundles wait.
    """

    instrument: Instrument
    morph: Morph
    status: Callable[[], dict[str, Any]]
    midi: MidiMap | None = None
    recordings: Recordings | None = None
    jobs: Jobs = field(default_factory=Jobs)
    telling: Telling | None = None
    dated: Dated | None = None


Handler = Callable[..., None]
"""``handler(context, sender, *arguments)``; the number in the address comes before the arguments of the message."""

HANDLERS: dict[str, Handler] = {}
"""The handler of each row of the table of commands, by its name."""


def handler(name: str) -> Callable[[Handler], Handler]:
    """Make a function the handler of a command; each has one and no more."""
    if name not in ROWS or name in HANDLERS:
        raise LookupError(f"/{name}: {'has a handler already' if name in ROWS else 'no such command in the table'}")

    def keep(function: Handler) -> Handler:
        HANDLERS[name] = function
        return function

    return keep


def done(sender: Sender, address: str, *words: str) -> None:
    """Tell a sender that its command was done."""
    sender.send(DONE, address, *words)


def failed(sender: Sender, address: str, error: Exception) -> None:
    """Tell a sender why its command could not be done."""
    sender.send(FAIL, address, str(error))
