import asyncio

import pytest
from native import Ramp

from manned.audio.backend import BackendError, Device
from manned.audio.output_event import OutputEvent, OutputEventKind, OutputState, log_event
from manned.audio.silent import SilentBackend
from manned.audio.supervisor import OutputSupervisor, first_device
from manned.settings import AudioSettings

PLAYING, SILENT, WAITING, LOST, STOPPED = (
    OutputEventKind[name] for name in ("PLAYING", "SILENT", "WAITING", "LOST", "STOPPED")
)
SYSTEM = "system, JACK Audio Connection Kit"


def run(settings, scenario, samplerate=44100, **options):
    """Run a coroutine function with the supervised output of a `Ramp`; its events, up to the end of it."""
    events = []

    async def main():
        ramp = Ramp(samplerate)
        output = OutputSupervisor(ramp, settings, events.append, **options)
        watch = asyncio.ensure_future(output.watch())
        try:
            await scenario(output, ramp)
        finally:
            watch.cancel()
            await output.stop()
        assert output.state is OutputState.STOPPED

    asyncio.run(main())
    return events


async def until(condition, timeout_s=15.0):
    for _ in range(int(timeout_s / 0.05)):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come to that")


def test_none_plays_into_silence():
    async def scenario(output, ramp):
        await output.start()
        assert output.state is OutputState.SILENT
        await until(lambda: ramp.blocks > 3)
        assert output.alive

    assert run(AudioSettings(device="none"), scenario) == [OutputEvent(SILENT), OutputEvent(STOPPED)]


def test_the_device_plays_at_its_own_rate(jack_devices, jack_server):
    settings = AudioSettings()
    chosen, samplerate = first_device(settings)
    assert samplerate == jack_server.samplerate

    async def scenario(output, ramp):
        await output.start(chosen)
        assert output.state is OutputState.PLAYING
        await until(lambda: ramp.blocks > 3)
        assert output.status()["device"] == SYSTEM

    assert run(settings, scenario, samplerate) == [
        OutputEvent(PLAYING, SYSTEM, samplerate=44100),
        OutputEvent(STOPPED),
    ]


def test_a_missing_device_is_waited_for_with_the_clock_running(no_devices, jack_server, monkeypatch):
    settings = AudioSettings(device="system")

    async def scenario(output, ramp):
        await output.start(first_device(settings)[0])
        assert output.state is OutputState.WAITING
        assert "'system': not there" in output.status()["audio_problem"]
        await until(lambda: ramp.blocks > 3)
        monkeypatch.setenv("JACK_DEFAULT_SERVER", jack_server.name)
        await until(lambda: output.state is OutputState.PLAYING)
        before = ramp.clock
        await until(lambda: ramp.clock > before + 1000)

    assert run(settings, scenario) == [
        OutputEvent(WAITING, reason="audio device 'system': not there, found: none at all"),
        OutputEvent(PLAYING, SYSTEM, samplerate=44100),
        OutputEvent(STOPPED),
    ]


def test_a_device_that_comes_with_another_rate_is_played_on(no_devices, jack_server, monkeypatch):
    async def scenario(output, ramp):
        await output.start()
        monkeypatch.setenv("JACK_DEFAULT_SERVER", jack_server.name)
        await until(lambda: output.state is OutputState.PLAYING, 60.0)
        before = ramp.clock
        await until(lambda: ramp.clock > before + 1000)
        assert output.status()["latency_ms"] > 0.6  # of the filter

    assert run(AudioSettings(), scenario, 48000) == [
        OutputEvent(WAITING, reason="there is no audio device"),
        OutputEvent(PLAYING, SYSTEM, "resampled from 48000 Hz", 44100),
        OutputEvent(STOPPED),
    ]


def test_without_a_device_it_is_looked_for(no_devices):
    async def scenario(output, ramp):
        await output.start()
        await until(lambda: ramp.blocks > 3)
        assert output.state is OutputState.WAITING

    events = run(AudioSettings(), scenario)
    assert events == [OutputEvent(WAITING, reason="there is no audio device"), OutputEvent(STOPPED)]


def test_too_many_channels_are_said(jack_devices):
    async def scenario(output, ramp):
        ramp.channels = 3
        await output.start()
        assert output.state is OutputState.WAITING
        ramp.channels = 2

    events = run(AudioSettings(channels=3), scenario)
    reason = f"audio device {SYSTEM}: it has 2 output channels, audio.channels is 3"
    assert events == [OutputEvent(WAITING, reason=reason), OutputEvent(STOPPED)]


def test_a_rate_of_the_settings_that_the_device_refuses_is_resampled(jack_devices):
    settings = AudioSettings(samplerate=22050)

    async def scenario(output, ramp):
        await output.start(first_device(settings)[0])
        assert output.state is OutputState.PLAYING

    events = run(settings, scenario, 22050)
    assert events == [OutputEvent(PLAYING, SYSTEM, "resampled from 22050 Hz", 44100), OutputEvent(STOPPED)]


class Unplugged(SilentBackend):
    """A sound system whose only device can be pulled out: its callbacks stop, as those of a USB interface do."""

    device = Device(0, "box", "USB", channels=2, samplerate=44100, latency_s=0.0, default=True)

    def __init__(self):
        self.plugged = True
        self.stream = None

    def choose(self, wanted):
        if not self.plugged:
            raise BackendError("audio device 'box': not there")
        return self.device

    def open(self, *arguments, **options):
        self.stream = super().open(*arguments, **options)
        return self.stream

    def unplug(self):
        self.plugged = False
        self.stream.abort()


def test_a_device_that_is_lost_is_closed_waited_for_and_taken_again():
    system = Unplugged()
    settings = AudioSettings(device="box")

    async def scenario(output, ramp):
        await output.start(first_device(settings, (system,))[0])
        await until(lambda: ramp.blocks > 3)
        system.unplug()
        await until(lambda: output.state is OutputState.WAITING and output.status()["audio_problem"].endswith("there"))
        before = ramp.clock
        await until(lambda: ramp.clock > before + 1000)
        system.plugged = True
        await until(lambda: output.state is OutputState.PLAYING)
        assert output.losses == 1

    assert run(settings, scenario, backends=(system,)) == [
        OutputEvent(PLAYING, "box, USB", samplerate=44100),
        OutputEvent(LOST, "box, USB", "audio device box, USB was lost"),
        OutputEvent(WAITING, reason="audio device box, USB was lost"),
        OutputEvent(WAITING, reason="audio device 'box': not there"),
        OutputEvent(PLAYING, "box, USB", samplerate=44100),
        OutputEvent(STOPPED),
    ]


@pytest.mark.parametrize(
    ("event", "level", "line"),
    [
        (OutputEvent(SILENT), "INFO", "no sound: audio.device is none, a silent clock runs"),
        (OutputEvent(PLAYING, SYSTEM, samplerate=48000), "INFO", f"playing on {SYSTEM} at 48000 Hz"),
        (
            OutputEvent(PLAYING, SYSTEM, "resampled from 44100 Hz", 48000),
            "INFO",
            f"playing on {SYSTEM} at 48000 Hz, resampled from 44100 Hz",
        ),
        (OutputEvent(WAITING, reason="why"), "WARNING", "no sound: why; waiting for it on a silent clock"),
        (OutputEvent(LOST, SYSTEM, "why"), "WARNING", f"audio device {SYSTEM} stopped calling for sound, closing it"),
    ],
)
def test_each_event_is_one_line_of_the_log(caplog, event, level, line):
    caplog.set_level("INFO", "manned")
    log_event(event)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [(level, line)]
