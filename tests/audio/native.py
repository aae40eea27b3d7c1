"""A native callback that needs no synthesizer: a ramp that tells which frame is which."""

from __future__ import annotations

import numba
import numpy as np
from numba import types

from manned.stream_callback import Callback

SIGNATURE = types.intc(
    types.voidptr, types.CPointer(types.float32), types.ulong, types.voidptr, types.ulong, types.CPointer(types.int64)
)


@numba.cfunc(SIGNATURE)
def _ramp(indata, outdata, frames, time, flags, state):
    channels = state[2]
    out = numba.carray(outdata, (frames, channels))
    for i in range(frames):
        state[0] += 1
        for channel in range(channels):
            out[i, channel] = state[0] / 2.0**20
    state[1] += 1
    state[3] = frames
    return 0


class Ramp:
    """Stands where the engine does: sample n (from 1) is n / 2**20, on every channel."""

    def __init__(self, samplerate=44100, channels=2):
        self.samplerate = samplerate
        self.channels = channels
        self._state = np.array([0, 0, channels, 0], dtype=np.int64)
        self.callback_address = _ramp.address
        self.userdata_address = self._state.ctypes.data

    @property
    def callback(self) -> Callback:
        return Callback(self.callback_address, self.userdata_address)

    @property
    def clock(self) -> int:
        return int(self._state[0])

    @property
    def blocks(self) -> int:
        return int(self._state[1])

    @property
    def last_blocksize(self) -> int:
        return int(self._state[3])
