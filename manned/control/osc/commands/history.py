"""Taking back what was set, and doing it again."""

from __future__ import annotations

from collections.abc import Callable

from ....errors import MannedError
from ...sender import Sender
from .registry import Context, done, failed, handler


@handler("undo")
def undo(context: Context, sender: Sender) -> None:
    """Do ``/undo``."""
    _go("/undo", context.instrument.history.undo, sender)


@handler("redo")
def redo(context: Context, sender: Sender) -> None:
    """Do ``/redo``."""
    _go("/redo", context.instrument.history.redo, sender)


def _go(address: str, step: Callable[[], list[str]], sender: Sender) -> None:
    try:
        words = step()
    except MannedError as error:
        failed(sender, address, error)
    else:
        done(sender, address, *words)
