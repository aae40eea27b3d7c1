"""What a back end is: the seam between the engine's blocks and the sound systems.

To add one, write a class that fits `Backend` into a module of its own and put it
into the list of `manned.audio.backends`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ..errors import AudioError
from ..stream_callback import Callback

NONE = "none"
"""The device of a setting that wants no sound."""


class BackendError(AudioError):
    """What a sound system cannot do: a device that is missing, or does not open or start."""


@dataclass(frozen=True)
class Device:
    """An output device.

    Attributes
    ----------
    index : int
        The back end's number; it changes when devices come and go.
    name, hostapi : str
        E.g. ``system`` and ``JACK Audio Connection Kit``.
    channels : int
        The most output channels it takes.
    samplerate : float
        Its own rate, in Hertz; 0 when it takes any.
    latency_s : float
        The lowest output latency it announces, in seconds.
    default : bool
        Whether an empty ``audio.device`` takes it.
    """

    index: int
    name: str
    hostapi: str
    channels: int
    samplerate: float
    latency_s: float
    default: bool

    def __str__(self) -> str:
        return f"{self.name}, {self.hostapi}" if self.hostapi else self.name


class BlockSource(Protocol):
    """What the output plays: the engine, or whatever stands in its place.

    Attributes
    ----------
    samplerate : float
        Hertz.
    channels : int
    """

    samplerate: float
    channels: int

    @property
    def blocks(self) -> int:
        """Callbacks so far."""
        ...

    @property
    def callback_address(self) -> int:
        """Address of the native callback, see `manned.stream_callback`."""
        ...

    @property
    def userdata_address(self) -> int:
        """Address that is handed to every call."""
        ...


class Stream(Protocol):
    """An open output.  Any call may hang when its device is gone: call from a thread that may be lost."""

    @property
    def samplerate(self) -> float:
        """Hertz."""
        ...

    @property
    def latency_s(self) -> float | None:
        """From a block's start until it is heard, in seconds, as the device says; None when that makes no sense."""
        ...

    @property
    def realtime(self) -> bool:
        """Whether the audio thread was granted real-time priority; False before `start`."""
        ...

    def start(self) -> None:
        """Begin to call the callback, from a thread of the stream's own; raises `BackendError`."""

    def abort(self) -> None:
        """Stop calling it, without waiting for what is still to be heard."""

    def close(self) -> None:
        """Let go of the device.  The callback is not called after this returned."""


class Backend(Protocol):
    """A sound system.

    Attributes
    ----------
    name : str
        For people.
    """

    name: str

    def devices(self) -> list[Device]:
        """All devices with outputs."""
        ...

    def choose(self, wanted: str) -> Device | None:
        """The device that a setting means.

        Returns
        -------
        Device or None
            None when the setting is for another back end, or when nothing in
            particular is wanted and there is no device.

        Raises
        ------
        BackendError
            When the wanted device is not there, or the text means several.
        """
        ...

    def open(
        self,
        device: Device,
        callback: Callback,
        samplerate: float,
        channels: int = 2,
        blocksize: int = 0,
        latency: float | str = "low",
    ) -> Stream:
        """Open an output; it calls nothing before it is started.

        Parameters
        ----------
        device : Device
            One of `devices`.
        callback : Callback
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
        ...

    def rescan(self) -> None:
        """Look anew which devices there are.  No stream may be open; raises `BackendError`."""

    def terminate(self) -> None:
        """Let go of the sound system.  No stream may be open; `rescan` takes it up again."""
