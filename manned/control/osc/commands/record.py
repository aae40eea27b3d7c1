"""Recording what is heard."""

from __future__ import annotations

from ....errors import ParameterError
from ...recordings import Recordings
from ...sender import Sender
from ..packet import sendable
from .registry import Context, handler

RECORD = "record"
"""Name under which the tree holds whether it records, and the name of the file."""


@handler("record")
def record(context: Context, sender: Sender, on: bool | None = None, name: str = "") -> None:
    """Do ``/record``."""
    recordings = context.recordings
    if on is None:
        state = recordings.state if recordings is not None else (False, "")
        sender.send("/record", *map(sendable, state))
        return
    if recordings is None:
        raise ParameterError("there is nothing here that records")
    context.jobs.submit(
        "/record",
        lambda: recordings.begin(name) if on else recordings.end(),
        lambda file: _done(context, recordings, file),
        "no recording can be made",
        sender,
    )


def _done(context: Context, recordings: Recordings, file: str) -> list[str]:
    context.instrument.tree.put(RECORD, recordings.state)
    return [file]
