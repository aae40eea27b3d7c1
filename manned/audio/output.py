"""The audio output of the daemon: opens a device, notices its loss and finds it again.

While there is no device a silent clock drives the engine, so that control,
schedule and recording go on; exactly one of the two calls the callback.
"""

from __future__ import annotations

import asyncio
import logging

from ..errors import AudioError
from .realtime import AUDIO_PRIORITY, ask_realtime, libraries_realtime, new_threads
from .silent import BLOCKSIZE, SilentClock
from .watchdog import CallbackWatchdog, CallHangs, StartAgain, within

log = logging.getLogger(__name__)

NONE = "none"
FALLBACK_SAMPLERATE = 48000
LOOK_S = 0.2
FIRST_RETRY_S = 0.5
LAST_RETRY_S = 8.0
OPEN_DEADLINE_S = 10.0
CLOSE_DEADLINE_S = 3.0


class WrongRate(StartAgain):
    """The device wants a sample rate that the running engine does not have."""


def first_device(settings):
    """The device to begin with, and the sample rate that an engine for it should have.

    Parameters
    ----------
    settings : manned.settings.AudioSettings

    Returns
    -------
    device : Device or None
        None when none is wanted, or none is there.
    samplerate : int
        As configured, else the device's own.
    """
    device = None
    if settings.device != NONE:
        from .devices import choose_device

        try:
            device = choose_device(settings.device)
        except AudioError as error:
            log.debug("%s", error)
    return device, settings.samplerate or int(device.samplerate if device else FALLBACK_SAMPLERATE)


