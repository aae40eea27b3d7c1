"""The MIDI ports of the ALSA sequencer, as `reader` opens them."""

# python-rtmidi is an extension without types.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from typing import Any

import rtmidi

from .lines import LONGEST_MESSAGE
from .port_names import CLIENT, VIRTUAL_PORT

INPUT = f"in-{os.getpid()}"
READ_EVERY_S = 0.001
ALSA_SEQUENCER = "/dev/snd/seq"


class AlsaSource:
    """A port of the ALSA sequencer that is read.

    Parameters
    ----------
    port : rtmidi.MidiIn
    """

    undone = False
    """Nobody undoes a connection without our hearing of it."""

    def __init__(self, port: Any):
        self._port = port
        self._seconds = math.inf

    def read(self) -> Iterator[tuple[list[int], float]]:
        """The messages that came, each with its time in seconds."""
        while message := self._port.get_message():
            data, since_last = message
            # Counted on by the MIDI system's own times; the first one was noticed late.
            self._seconds = min(self._seconds + since_last, time.monotonic())
            if len(data) <= LONGEST_MESSAGE:
                yield data, self._seconds

    def is_connected(self) -> bool:
        """The list of ports tells: plugging in again takes longer than the time between two looks."""
        return True

    def is_of_before(self) -> bool:
        """Whether the port has gone and another of its name has come."""
        return False

    def close(self) -> None:
        """Read it no more."""
        self._port.delete()


class Alsa:
    """The ALSA sequencer."""

    name = "alsa"
    pause_s = READ_EVERY_S

    def __init__(self):
        if not os.path.exists(ALSA_SEQUENCER):
            raise OSError(f"{ALSA_SEQUENCER} is missing")
        self.api = rtmidi.API_LINUX_ALSA
        self._look = self._new_input()

    def _new_input(self) -> Any:
        port = rtmidi.MidiIn(self.api, name=CLIENT)
        port.ignore_types(sysex=False, timing=False, active_sense=False)
        return port

    def names(self) -> list[str]:
        """All ports that something can be read from."""
        return self._look.get_ports()

    def offer(self) -> AlsaSource:
        """A port of our own that others may send to."""
        port = self._new_input()
        port.open_virtual_port(VIRTUAL_PORT)
        return AlsaSource(port)

    def open(self, name: str) -> AlsaSource | None:
        """A port to read from; None when it has gone."""
        port = self._new_input()
        try:
            port.open_port(port.get_ports().index(name), name=INPUT)
        except (ValueError, rtmidi.RtMidiError):
            port.delete()
            return None
        return AlsaSource(port)

    def close(self) -> None:
        """Leave the sequencer."""
        self._look.delete()
