"""Ears and a keyboard for what plays on a JACK server: two clients in native code, which no busy interpreter delays.

The keyboard's MIDI goes to the peer and the peer's sound to the ears. They are two clients, so that the graph
has no circle and the peer is called between them in every period.
"""

# Numba checks the types of what it compiles.
# pyright: reportPrivateImportUsage=false, reportCallIssue=false, reportArgumentType=false

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import jack
import numba as nb
import numpy as np
from numba import types

from manned.control.midi.libjack import AUDIO, IS_INPUT, IS_OUTPUT, MIDI, NO_START_SERVER, library

SILENCE = 1e-5
"""What is weaker, -100 dB of full scale, is silence: reverbs and filters never end altogether."""

KEYS_CLIENT, KEYS_PORT, TO_SEND, SENT_AT, BYTES = range(5)
EARS_CLIENT, EARS_PORT, WATCHING, HEARD_AT, SILENT_NOW, SILENT_ALL, WORDS = range(5, 12)
"""Words of 64 bits: those of the keyboard, and those of the ears."""

_get_buffer = types.ExternalFunction("jack_port_get_buffer", types.voidptr(types.int64, types.uint32))
_last_frame_time = types.ExternalFunction("jack_last_frame_time", types.uint32(types.int64))
_clear = types.ExternalFunction("jack_midi_clear_buffer", types.void(types.voidptr))
_write = types.ExternalFunction(
    "jack_midi_event_write", types.int32(types.voidptr, types.uint32, types.CPointer(types.int64), types.uint64)
)
_word = types.CPointer(types.int64)


@nb.cfunc(types.int32(types.uint32, _word), error_model="numpy")
def play(frames, data):
    """Audio thread: no locks, no allocation, no Python objects."""
    words = nb.carray(data, (WORDS,))
    buffer = _get_buffer(words[KEYS_PORT], frames)
    _clear(buffer)
    if words[TO_SEND] > 0:
        _write(buffer, 0, words[BYTES:].ctypes, words[TO_SEND])
        words[SENT_AT] = _last_frame_time(words[KEYS_CLIENT])
        words[TO_SEND] = 0
    return 0


@nb.cfunc(types.int32(types.uint32, _word), error_model="numpy")
def listen(frames, data):
    """Audio thread: no locks, no allocation, no Python objects."""
    words = nb.carray(data, (WORDS,))
    sound = nb.carray(_get_buffer(words[EARS_PORT], frames), (np.int64(frames),), types.float32)
    words[SILENT_NOW] += 1
    words[SILENT_ALL] += 1
    for i in range(len(sound)):
        if abs(sound[i]) > SILENCE:
            words[SILENT_NOW] = 0
            words[SILENT_ALL] -= 1
            if words[WATCHING]:
                words[HEARD_AT] = _last_frame_time(words[EARS_CLIENT]) + i
                words[WATCHING] = 0
            break
    return 0


