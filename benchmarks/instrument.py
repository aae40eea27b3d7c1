"""The instrument that is measured."""

from __future__ import annotations

from manned.engine import Engine
from manned.instrument import Instrument
from manned.session import open_session


def shipped_instrument(samplerate: int = 44100, channels: int = 1) -> Instrument:
    """The instrument that `manned run` would start, without its daemon."""
    return open_session(engine=Engine(samplerate, channels)).instrument
