"""MIDI inputs of a JACK server, read in native code in the period in which it comes.

For the process of `reader` alone.  JACK's process thread writes a line of each message straight to the daemon: no
polling, and no Python in JACK's graph.
"""

# Numba checks the types of what it compiles.
# pyright: reportPrivateImportUsage=false, reportCallIssue=false, reportArgumentType=false, reportIndexIssue=false

from __future__ import annotations

import os
import time

import numba as nb
import numpy as np
from numba import types

from ...engine.cache import choose_cache
from .libjack import IS_INPUT, MIDI, NO_START_SERVER, library
from .lines import LONGEST_MESSAGE

MOST_PORTS = 64

MONOTONIC = 1  # CLOCK_MONOTONIC
LOST_US = 50_000  # a period that begins so long after it was due is the first of a new row
FOLLOW_PERIODS = 0.01  # of what a period begins late
FORGOTTEN_WITHIN_S = 0.1
"""A period begins within so much, or the server calls nobody any more."""

# The memory that is shared with the process thread, in words of 64 bits; the addresses are of its own parts.
CLIENT, PIPE, RATE, PERIODS, FRAME = range(5)
TIME_AT, EVENT_AT, MESSAGE_AT, LINE_AT = range(5, 9)
TIME, EVENT, DUE = 9, 11, 14  # struct timespec; jack_midi_event_t; microseconds, a floating point number
PORTS, NUMBERS = 15, 15 + MOST_PORTS
WORDS = NUMBERS + MOST_PORTS
MESSAGE = 8 * WORDS  # and from here on bytes
LINE = MESSAGE + LONGEST_MESSAGE
NUMBER_DIGITS, TIME_DIGITS = 8, 16
HEAD = NUMBER_DIGITS + 2 * TIME_DIGITS
SIZE = LINE + HEAD + 2 * LONGEST_MESSAGE + 8

choose_cache()

_get_buffer = types.ExternalFunction("jack_port_get_buffer", types.int64(types.int64, types.uint32))
_event_count = types.ExternalFunction("jack_midi_get_event_count", types.uint32(types.int64))
_event_get = types.ExternalFunction("jack_midi_event_get", types.int32(types.int64, types.int64, types.uint32))
_last_frame_time = types.ExternalFunction("jack_last_frame_time", types.uint32(types.int64))
_clock_gettime = types.ExternalFunction("clock_gettime", types.int32(types.int32, types.int64))
_memcpy = types.ExternalFunction("memcpy", types.int64(types.int64, types.int64, types.int64))
_write = types.ExternalFunction("write", types.int64(types.int32, types.int64, types.int64))


@nb.njit(error_model="numpy")
def _put(line, place, value, digits):
    """Write a number in hexadecimal digits at a place of a line; the place after it."""
    for k in range(digits):
        digit = (value >> (4 * (digits - 1 - k))) & 15
        line[place + k] = digit + (48 if digit < 10 else 87)
    return place + digits


