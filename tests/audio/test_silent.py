import time

import pytest
from native import Ramp

from manned.audio.silent import SilentClock


def start(ramp, blocksize=256):
    clock = SilentClock(ramp.callback_address, ramp.userdata_address, ramp.samplerate, ramp.channels, blocksize)
    clock.start()
    return clock


@pytest.mark.parametrize("blocksize", [64, 1000])
def test_the_silent_clock_keeps_the_average_rate(blocksize):
    ramp = Ramp(samplerate=48000)
    before = time.monotonic()
    clock = start(ramp, blocksize)
    time.sleep(1.0)
    clock.stop()
    elapsed = time.monotonic() - before
    assert ramp.clock / elapsed == pytest.approx(48000, rel=0.05)
    assert ramp.clock == blocksize * ramp.blocks


def test_a_stopped_clock_calls_no_more():
    ramp = Ramp()
    clock = start(ramp)
    time.sleep(0.05)
    clock.stop()
    blocks = ramp.blocks
    assert blocks > 0
    time.sleep(0.05)
    assert ramp.blocks == blocks
