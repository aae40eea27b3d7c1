"""What MIDI controllers move, and learning it."""

from __future__ import annotations

from ....errors import ConfigError, ParameterError
from ...midi.map import MidiMap
from ...sender import Sender
from .registry import Context, done, failed, handler


@handler("midi/learn")
def learn(context: Context, sender: Sender, *addresses: str) -> None:
    """Do ``/midi/learn``."""
    if not addresses:
        waiting = [] if context.midi is None else context.midi.learned.waiting
        sender.send("/midi/learn", *(f"/{target}" for target in waiting))
        return
    midi = _midi(context)

    def told(target: str, port: str, controller: str) -> None:
        if controller:
            done(sender, "/midi/learn", f"/{target}", port, controller)
        else:
            failed(sender, "/midi/learn", ParameterError(f"/{target}: given up, no controller was moved"))

    if not any(addresses):
        midi.learned.cancel()
        return
    try:
        midi.learned.learn(addresses, told)
    except ConfigError as error:
        raise ParameterError(str(error).partition(": ")[2]) from None


@handler("midi/unlearn")
def unlearn(context: Context, sender: Sender, address: str) -> None:
    """Do ``/midi/unlearn``."""
    count = _midi(context).learned.forget(address)
    if count or not address:
        done(sender, "/midi/unlearn", address, str(count))
    else:
        failed(sender, "/midi/unlearn", ParameterError(f"found {address[:64]!r}, allowed is what was learned"))


@handler("midi/map")
def bindings(context: Context, sender: Sender) -> None:
    """Do ``/midi/map``."""
    rows = () if context.midi is None else context.midi.rows()
    sender.send("/midi/map", *(word for row in rows for word in row))


@handler("midi/takeover")
def takeover(context: Context, sender: Sender) -> None:
    """Do ``/midi/takeover``."""
    rows = () if context.midi is None else context.midi.waiting()
    sender.send("/midi/takeover", *(word for row in rows for word in row))


def _midi(context: Context) -> MidiMap:
    if context.midi is None:
        raise ParameterError("there is no MIDI here")
    return context.midi
