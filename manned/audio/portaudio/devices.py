"""Which output devices PortAudio has, and which one a text means."""

from __future__ import annotations

from typing import Any

from ..backend import BackendError, Device
from .library import HOSTAPIS, JACK, sounddevice


def list_devices() -> list[Device]:
    """All devices with outputs, by their number."""
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
    """The device that a text means.

    Parameters
    ----------
    wanted : str
        Case does not matter.  The first that fits counts: a number; ``name, host
        API``, which is that very device; a host API or its first word, which is
        its default device; a name; a part of a name.  Empty is JACK's output when
        a server runs, else the default output.

        A host API comes before a name, and stands for itself while it is not
        there: with ALSA's plugins installed there are ALSA devices called
        ``jack`` and ``oss``, which work badly and are meant by nobody.

    Returns
    -------
    Device or None
        None when nothing in particular is wanted and there is no device.

    Raises
    ------
    BackendError
        When the wanted device is not there, or the text means several.
    """
    devices = list_devices()
    if not wanted:
        return next((device for device in devices if device.default), None)
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 6:
        found = [device for device in devices if device.index == int(wanted)]
    else:
        found = _by_name(devices, wanted.casefold())
    if len(found) == 1:
        return found[0]
    if found:
        names = "; ".join(map(str, found))
        raise BackendError(
            f"audio device {wanted!r}: means several devices ({names}), allowed is a name that means one"
        )
    names = "; ".join(map(str, devices)) or "none at all"
    raise BackendError(f"audio device {wanted!r}: not there, found: {names}")


def _by_name(devices: list[Device], wanted: str) -> list[Device]:
    """The devices that fit best: as they are listed, else by host API, by name, by a part of both."""
    exact = [device for device in devices if wanted == str(device).casefold()]
    if exact:
        return exact
    for name in HOSTAPIS:
        if wanted in (name.casefold(), name.split()[0].casefold()):
            default = _default_of(name, sounddevice.query_hostapis())
            return [device for device in devices if device.index == default]
    whole = [device for device in devices if wanted == device.name.casefold()]
    return whole or [device for device in devices if wanted in str(device).casefold()]


def _default_index(hostapis: tuple[dict[str, Any], ...]) -> int:
    """JACK's default output while a server runs, else PortAudio's."""
    jack = _default_of(JACK, hostapis)
    return jack if jack >= 0 else sounddevice.default.device[1]


def _default_of(hostapi: str, hostapis: tuple[dict[str, Any], ...]) -> int:
    """Number of a host API's default output; -1 when it has none, or is not there."""
    return next((facts["default_output_device"] for facts in hostapis if facts["name"] == hostapi), -1)