class Output:
    """Where the engine's blocks go.  Its methods belong to the control thread.

    Parameters
    ----------
    engine : manned.engine.Engine
    settings : manned.settings.AudioSettings

    Attributes
    ----------
    state : {'stopped', 'playing', 'silent', 'waiting'}
        ``waiting``: a device is missing and looked for; ``silent``: none is
        wanted.  In both the silent clock runs.
    realtime : bool
        Whether the audio thread was granted real-time priority.
    """

    def __init__(self, engine, settings):
        self.state = "stopped"
        self.device = None
        self.realtime = False
        self.losses = 0
        self._engine = engine
        self._settings = settings
        self._stream = None
        self._silent = None
        self._problem = ""
        self._watchdog = CallbackWatchdog(engine)

    def status(self) -> dict:
        """State, device and latency, as plain values."""
        values = {"audio": self.state, "device": str(self.device or ""), "device_losses": self.losses}
        if self._stream is not None:
            values["latency_ms"] = round(1000.0 * self._stream.latency, 3)
        if self.state == "waiting":
            values["audio_problem"] = self._problem
        return values

    @property
    def alive(self) -> bool:
        """Whether blocks are rendered, to a device or in silence."""
        return not self._watchdog.dead

    def sentence(self) -> str:
        """The state for people, e.g. for the log."""
        if self.state == "playing":
            return f"playing on {self.device} at {self._stream.samplerate:g} Hz"
        if self.state == "waiting":
            return f"no sound: {self._problem}; waiting for it on a silent clock"
        return {"silent": "no sound: audio.device is none, a silent clock runs", "stopped": "stopped"}[self.state]

    async def start(self, device=None) -> None:
        """Open a device, or play into silence when there is none.

        Parameters
        ----------
        device : Device, optional
            As `first_device` found it.
        """
        if self._settings.device == NONE:
            self._start_silent("silent")
        else:
            await self._try(device)

    async def watch(self) -> None:
        """Look after the output until cancelled: notice losses, look for devices that are missing.

        Raises
        ------
        CallHangs
            When the sound system does not let go of a dead device, as after the
            death of a JACK server.  The process must end by ``os._exit``.
        WrongRate
            When a device came that needs another sample rate than the engine's.
        """
        pause = FIRST_RETRY_S
        while True:
            await asyncio.sleep(LOOK_S if self.state != "waiting" else pause)
            if self.state == "playing" and self._watchdog.dead:
                await self._lost()
                pause = FIRST_RETRY_S
            elif self.state == "waiting":
                pause = min(2.0 * pause, LAST_RETRY_S)
                await self._look_again()

    async def stop(self) -> None:
        """Close whatever runs.  Raises `CallHangs` as `watch` does."""
        self.state = "stopped"
        self._stop_silent()
        stream, self._stream = self._stream, None
        if stream is not None:
            await within(CLOSE_DEADLINE_S, stream.close)

    async def _lost(self) -> None:
        self.losses += 1
        log.warning("audio device %s stopped calling for sound, closing it", self.device)
        device, stream, self._stream = self.device, self._stream, None
        self.state = "waiting"
        self.device = None
        self.realtime = False
        self._problem = f"audio device {device} was lost"
        try:
            await within(CLOSE_DEADLINE_S, stream.abort)
            await within(CLOSE_DEADLINE_S, stream.close)
        except CallHangs as error:
            raise CallHangs(f"audio device {device}: it is gone and the sound system hangs ({error})") from None
        self._wait(self._problem)

    async def _look_again(self) -> None:
        from .portaudio import rescan, sounddevice

        try:
            await within(OPEN_DEADLINE_S, rescan)
        except sounddevice.PortAudioError as error:
            log.debug("PortAudio does not initialise: %s", error)
            return
        await self._try()

    async def _try(self, device=None) -> None:
        from .devices import choose_device

        try:
            device = device or choose_device(self._settings.device)
            if device is None:
                raise AudioError("there is no audio device")
            await self._open(device)
        except StartAgain:
            raise
        except AudioError as error:
            self._wait(str(error))

    async def _open(self, device) -> None:
        """Open and start a device in place of the silent clock."""
        from .portaudio import JACK, sounddevice
        from .stream import NativeStream

        settings, engine = self._settings, self._engine
        if device.channels < engine.channels:
            raise AudioError(
                f"audio device {device}: it has {device.channels} output channels, audio.channels is {engine.channels}"
            )
        try:
            stream = await within(
                OPEN_DEADLINE_S,
                NativeStream,
                engine.callback_address,
                engine.userdata_address,
                device.index,
                engine.samplerate,
                engine.channels,
                settings.blocksize,
                settings.latency,
            )
        except sounddevice.PortAudioError as error:
            if not settings.samplerate and int(device.samplerate) != engine.samplerate and self._silent is not None:
                raise WrongRate(
                    f"audio device {device}: it runs at {device.samplerate:g} Hz, the engine at {engine.samplerate} Hz"
                ) from None
            raise AudioError(f"audio device {device}: it does not open ({_reason(error)})") from None
        self._stop_silent()
        self._watchdog.reset()
        self._stream = stream
        try:
            threads = await within(OPEN_DEADLINE_S, _start, stream)
        except sounddevice.PortAudioError as error:
            self._stream = None
            await within(CLOSE_DEADLINE_S, stream.close)
            raise AudioError(f"audio device {device}: it does not start ({_reason(error)})") from None
        # JACK gives its clients' threads their priority; PortAudio's other threads have an ordinary one.
        self.realtime = libraries_realtime() if device.hostapi == JACK else ask_realtime(threads, AUDIO_PRIORITY)
        self.device = device
        self.state = "playing"
        log.info("%s", self.sentence())

    def _wait(self, problem: str) -> None:
        """Play into silence until a device comes; say why once."""
        if self.state != "waiting" or problem != self._problem or self._silent is None:
            self._problem = problem
            self.state = "waiting"
            log.warning("%s", self.sentence())
        self._start_silent("waiting")

    def _start_silent(self, state: str) -> None:
        self.state = state
        if self._silent is None:
            engine = self._engine
            self._silent = SilentClock(
                engine.callback_address,
                engine.userdata_address,
                engine.samplerate,
                engine.channels,
                self._settings.blocksize or BLOCKSIZE,
            )
            self._watchdog.reset()
            self._silent.start()
            if state == "silent":
                log.info("%s", self.sentence())

    def _stop_silent(self) -> None:
        if self._silent is not None:
            self._silent.stop()
            self._silent = None


def _start(stream) -> set[int]:
    """Start a stream; returns the ids of the threads that PortAudio made for it."""
    with new_threads() as threads:
        stream.start()
    return threads


def _reason(error) -> str:
    """What PortAudio said, in one line."""
    return str(error).splitlines()[0].removeprefix("Error opening NativeStream: ")
