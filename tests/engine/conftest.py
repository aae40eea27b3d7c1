"""Instruments on decoders whose sound is known."""

import time

import numpy as np
import pytest
from harmonic_decoder import harmonic_decoder

from manned.engine import Engine
from manned.instrument import Instrument


@pytest.fixture
def instrument():
    """An instrument on the harmonic decoder at 44.1 kHz, nothing played yet."""
    return Instrument(Engine(44100, channels=1), harmonic_decoder())


@pytest.fixture
def live(instrument):
    """A function that plays blocks of 64 by the callback alone, with the decode thread at work beside it."""
    engine = instrument.engine
    engine.start()
    block = np.zeros((64, 1), np.float32)

    def play(blocks):
        loudest = 0.0
        for _ in range(blocks):
            engine.play_into(block)
            loudest = max(loudest, float(np.abs(block).max()))
            time.sleep(0.0005)
        return loudest

    yield play
    engine.stop()
