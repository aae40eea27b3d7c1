"""The list of back ends, and the device that a setting means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .backend import Backend, BackendError, Device
from .portaudio import PortAudioBackend
from .silent import SilentBackend

BACKENDS: tuple[Backend, ...] = (SilentBackend(), PortAudioBackend())
"""Every back end, in the order in which they are asked for a device."""


class Chosen(NamedTuple):
    """A device and the back end that opens it."""

    backend: Backend
    device: Device


def choose_device(wanted: str = "", backends: Iterable[Backend] = BACKENDS) -> Chosen | None:
    """The device that ``audio.device`` means, of the first back end that has it.

    Parameters
    ----------
    wanted : str
        ``none`` is the silent clock.  Empty is the best output there is.
    backends : iterable of Backend, optional

    Returns
    -------
    Chosen or None
        None when nothing in particular is wanted and there is no device.

    Raises
    ------
    BackendError
        When the wanted device is not there, or the text means several.
    """
    trouble = None
    for backend in backends:
        try:
            device = backend.choose(wanted)
        except BackendError as error:
            trouble = trouble or error
        else:
            if device is not None:
                return Chosen(backend, device)
    if trouble is not None:
        raise trouble
    return None
