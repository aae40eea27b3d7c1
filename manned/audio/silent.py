"""A clock without a device: the native callback runs at the right pace and nobody hears it."""

from __future__ import annotations

import ctypes
import threading
import time

import numpy as np

from ..stream_callback import STREAM_CALLBACK, Callback, TimeInfo
from .backend import NONE, Device

BLOCKSIZE = 256
STALL_S = 0.5
DEVICE = Device(index=0, name=NONE, hostapi="", channels=64, samplerate=0.0, latency_s=0.0, default=False)


class SilentClock:
    """Calls a native callback block by block in a thread of its own, outside the GIL.

    Each block is due at a time counted from the start, so that errors of single
    sleeps do not add up.  After a stall of more than half a second (a suspended
    machine) it goes on from now instead of making up for it.

    Parameters
    ----------
    callback : Callback
    samplerate : float
        Hertz.
    channels : int
    blocksize : int
        Frames per block.
    """

    latency_s = None
    realtime = False

    def __init__(self, callback: Callback, samplerate: float, channels: int = 2, blocksize: int = BLOCKSIZE):
        self.samplerate = samplerate
        self.blocksize = blocksize
        self._callback = STREAM_CALLBACK(callback.address)
        self._userdata = ctypes.c_void_p(callback.userdata)
        self._out = np.zeros((blocksize, channels), dtype=np.float32)
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="silent-clock", daemon=True)

    def start(self) -> None:
        """Begin to call."""
        self._thread.start()

    def abort(self) -> None:
        """Return when the callback will not be called again."""
        self._stopping = True
        if self._thread.is_alive():
            self._thread.join()

    def close(self) -> None:
        """The same as `abort`: there is nothing to let go of."""
        self.abort()

    def _run(self) -> None:
        out = ctypes.c_void_p(self._out.ctypes.data)
        info = TimeInfo()
        start = time.monotonic()
        frames = 0
        while not self._stopping:
            info.currentTime = time.monotonic()
            info.outputBufferDacTime = start + frames / self.samplerate
            self._callback(None, out, self.blocksize, ctypes.byref(info), 0, self._userdata)
            frames += self.blocksize
            wait = start + frames / self.samplerate - time.monotonic()
            if wait > 0.0:
                time.sleep(wait)
            elif wait < -STALL_S:
                start -= wait


class SilentBackend:
    """The back end of ``audio.device = "none"``; it is there whatever else is missing."""

    name = "silence"

    def devices(self) -> list[Device]:
        """The one device, `DEVICE`, which takes any sample rate."""
        return [DEVICE]

    def choose(self, wanted: str) -> Device | None:
        """`DEVICE` when it is asked for by its name, else None."""
        return DEVICE if wanted == NONE else None

    def open(
        self,
        device: Device,
        callback: Callback,
        samplerate: float,
        channels: int = 2,
        blocksize: int = 0,
        latency: float | str = "low",
    ) -> SilentClock:
        """A clock that can be started; ``latency`` means nothing to it."""
        return SilentClock(callback, samplerate, channels, blocksize or BLOCKSIZE)

    def rescan(self) -> None:
        """There is nothing to look for."""

    def terminate(self) -> None:
        """There is nothing to let go of."""
