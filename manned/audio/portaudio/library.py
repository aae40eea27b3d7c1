"""PortAudio as this program wants it: no JACK server started, our name in JACK's graph, no noise.

Importing this module initialises PortAudio.  Here alone private names of
sounddevice are used for that; `stream` uses its stream class for native callbacks.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from collections.abc import Iterator
from contextlib import contextmanager

from ..backend import BackendError

JACK = "JACK Audio Connection Kit"
HOSTAPIS = (JACK, "ALSA", "OSS", "PulseAudio")
"""Host APIs that PortAudio may have on Linux, by its own names; JACK is there only while a server runs."""

_CLIENT_NAME = b"manned"  # PortAudio keeps the pointer


def _name_jack_client() -> None:
    """Name our JACK client; it must be done before PortAudio initialises."""
    path = ctypes.util.find_library("portaudio")
    if path is not None:
        set_name = getattr(ctypes.CDLL(path), "PaJack_SetClientName", None)
        if set_name is not None:
            set_name(ctypes.c_char_p(_CLIENT_NAME))


os.environ.setdefault("JACK_NO_START_SERVER", "1")
_name_jack_client()
try:
    import sounddevice
except OSError:
    raise BackendError("audio: PortAudio is not installed (on Debian and Ubuntu: apt install libportaudio2)") from None


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what C libraries write to stderr away from people, for the whole process meanwhile."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def initialise_again() -> None:
    """Initialise PortAudio again.  No stream may be open; raises `BackendError`.

    sounddevice keeps ALSA's and JACK's messages away from stderr meanwhile.
    """
    terminate()
    try:
        sounddevice._initialize()
    except sounddevice.PortAudioError as error:
        raise BackendError(f"audio: PortAudio does not initialise ({reason(error)})") from None


def terminate() -> None:
    """Let go of PortAudio.  No stream may be open."""
    while sounddevice._initialized:
        sounddevice._terminate()


def reason(error: sounddevice.PortAudioError) -> str:
    """What PortAudio said, in one line."""
    return str(error).splitlines()[0].removeprefix("Error opening _NativeStream: ")
