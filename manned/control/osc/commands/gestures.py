"""Gestures."""

from __future__ import annotations

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
    with instrument.together():
        instrument.tree.set_text(GESTURE, name)
        instrument.stand_for_gesture()


@handler("gesture/list")
def gestures(context: Context, sender: Sender) -> None:
    """Do ``/gesture/list``."""
    sender.send("/gesture/list", *context.instrument.library.gestures())
