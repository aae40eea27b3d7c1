"""PortAudio as this program wants it: no JACK server started, our name in JACK's graph, no noise.

Importing this module initialises PortAudio, so it is imported when a device is
wanted and not before.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from contextlib import contextmanager

from ..errors import AudioError

JACK = "JACK Audio Connection Kit"
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
    raise AudioError("audio: PortAudio is not installed (on Debian and Ubuntu: apt install libportaudio2)") from None


@contextmanager
def quiet():
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


def rescan() -> None:
    """Initialise PortAudio again: it lists devices, and looks for a JACK server, only then.

    No stream may be open.  sounddevice keeps ALSA's and JACK's messages away from stderr meanwhile.
    """
    while sounddevice._initialized:
        sounddevice._terminate()
    sounddevice._initialize()
