import time

import pytest
from native import Ramp

from manned.audio.silent import SilentClock


def start(ramp, blocksize=256):
    clock = SilentClock(ramp.callback, ramp.samplerate, ramp.channels, blocksize)
    clock.start()
    return clock


@pytest.mark.parametrize("blocksize", [64, 1000])
def test_the_silent_clock_goes_at_its_rate_and_never_ahead_of_time(blocksize):
    ramp = Ramp(samplerate=48000)
    before = time.monotonic()
    clock = start(ramp, blocksize)
    seen = [0]
    while seen[-1] < 24_000:
        time.sleep(0.02)
        seen.append(ramp.clock)
        assert seen[-1] <= 48_000 * (time.monotonic() - before) + blocksize
    clock.close()
    assert ramp.clock > 0.5 * 48_000 * (time.monotonic() - before)
    assert seen == sorted(seen)
    assert ramp.clock == blocksize * ramp.blocks


def test_a_stopped_clock_calls_no_more():
    ramp = Ramp()
    clock = start(ramp)
    time.sleep(0.05)
    clock.close()
    blocks = ramp.blocks
    assert blocks > 0
    time.sleep(0.05)
    assert ramp.blocks == blocks
