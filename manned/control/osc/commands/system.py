"""What there is to ask of the program as a whole."""

from __future__ import annotations

from .... import __version__
from ....table.address import address_of
from ...sender import Sender
from ..packet import sendable, write_bundles, write_message
from .registry import Context, handler


@handler("status")
def status(context: Context, sender: Sender) -> None:
    """Do ``/status``."""
    sender.send("/status.reply", *(sendable(item) for pair in context.status().items() for item in pair))


@handler("version")
def version(context: Context, sender: Sender) -> None:
    """Do ``/version``."""
    sender.send("/version.reply", "manned", __version__)


@handler("sync")
def sync(context: Context, sender: Sender, number: int) -> None:
    """Do ``/sync``."""
    context.jobs.when_done(lambda: sender.send("/synced", number))


@handler("dump")
def dump(context: Context, sender: Sender) -> None:
    """Do ``/dump``."""
    listeners = context.telling.listeners.of(sender) if context.telling else ()
    values = context.instrument.values().items()
    for name, value in values:
        sender.send(address_of(name), sendable(value))
    for listener in listeners:
        messages = [write_message(address_of(name), sendable(value)) for name, value in values]
        listener.send(write_bundles(messages, listener.outlet.most))
