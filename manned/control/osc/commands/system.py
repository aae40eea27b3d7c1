"""What there is to ask of the program as a whole."""

from __future__ import annotations

from .... import __version__
from ....table.address import address_of
from ...sender import Sender
from ..packet import sendable
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
    for name, value in context.instrument.values().items():
        sender.send(address_of(name), sendable(value))
