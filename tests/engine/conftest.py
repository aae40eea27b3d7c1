"""Instruments on decoders whose sound is known."""

import pytest

from harmonic_decoder import harmonic_decoder
from manned.engine import Engine
from manned.instrument import Instrument


@pytest.fixture
def instrument():
    """An instrument on the harmonic decoder at 44.1 kHz, nothing played yet."""
    return Instrument(Engine(44100, channels=1), harmonic_decoder())
