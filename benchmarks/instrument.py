"""The instrument that is measured."""

from __future__ import annotations

from manned.engine import Engine
from manned.instrument import Instrument
from manned.model.kinds import AnyDecoder
from manned.session import Session, open_session


def compose(samplerate: int = 44100, channels: int = 1, decoder: AnyDecoder | None = None) -> Session:
    """What `manned run` would start, without its daemon; with another decoder than the shipped one, if given."""
    return open_session(engine=Engine(samplerate, channels), decoder=decoder)


def shipped_instrument(samplerate: int = 44100, channels: int = 1) -> Instrument:
    """The instrument that `manned run` would start, without its daemon."""
    return compose(samplerate, channels).instrument
