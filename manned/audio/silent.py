"""A clock without a device: the native callback runs at the right pace and nobody hears it."""

from __future__ import annotations

import ctypes
import threading
import time

import numpy as np

BLOCKSIZE = 256
STALL_S = 0.5
_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_void_p,
    ctypes.c_void_p,
    ctypes.c_ulong,
    ctypes.c_void_p,
    ctypes.c_ulong,
    ctypes.c_void_p,
)


class _TimeInfo(ctypes.Structure):
    _fields_ = [(name, ctypes.c_double) for name in ("inputBufferAdcTime", "currentTime", "outputBufferDacTime")]


class SilentClock:
    """Calls a ``PaStreamCallback`` block by block in a thread of its own, outside the GIL.

    Each block is due at a time counted from the start, so that errors of single
    sleeps do not add up.  After a stall of more than half a second (a suspended
    machine) it goes on from now instead of making up for it.

    Parameters
    ----------
    callback_address, userdata_address : int
        As for `NativeStream`.
    samplerate : float
        Hertz.
    channels : int
    blocksize : int
        Frames per block.
    """

    def __init__(self, callback_address, userdata_address, samplerate, channels=2, blocksize=BLOCKSIZE):
        self.samplerate = samplerate
        self.blocksize = blocksize
        self._callback = _CALLBACK(callback_address)
        self._userdata = ctypes.c_void_p(userdata_address)
        self._out = np.zeros((blocksize, channels), dtype=np.float32)
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="silent-clock", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Return when the callback will not be called again."""
        self._stopping = True
        self._thread.join()

    def _run(self) -> None:
        out = ctypes.c_void_p(self._out.ctypes.data)
        info = _TimeInfo()
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
