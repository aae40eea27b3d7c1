"""Scales and keyboard mappings."""

from __future__ import annotations

from collections.abc import Callable

from ....errors import TuningError
from ...sender import Sender
from .registry import Context, handler


@handler("tuning/scale")
def scale(context: Context, sender: Sender, name: str | None = None) -> None:
    """Do ``/tuning/scale``."""
    _tune("scale", context.instrument.library.scales, context, sender, name)


@handler("tuning/scale/list")
def scales(context: Context, sender: Sender) -> None:
    """Do ``/tuning/scale/list``."""
    sender.send("/tuning/scale/list", *context.instrument.library.scales())


@handler("tuning/keyboard")
def keyboard(context: Context, sender: Sender, name: str | None = None) -> None:
    """Do ``/tuning/keyboard``."""
    _tune("keyboard", context.instrument.library.keyboards, context, sender, name)


@handler("tuning/keyboard/list")
def keyboards(context: Context, sender: Sender) -> None:
    """Do ``/tuning/keyboard/list``."""
    sender.send("/tuning/keyboard/list", *context.instrument.library.keyboards())


def _tune(what: str, offered: Callable[[], list[str]], context: Context, sender: Sender, name: str | None) -> None:
    if name is None:
        sender.send(f"/tuning/{what}", context.instrument.tuning.names()[what])
        return
    # As with models, the network may name what is offered, not files anywhere on this machine.
    names = offered() if name else [""]
    if name not in names:
        raise TuningError(f"found {name[:64]!r}, allowed are {', '.join(names) or 'none'}, or an empty text")
    context.instrument.tune(name if what == "scale" else None, name if what == "keyboard" else None)
