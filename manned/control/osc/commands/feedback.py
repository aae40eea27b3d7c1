"""Who is told what changes, and what is measured."""

from __future__ import annotations

from collections.abc import Callable

from ....errors import ParameterError
from ...sender import Outlet, Sender
from ..feedback.streams import METER, SPECTRUM, VOICE
from .registry import Context, Telling, done, failed, handler


@handler("notify")
def notify(context: Context, sender: Sender, how: int | None = None) -> None:
    """Do ``/notify``."""
    feedback, outlet = _telling(context).feedback, _outlet(sender)
    subscriber = feedback.find(outlet.key)
    if how is None:
        told = subscriber is not None and subscriber.everything
        sender.send("/notify", 1 + subscriber.echo if told and subscriber is not None else 0)
    elif how:
        subscriber = feedback.subscribe(outlet)
        subscriber.everything, subscriber.echo = True, how == 2
    elif subscriber is not None:
        subscriber.everything = subscriber.echo = False
        feedback.leave(subscriber)


@handler("listeners/add")
def add_listener(context: Context, sender: Sender, place: str) -> None:
    """Do ``/listeners/add``."""
    _change_listeners("/listeners/add", sender, lambda: _telling(context).listeners.add(place, sender))


@handler("listeners/del")
def remove_listener(context: Context, sender: Sender, place: str) -> None:
    """Do ``/listeners/del``."""
    _change_listeners("/listeners/del", sender, lambda: _telling(context).listeners.remove(place))


def _change_listeners(address: str, sender: Sender, change: Callable[[], str]) -> None:
    try:
        place = change()
    except ParameterError as error:
        failed(sender, address, error)
    else:
        done(sender, address, place)


@handler("listeners/list")
def list_listeners(context: Context, sender: Sender) -> None:
    """Do ``/listeners/list``."""
    sender.send("/listeners/list", *_telling(context).listeners.names())


@handler("meter")
def meter(context: Context, sender: Sender, rate: int) -> None:
    """Do ``/meter``."""
    _stream(context, sender, METER, rate)


@handler("voice")
def voice(context: Context, sender: Sender, rate: int) -> None:
    """Do ``/voice``."""
    _stream(context, sender, VOICE, rate)


@handler("spectrum")
def spectrum(context: Context, sender: Sender, rate: int) -> None:
    """Do ``/spectrum``."""
    _stream(context, sender, SPECTRUM, rate)


def _stream(context: Context, sender: Sender, stream: str, rate: int) -> None:
    """Send a stream to where the sender listens: its listeners if it has any, else where it sends from."""
    telling = _telling(context)
    subscribers = telling.listeners.of(sender) or [telling.feedback.subscribe(_outlet(sender))]
    for subscriber in subscribers:
        telling.streams.subscribe(subscriber, stream, rate)


def _telling(context: Context) -> Telling:
    if context.telling is None:
        raise ParameterError("nobody can be told anything from here")
    return context.telling


def _outlet(sender: Sender) -> Outlet:
    if sender.outlet is None:
        raise ParameterError("this sender cannot be told anything later")
    return sender.outlet
