import asyncio

import pytest
from native import Ramp

from manned.audio.output import Output, WrongRate, first_device
from manned.settings import AudioSettings


def run(settings, scenario, samplerate=44100):
    """Run a coroutine function with an `Output` of a `Ramp`, and stop the output after it."""

    async def main():
        ramp = Ramp(samplerate)
        output = Output(ramp, settings)
        watch = asyncio.ensure_future(output.watch())
        try:
            await scenario(output, ramp)
        finally:
            watch.cancel()
            await output.stop()

    asyncio.run(main())


async def until(condition, timeout_s=15.0):
    for _ in range(int(timeout_s / 0.05)):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come to that")


def test_none_plays_into_silence():
    async def scenario(output, ramp):
        await output.start()
        assert output.state == "silent"
        assert "silent clock" in output.sentence()
        await until(lambda: ramp.blocks > 3)
        assert output.alive

    run(AudioSettings(device="none"), scenario)


def test_the_device_plays_at_its_own_rate(jack_devices, jack_server):
    settings = AudioSettings()
    device, samplerate = first_device(settings)
    assert samplerate == jack_server.samplerate

    async def scenario(output, ramp):
        await output.start(device)
        assert output.state == "playing"
        assert output.sentence() == "playing on system, JACK Audio Connection Kit at 44100 Hz"
        await until(lambda: ramp.blocks > 3)
        assert output.status()["device"] == str(device)

    run(settings, scenario, samplerate)


def test_a_missing_device_is_waited_for_with_the_clock_running(jack_server, no_devices, monkeypatch):
    async def scenario(output, ramp):
        await output.start(first_device(output_settings)[0])
        assert output.state == "waiting"
        assert "audio device 'system': not there" in output.sentence()
        await until(lambda: ramp.blocks > 3)
        monkeypatch.setenv("JACK_DEFAULT_SERVER", jack_server.name)
        await until(lambda: output.state == "playing")
        before = ramp.clock
        await until(lambda: ramp.clock > before + 1000)

    output_settings = AudioSettings(device="system")
    run(output_settings, scenario)


def test_a_device_that_comes_with_another_rate_asks_for_a_new_start(jack_server, no_devices, monkeypatch):
    async def main():
        output = Output(Ramp(samplerate=48000), AudioSettings())
        await output.start()
        monkeypatch.setenv("JACK_DEFAULT_SERVER", jack_server.name)
        with pytest.raises(WrongRate, match="it runs at 44100 Hz, the engine at 48000 Hz") as error:
            await asyncio.wait_for(output.watch(), 15.0)
        assert error.value.exit_code == 75
        await output.stop()

    asyncio.run(main())


def test_without_a_device_it_is_said_and_looked_for(no_devices):
    async def scenario(output, ramp):
        await output.start()
        assert output.sentence() == "no sound: there is no audio device; waiting for it on a silent clock"
        await until(lambda: ramp.blocks > 3)

    run(AudioSettings(), scenario)


def test_too_many_channels_are_said(jack_devices):
    async def scenario(output, ramp):
        ramp.channels = 3
        await output.start()
        assert output.state == "waiting"
        assert "2 output channels, audio.channels is 3" in output.sentence()
        ramp.channels = 2

    run(AudioSettings(channels=3), scenario)


@pytest.mark.parametrize("configured", [48000, 22050])
def test_a_rate_that_the_device_refuses_is_said_and_nothing_else_is_played(jack_devices, configured):
    async def scenario(output, ramp):
        await output.start(first_device(AudioSettings(samplerate=configured))[0])
        assert output.state == "waiting"
        assert "does not open" in output.sentence()

    run(AudioSettings(samplerate=configured), scenario, configured)
