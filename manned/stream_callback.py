"""The C type of the audio callback: the engine implements it, back ends call it (PortAudio's ``PaStreamCallback``)."""

from __future__ import annotations

import ctypes
from typing import NamedTuple

STREAM_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_void_p,  # input
    ctypes.c_void_p,  # output, float32 [shape=(frames, channels)]
    ctypes.c_ulong,  # frames
    ctypes.c_void_p,  # a `TimeInfo`
    ctypes.c_ulong,  # status flags
    ctypes.c_void_p,  # user data
)


class TimeInfo(ctypes.Structure):
    """When a block is heard, in seconds: PortAudio's ``PaStreamCallbackTimeInfo``."""

    _fields_ = [(name, ctypes.c_double) for name in ("inputBufferAdcTime", "currentTime", "outputBufferDacTime")]


class Callback(NamedTuple):
    """A native audio callback.

    Attributes
    ----------
    address : int
        Of machine code of the type `STREAM_CALLBACK`.  It runs in a back end's audio thread.
    userdata : int
        Address that is handed to every call.  What lies there must outlive the stream.
    """

    address: int
    userdata: int
