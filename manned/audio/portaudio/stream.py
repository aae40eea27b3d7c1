"""An output stream that PortAudio drives through a native callback, without the GIL."""

from __future__ import annotations

from typing import Any

from ...stream_callback import Callback
from ..backend import BackendError, Device
from ..realtime import AUDIO_PRIORITY, ask_realtime, libraries_realtime, new_threads
from .library import JACK, quiet, reason, sounddevice

LONGEST_LATENCY_S = 60.0


class PortAudioStream:
    """A float32, interleaved output stream whose callback is machine code.

    Parameters
    ----------
    device : Device
    callback : Callback
        It runs in PortAudio's audio thread.
    samplerate : float
        Hertz.
    channels : int
    blocksize : int
        Frames per call; 0 leaves it to the device, and it may then vary.
    latency : float or {'low', 'high'}
        Asked of the device, in seconds.

    Raises
    ------
    BackendError
        When the device does not open like this.
    """

    def __init__(
        self,
        device: Device,
        callback: Callback,
        samplerate: float,
        channels: int = 2,
        blocksize: int = 0,
        latency: float | str = "low",
    ):
        self.realtime = False
        self._device = device
        try:
            self._stream = _NativeStream(device.index, callback, samplerate, channels, blocksize, latency)
        except sounddevice.PortAudioError as error:
            raise BackendError(f"audio device {device}: it does not open ({reason(error)})") from None
        self.samplerate: float = self._stream.samplerate

    @property
    def latency_s(self) -> float | None:
        """As PortAudio says, in seconds.

        None when it is beyond sense, as with PipeWire's JACK.
        """
        latency_s: Any = self._stream.latency  # a pair if there were inputs too
        return latency_s if 0.0 <= latency_s < LONGEST_LATENCY_S else None

    def start(self) -> None:
        """Begin to play, and ask for real-time priority; raises `BackendError`."""
        try:
            with new_threads() as threads:
                self._stream.start()
        except sounddevice.PortAudioError as error:
            raise BackendError(f"audio device {self._device}: it does not start ({reason(error)})") from None
        # JACK gives its clients' threads their priority; PortAudio's other threads have an ordinary one.
        jack = self._device.hostapi == JACK
        self.realtime = libraries_realtime() if jack else ask_realtime(threads, AUDIO_PRIORITY)

    def abort(self) -> None:
        """Stop at once."""
        self._stream.abort()

    def close(self) -> None:
        """Let go of the device."""
        self._stream.close()


class _NativeStream(sounddevice._StreamBase):
    """A stream of sounddevice whose callback is not wrapped into Python."""

    def __init__(
        self,
        device: int,
        callback: Callback,
        samplerate: float,
        channels: int,
        blocksize: int,
        latency: float | str,
    ):
        ffi = sounddevice._ffi
        with quiet():
            super().__init__(
                kind="output",
                device=device,
                samplerate=samplerate,
                channels=channels,
                dtype="float32",
                blocksize=blocksize,
                latency=latency,
                callback=ffi.cast("PaStreamCallback *", callback.address),
                userdata=ffi.cast("void *", callback.userdata),
                wrap_callback=None,
            )
