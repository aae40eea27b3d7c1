"""The back end of PortAudio: JACK, ALSA, OSS, PulseAudio.

`library` loads PortAudio, `devices` tells which device a text means, `stream` plays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...stream_callback import Callback
from ..backend import Device

if TYPE_CHECKING:
    from .stream import PortAudioStream


class PortAudioBackend:
    """PortAudio, by the package sounddevice.

    It is loaded and initialised by the first call, and no earlier.  When it is
    not installed, every call raises `BackendError`.
    """

    name = "PortAudio"

    def devices(self) -> list[Device]:
        """All devices with outputs, by their number."""
        from .devices import list_devices

        return list_devices()

    def choose(self, wanted: str) -> Device | None:
        """The device that a text means, as `devices.choose_device` says; raises `BackendError`."""
        from .devices import choose_device

        return choose_device(wanted)

    def open(
        self,
        device: Device,
        callback: Callback,
        samplerate: float,
        channels: int = 2,
        blocksize: int = 0,
        latency: float | str = "low",
    ) -> PortAudioStream:
        """Open an output; raises `BackendError`."""
        from .stream import PortAudioStream

        return PortAudioStream(device, callback, samplerate, channels, blocksize, latency)

    def rescan(self) -> None:
        """List devices, and look for a JACK server, anew: PortAudio does so only when it initialises."""
        from .library import initialise_again

        initialise_again()

    def terminate(self) -> None:
        """Let go of PortAudio, as is wise before a JACK server ends."""
        from .library import terminate

        terminate()