class Probe:
    """What `probe` hands out.

    Parameters
    ----------
    words : np.ndarray [shape=(WORDS,), dtype=int64]
        What the two native callbacks and we share.
    graph : jack.Client
        Sees and connects the ports of all clients.
    """

    def __init__(self, words: np.ndarray, graph: jack.Client):
        self._words = words
        self._graph = graph

    def connect(self, outputs: str, keys: str, within_s: float) -> bool:
        """Connect all outputs and the MIDI input whose names match; False when they are not there in time.

        Without ``keys`` only the outputs are waited for.
        """
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            found = self._graph.get_ports(outputs, is_audio=True, is_output=True)
            inputs = self._graph.get_ports(keys, is_midi=True, is_input=True) if keys else []
            if found and (inputs or not keys):
                with suppress(jack.JackErrorCode):  # a client that is not active yet
                    for port in found:
                        if "ears:in" not in [other.name for other in self._graph.get_all_connections(port)]:
                            self._graph.connect(port, "ears:in")
                    self.connect_keys(keys)
                    return True
            time.sleep(0.002)
        return False

    def connect_keys(self, keys: str) -> None:
        """Connect the keyboard to the first MIDI input whose name matches, unless it is connected to any.

        Some open their input anew whenever a keyboard comes or goes.
        """
        inputs = self._graph.get_ports(keys, is_midi=True, is_input=True) if keys else []
        if inputs and not self._graph.get_all_connections("keys:out"):
            with suppress(jack.JackErrorCode):
                self._graph.connect("keys:out", inputs[0])

    def keys_are_connected(self, within_s: float) -> bool:
        """Wait until somebody has connected the keyboard; False when nobody does in time."""
        deadline = time.monotonic() + within_s
        while not self._graph.get_all_connections("keys:out") and time.monotonic() < deadline:
            time.sleep(0.01)
        return bool(self._graph.get_all_connections("keys:out"))

    def play(self, *message: int) -> None:
        """Send the bytes of one MIDI message, at most 8, at the start of the next period, and wait until it is sent.

        Raises
        ------
        RuntimeError
            When the keyboard is not called any more.
        """
        self._words[BYTES] = int.from_bytes(bytes(message), "little")
        self._words[TO_SEND] = len(message)
        deadline = time.monotonic() + 5.0
        while self._words[TO_SEND]:
            if time.monotonic() > deadline:
                raise RuntimeError("the JACK server calls the keyboard no more")
            time.sleep(0.0002)

    def is_silent(self, within_s: float, for_periods: int = 20) -> bool:
        """Wait until nothing was heard for so many periods; False when that does not come in time."""
        deadline = time.monotonic() + within_s
        while self._words[SILENT_NOW] < for_periods and time.monotonic() < deadline:
            time.sleep(0.002)
        return bool(self._words[SILENT_NOW] >= for_periods)

    @property
    def silent_periods(self) -> int:
        """How many periods were silent so far."""
        return int(self._words[SILENT_ALL])

    @property
    def hears(self) -> bool:
        """Whether there is sound at this moment."""
        return bool(self._words[SILENT_NOW] == 0)

    def frames_to_sound(self, action: Callable[[], object], midi: bool, within_s: float = 1.0) -> int | None:
        """Frames from what ``action`` sends to the first sample of sound, on JACK's clock; None when none comes.

        A MIDI message counts from the start of the period that carries it, a datagram from the moment it is sent.
        """
        self._words[HEARD_AT] = -1
        self._words[WATCHING] = 1
        sent = self._graph.frame_time
        action()
        deadline = time.monotonic() + within_s
        while self._words[HEARD_AT] < 0 and time.monotonic() < deadline:
            time.sleep(0.001)
        self._words[WATCHING] = 0
        heard = int(self._words[HEARD_AT])
        return None if heard < 0 else heard - (int(self._words[SENT_AT]) if midi else sent)


@contextmanager
def probe() -> Iterator[Probe]:
    """Ears and a keyboard on the default JACK server, until the end of the block."""
    words = np.zeros(WORDS, np.int64)
    clients = []
    for name, client_word, port_word, kind, flags, callback in (
        (b"keys", KEYS_CLIENT, KEYS_PORT, MIDI, IS_OUTPUT, play),
        (b"ears", EARS_CLIENT, EARS_PORT, AUDIO, IS_INPUT, listen),
    ):
        client = library.jack_client_open(name, NO_START_SERVER, None)
        if not client:
            raise RuntimeError("no JACK server runs")
        clients.append(client)
        words[client_word] = client
        words[port_word] = library.jack_port_register(client, b"out" if flags == IS_OUTPUT else b"in", kind, flags, 0)
        library.jack_set_process_callback(client, callback.address, words.ctypes.data)
        library.jack_activate(client)
    graph = jack.Client("graph", no_start_server=True)
    try:
        yield Probe(words, graph)
    finally:
        graph.close()
        for client in clients:
            library.jack_client_close(client)
