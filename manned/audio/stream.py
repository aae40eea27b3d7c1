"""An output stream that PortAudio drives through a native callback, without the GIL."""

from __future__ import annotations

from .portaudio import quiet, sounddevice


class NativeStream(sounddevice._StreamBase):
    """A float32, interleaved output stream whose callback is machine code.

    Parameters
    ----------
    callback_address : int
        Address of a ``PaStreamCallback``.  It runs in PortAudio's audio thread.
    userdata_address : int
        Handed to every call.  What lies there must outlive the stream.
    device : int
        PortAudio's device number.
    samplerate : float
        Hertz.
    channels : int
    blocksize : int
        Frames per call; 0 leaves it to the device, and it may then vary.
    latency : float or {'low', 'high'}
        Asked of the device, in seconds.

    Raises
    ------
    sounddevice.PortAudioError
        When the device does not open like this.
    """

    def __init__(self, callback_address, userdata_address, device, samplerate, channels=2, blocksize=0, latency="low"):
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
                callback=ffi.cast("PaStreamCallback *", callback_address),
                userdata=ffi.cast("void *", userdata_address),
                wrap_callback=None,
            )
