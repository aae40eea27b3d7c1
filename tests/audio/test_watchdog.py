import asyncio
import threading
import time

import pytest
from native import Ramp

from manned.audio.silent import SilentClock
from manned.audio.watchdog import CallbackWatchdog, CallHangs, within


def test_a_stream_whose_callback_stops_is_dead():
    ramp = Ramp()
    clock = SilentClock(ramp.callback, ramp.samplerate)
    watchdog = CallbackWatchdog(ramp, limit_s=1.0)
    clock.start()
    for _ in range(30):
        time.sleep(0.04)
        assert not watchdog.dead
    clock.close()
    while not watchdog.dead:
        time.sleep(0.04)
    assert watchdog.age() > 1.0
    watchdog.reset()
    assert not watchdog.dead


def test_a_program_that_was_held_up_does_not_take_its_stream_for_dead():
    ramp = Ramp()
    watchdog = CallbackWatchdog(ramp, limit_s=0.6)
    time.sleep(0.8)
    assert not watchdog.dead


def test_within_hands_on_results_and_errors():
    def divide(dividend, divisor):
        return dividend / divisor

    assert asyncio.run(within(5.0, divide, 6, 3)) == 2
    with pytest.raises(ZeroDivisionError):
        asyncio.run(within(5.0, divide, 6, 0))


def test_a_call_that_hangs_is_left_behind():
    released = threading.Event()

    def hang():
        released.wait(30.0)

    with pytest.raises(CallHangs, match="hang did not return within 0.1 s"):
        asyncio.run(within(0.1, hang))
    released.set()


def test_a_hanging_sound_system_asks_the_service_manager_for_a_restart():
    assert CallHangs.exit_code == 75
