"""Gestures."""

from __future__ import annotations

from ....errors import GestureError
from ....instrument import GESTURE
from ...sender import Sender
from .registry import Context, handler


@handler("gesture")
def gesture(context: Context, sender: Sender, name: str | None = None) -> None:
    """Do ``/gesture``."""
    instrument = context.instrument
    if name is None:
        sender.send("/gesture", instrument.tree.get(GESTURE))
        return
    # As with models, the network may name what is offered, not files anywhere on this machine.
    offered = instrument.library.gestures()
    if name and name not in offered:
        raise GestureError(f"found {name[:64]!r}, allowed are {', '.join(offered) or 'none'}, or an empty text")
    with instrument.together():
        instrument.use_gesture(instrument.library.read_gesture(name) if name else None)
        instrument.stand_for_gesture()


@handler("gesture/list")
def gestures(context: Context, sender: Sender) -> None:
    """Do ``/gesture/list``."""
    sender.send("/gesture/list", *context.instrument.library.gestures())
