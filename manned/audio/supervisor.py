"""Looks after the audio output: opens a device, notices its loss and finds it again.

While there is no device a silent clock drives the engine, so that control,
schedule and recording go on; exactly one of the two calls the callback.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..settings import AudioSettings
from ..stream_callback import Callback
from .backend import NONE, Backend, BackendError, BlockSource, Device, Stream
from .backends import BACKENDS, Chosen, choose_device
from .output_event import OutputEvent, OutputEventKind, OutputListener, OutputState, log_event
from .silent import BLOCKSIZE, SilentClock
from .watchdog import CallbackWatchdog, CallHangs, within

if TYPE_CHECKING:
    from .resampled import Resampled

log = logging.getLogger(__name__)

FALLBACK_SAMPLERATE = 48000
LOOK_S = 0.2
FIRST_RETRY_S = 0.5
LAST_RETRY_S = 8.0
OPEN_DEADLINE_S = 10.0
CLOSE_DEADLINE_S = 3.0
COMPILE_DEADLINE_S = 120.0


def first_device(settings: AudioSettings, backends: Iterable[Backend] = BACKENDS) -> tuple[Chosen | None, int]:
    """The device to begin with, and the sample rate that an engine for it should have.

    Returns
    -------
    chosen : Chosen or None
        None when it is not there.
    samplerate : int
        As configured, else the device's own, in Hertz.
    """
    chosen = None
    try:
        chosen = choose_device(settings.device, backends)
    except BackendError as error:
        log.debug("%s", error)
    own = int(chosen.device.samplerate) if chosen else 0
    return chosen, settings.samplerate or own or FALLBACK_SAMPLERATE


class OutputSupervisor:
    """Where the engine's blocks go.  Its methods belong to the control thread.

    Parameters
    ----------
    engine : BlockSource
    settings : manned.settings.AudioSettings
    listener : callable(OutputEvent), optional
        Told of every event, in the control thread, after `log_event`.
    backends : iterable of Backend, optional
        Where devices are looked for.

    Attributes
    ----------
    state : OutputState
    device : Device or None
        The one that plays.
    realtime : bool
        Whether the audio thread was granted real-time priority.
    losses : int
        How often a device was lost.
    """

    def __init__(
        self,
        engine: BlockSource,
        settings: AudioSettings,
        listener: OutputListener | None = None,
        backends: Iterable[Backend] = BACKENDS,
    ):
        self.state = OutputState.STOPPED
        self.device: Device | None = None
        self.realtime = False
        self.losses = 0
        self._engine = engine
        self._settings = settings
        self._listeners = [log_event] if listener is None else [log_event, listener]
        self._backends = backends
        self._callback = Callback(engine.callback_address, engine.userdata_address)
        self._stream: Stream | None = None
        self._resampled: Resampled | None = None
        self._silent: SilentClock | None = None
        self._last = OutputEvent(OutputEventKind.STOPPED)
        self._watchdog = CallbackWatchdog(engine)

    def status(self) -> dict[str, Any]:
        """State, device and latency, as plain values."""
        values = {"audio": self.state.value, "device": str(self.device or ""), "device_losses": self.losses}
        if self._stream is not None and self._stream.latency_s is not None:
            latency_s = self._stream.latency_s + (self._resampled.latency_s if self._resampled else 0.0)
            values["latency_ms"] = round(1000.0 * latency_s, 3)
        if self.state is OutputState.WAITING:
            values["audio_problem"] = self._last.reason
        return values

    @property
    def alive(self) -> bool:
        """Whether blocks are rendered, to a device or in silence."""
        return not self._watchdog.dead

    def sentence(self) -> str:
        """The state for people, e.g. for the service manager."""
        return self._last.sentence()

    async def start(self, chosen: Chosen | None = None) -> None:
        """Open a device, or play into silence when there is none.

        Parameters
        ----------
        chosen : Chosen, optional
            As `first_device` found it.
        """
        if self._settings.device == NONE:
            self._start_silent()
            self.state = OutputState.SILENT
            self._tell(OutputEventKind.SILENT)
        else:
            await self._try(chosen)

    async def watch(self) -> None:
        """Look after the output until cancelled: notice losses, look for devices that are missing.

        Raises
        ------
        CallHangs
            When the sound system does not let go of a dead device, as after the
            death of a JACK server.  The process must end by ``os._exit``.
        """
        pause = FIRST_RETRY_S
        while True:
            await asyncio.sleep(LOOK_S if self.state is not OutputState.WAITING else pause)
            if self.state is OutputState.PLAYING and self._watchdog.dead:
                await self._lost()
                pause = FIRST_RETRY_S
            elif self.state is OutputState.WAITING:
                pause = min(2.0 * pause, LAST_RETRY_S)
                await self._look_again()

    async def stop(self) -> None:
        """Close whatever runs.  Raises `CallHangs` as `watch` does."""
        was, self.state = self.state, OutputState.STOPPED
        self._stop_silent()
        stream, self._stream = self._stream, None
        device, self.device = self.device, None
        if stream is not None:
            try:
                await within(CLOSE_DEADLINE_S, stream.close)
            except CallHangs as error:
                self._tell(OutputEventKind.HANGS, device, str(error))
                raise
        if was is not OutputState.STOPPED:
            self._tell(OutputEventKind.STOPPED)

    async def _lost(self) -> None:
        device, stream = self.device, self._stream
        assert device is not None and stream is not None
        self.losses += 1
        self._tell(OutputEventKind.LOST, device, f"audio device {device} was lost")
        self._stream = None
        self.state = OutputState.WAITING
        self.device = None
        self.realtime = False
        try:
            await within(CLOSE_DEADLINE_S, stream.abort)
            await within(CLOSE_DEADLINE_S, stream.close)
        except CallHangs as error:
            reason = f"audio device {device}: it is gone and the sound system hangs ({error})"
            self._tell(OutputEventKind.HANGS, device, reason)
            raise CallHangs(reason) from None
        self._wait(f"audio device {device} was lost")

    async def _look_again(self) -> None:
        try:
            for backend in self._backends:
                await within(OPEN_DEADLINE_S, backend.rescan)
        except BackendError as error:
            log.debug("%s", error)
            return
        await self._try()

    async def _try(self, chosen: Chosen | None = None) -> None:
        """Play on a device, or wait for one."""
        try:
            chosen = chosen or choose_device(self._settings.device, self._backends)
            if chosen is None:
                raise BackendError("there is no audio device")
            await self._open(*chosen)
        except BackendError as error:
            self._wait(str(error))

    async def _open(self, backend: Backend, device: Device) -> None:
        """Open and start a device in place of the silent clock."""
        engine = self._engine
        if device.channels < engine.channels:
            raise BackendError(
                f"audio device {device}: it has {device.channels} output channels, audio.channels is {engine.channels}"
            )
        try:
            stream, resampled = await self._opened(backend, device, self._callback, engine.samplerate), None
        except BackendError:
            rate = int(device.samplerate)
            if rate in (0, engine.samplerate):
                raise
            # The first of these in a device's life is compiled, which takes some seconds.
            resampled = await within(COMPILE_DEADLINE_S, _resample, self._callback, engine, rate)
            stream = await self._opened(backend, device, resampled.callback, rate)
        self._stop_silent()
        self._watchdog.reset()
        self._stream, self._resampled = stream, resampled
        try:
            await within(OPEN_DEADLINE_S, stream.start)
        except BackendError:
            self._stream = None
            await within(CLOSE_DEADLINE_S, stream.close)
            raise
        self.realtime = stream.realtime
        self.device = device
        self.state = OutputState.PLAYING
        reason = f"resampled from {engine.samplerate} Hz" if resampled else ""
        self._tell(OutputEventKind.PLAYING, device, reason, stream.samplerate)

    async def _opened(self, backend: Backend, device: Device, callback: Callback, samplerate: float) -> Stream:
        settings, channels = self._settings, self._engine.channels
        return await within(
            OPEN_DEADLINE_S,
            backend.open,
            device,
            callback,
            samplerate,
            channels,
            settings.blocksize,
            settings.latency,
        )

    def _wait(self, reason: str) -> None:
        """Play into silence until a device comes; say why once."""
        said = self._last.kind is OutputEventKind.WAITING and self._last.reason == reason
        self.state = OutputState.WAITING
        if not said:
            self._tell(OutputEventKind.WAITING, reason=reason)
        self._start_silent()

    def _start_silent(self) -> None:
        if self._silent is None:
            engine = self._engine
            blocksize = self._settings.blocksize or BLOCKSIZE
            self._silent = SilentClock(self._callback, engine.samplerate, engine.channels, blocksize)
            self._watchdog.reset()
            self._silent.start()

    def _stop_silent(self) -> None:
        if self._silent is not None:
            self._silent.close()
            self._silent = None

    def _tell(
        self, kind: OutputEventKind, device: Device | None = None, reason: str = "", samplerate: float = 0.0
    ) -> None:
        self._last = OutputEvent(kind, str(device or ""), reason, samplerate)
        for listener in self._listeners:
            listener(self._last)


def _resample(callback: Callback, engine: BlockSource, device_rate: int) -> Resampled:
    """What a device at another rate plays; what needs the compiler is loaded only now."""
    from .resampled import Resampled

    return Resampled(callback, int(engine.samplerate), device_rate, engine.channels)
