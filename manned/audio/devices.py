"""Which output devices there are, and which one a setting means."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import AudioError
from .portaudio import JACK, sounddevice


@dataclass(frozen=True)
class Device:
    """An output device.

    Attributes
    ----------
    index : int
        PortAudio's number; it changes when devices come and go.
    name, hostapi : str
        E.g. ``system`` and ``JACK Audio Connection Kit``.
    channels : int
        The most output channels it takes.
    samplerate : float
        Its own rate, in Hertz.
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

    def __str__(self):
        return f"{self.name}, {self.hostapi}"


def list_devices() -> list[Device]:
    """All devices with outputs, by their number.

    Raises
    ------
    AudioError
        When PortAudio is not installed.
    """
    hostapis = sounddevice.query_hostapis()
    default = _default_index(hostapis)
    return [
        Device(
            index=facts["index"],
            name=facts["name"],
            hostapi=hostapis[facts["hostapi"]]["name"],
            channels=facts["max_output_channels"],
            samplerate=facts["default_samplerate"],
            latency_s=facts["default_low_output_latency"],
            default=facts["index"] == default,
        )
        for facts in sounddevice.query_devices()
        if facts["max_output_channels"] > 0
    ]


def choose_device(wanted: str = "") -> Device | None:
    """The device that a setting means.

    Parameters
    ----------
    wanted : str
        A number, a name, ``name, host API``, the first word of a host API (its
        default device) or a part of a name; case does not matter.  Empty is
        JACK's output when a server runs, else the default output.

    Returns
    -------
    Device or None
        None when nothing in particular is wanted and there is no device.

    Raises
    ------
    AudioError
        When the wanted device is not there, or the text means several.
    """
    devices = list_devices()
    if not wanted:
        return next((device for device in devices if device.default), None)
    if wanted.isdecimal():
        found = [device for device in devices if device.index == int(wanted)]
    else:
        found = _by_name(devices, wanted.casefold())
    if len(found) == 1:
        return found[0]
    if found:
        names = "; ".join(map(str, found))
        raise AudioError(f"audio device {wanted!r}: means several devices ({names}), allowed is a name that means one")
    names = "; ".join(map(str, devices)) or "none at all"
    raise AudioError(f"audio device {wanted!r}: not there, found: {names}")


def _by_name(devices: list[Device], wanted: str) -> list[Device]:
    """The devices that fit best: by whole name, else by host API, else by a part of the name."""
    whole = [device for device in devices if wanted in (device.name.casefold(), str(device).casefold())]
    if whole:
        return whole
    for api in sounddevice.query_hostapis():
        if wanted in (api["name"].casefold(), api["name"].split()[0].casefold()):
            return [device for device in devices if device.index == api["default_output_device"]]
    return [device for device in devices if wanted in str(device).casefold()]


def _default_index(hostapis) -> int:
    """JACK's default output while a server runs, else PortAudio's.

    JACK is looked for by host API: with ALSA's plugins installed, an ALSA
    device called ``jack`` can be the default and works badly.
    """
    for api in hostapis:
        if api["name"] == JACK and api["default_output_device"] >= 0:
            return api["default_output_device"]
    return sounddevice.default.device[1]