@nb.cfunc(types.int32(types.uint32, types.voidptr), error_model="numpy", cache=True)
def _take(frames, data):
    """JACK's process thread: no locks, no allocation, no Python objects; a full pipe loses the message."""
    words = nb.carray(data, (WORDS,), types.int64)
    memory = nb.carray(data, (SIZE,), types.uint8)
    _clock_gettime(MONOTONIC, words[TIME_AT])
    now_us = words[TIME] * 1_000_000 + words[TIME + 1] // 1000
    # As the engine's callback follows when its blocks are due: as early as periods have begun lately.
    due = nb.carray(data, (WORDS,), types.float64)[DUE:]
    frame = np.int64(_last_frame_time(words[CLIENT]))  # JACK may have left out periods
    due[0] += ((frame - words[FRAME]) & 0xFFFFFFFF) * 1e6 / words[RATE]
    words[FRAME] = frame
    late_us = now_us - due[0]
    due[0] += late_us if late_us < 0 or late_us > LOST_US else FOLLOW_PERIODS * late_us
    words[PERIODS] += 1
    for k in range(MOST_PORTS):
        if words[PORTS + k] == 0:
            continue
        buffer = _get_buffer(words[PORTS + k], frames)
        for i in range(_event_count(buffer)):
            if _event_get(words[EVENT_AT], buffer, i) != 0:
                continue
            offset_us = (words[EVENT] & 0xFFFFFFFF) * 1_000_000 // words[RATE]
            size = words[EVENT + 1]
            if size > LONGEST_MESSAGE:
                continue
            place = _put(memory, LINE, words[NUMBERS + k], NUMBER_DIGITS)
            place = _put(memory, place, now_us + offset_us, TIME_DIGITS)
            place = _put(memory, place, np.int64(due[0]) + offset_us, TIME_DIGITS)
            _memcpy(words[MESSAGE_AT], words[EVENT + 2], size)
            for j in range(size):
                place = _put(memory, place, np.int64(memory[MESSAGE + j]), 2)
            memory[place] = 10  # the end of the line
            _write(words[PIPE], words[LINE_AT], place + 1 - LINE)
    return 0


class JackInput:
    """A client with MIDI inputs, each with a number that is never used again.

    What comes in at one is written, in the period in which it comes, as a line of hexadecimal digits: the number of
    the port (8), when it came and when it was due, as evenly as periods are, in microseconds of the monotonic clock (16
    each), and the bytes of the message.

    Parameters
    ----------
    name : str
        Of the client; JACK adds to it when it is taken.
    output : int
        Descriptor of a pipe.

    Raises
    ------
    OSError
        When no server answers.
    """

    def __init__(self, name: str, output: int):
        self._memory = np.zeros(SIZE // 8, np.int64)
        self._client = library.jack_client_open(name.encode(), NO_START_SERVER, None)
        if not self._client:
            raise OSError("JACK: no server answers")
        # A pipe that is opened anew can be one that is never waited for, while others wait for it.
        self._pipe = os.open(f"/proc/self/fd/{output}", os.O_WRONLY | os.O_NONBLOCK)
        base = self._memory.ctypes.data
        self._memory[[CLIENT, PIPE, RATE]] = self._client, self._pipe, library.jack_get_sample_rate(self._client)
        self._memory[TIME_AT : LINE_AT + 1] = [base + at for at in (8 * TIME, 8 * EVENT, MESSAGE, LINE)]
        self._given = 0
        self._ports: dict[int, int] = {}
        self._name = library.jack_get_client_name(self._client).decode()
        library.jack_set_process_callback(self._client, _take.address, base)
        library.jack_activate(self._client)

    def offer(self, short_name: str | None = None) -> tuple[int, str] | None:
        """Offer an input port, which is not listened to yet; its number and its full name, or None without room."""
        if len(self._ports) == MOST_PORTS:
            return None
        self._given += 1
        short_name = short_name or f"in-{self._given}"
        port = library.jack_port_register(self._client, short_name.encode(), MIDI, IS_INPUT, 0)
        if not port:
            return None
        self._ports[self._given] = port
        return self._given, f"{self._name}:{short_name}"

    def listen(self, number: int) -> None:
        """Tell what comes in at a port from now on."""
        place = int(np.argmin(self._memory[PORTS:NUMBERS] != 0))
        self._memory[NUMBERS + place] = number
        self._memory[PORTS + place] = self._ports[number]

    def take_back(self, number: int) -> None:
        """Offer a port no more; nothing of it is told any more when this returns."""
        port = self._ports.pop(number)
        watched = self._memory[PORTS:NUMBERS]
        watched[watched == port] = 0
        period, deadline = self._memory[PERIODS], time.monotonic() + FORGOTTEN_WITHIN_S
        while self._memory[PERIODS] == period and time.monotonic() < deadline:
            time.sleep(0.001)
        library.jack_port_unregister(self._client, port)

    def close(self) -> None:
        """Leave the server."""
        library.jack_client_close(self._client)
        os.close(self._pipe)
