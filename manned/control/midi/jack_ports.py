"""The MIDI ports of a JACK server, as `reader` opens them."""

# python-rtmidi is an extension without types.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import rtmidi

from .lines import tell
from .port_names import CLIENT, VIRTUAL_PORT

if TYPE_CHECKING:
    from .jack_input import JackInput


class JackSource:
    """An input of ours that a port is connected to, or others may connect to.

    Parameters
    ----------
    jack : Jack
    name : str
        Of the port that is read.
    number, full_name : int, str
        Of our input, see `jack_input.JackInput.offer`.
    """

    def __init__(self, jack: Jack, name: str, number: int, full_name: str):
        self._jack = jack
        self._name = name
        self._number = number
        self.full_name = full_name
        self._identity = jack.identity(name)
        self.undone = False
        """Whether somebody undid the connection by hand."""

    def read(self) -> Iterator[tuple[list[int], float]]:
        """Nothing: the daemon is told natively."""
        return iter(())

    def is_connected(self) -> bool:
        """Whether the port is still connected to ours; not one that went and came back since the last look."""
        return self.full_name in self._jack.inputs_of(self._name)

    def is_of_before(self) -> bool:
        """Whether the port has gone and another of its name has come."""
        return self._identity != self._jack.identity(self._name)

    def close(self) -> None:
        """Read it no more."""
        self._jack.input.take_back(self._number)


class Jack:
    """The JACK server that runs; this process ends with it.

    Its other notifications are not asked for: the server waits for each to be taken, and that would need the GIL
    while RtMidi holds it and waits for the server.
    """

    name = "jack"
    pause_s = math.inf

    def __init__(self):
        import jack  # an OSError without JACK's library

        self.api = rtmidi.API_UNIX_JACK
        self._jack_error = jack.JackError
        self._input: JackInput | None = None
        try:
            self._client = jack.Client(f"{CLIENT}-watch", no_start_server=True)
        except jack.JackOpenError as error:
            raise OSError(str(error)) from None
        self._client.set_shutdown_callback(lambda status, reason: os._exit(0))

    @property
    def input(self) -> JackInput:
        """Our inputs; those who only list ports have none."""
        if self._input is None:
            from .jack_input import JackInput

            self._input = JackInput(CLIENT, sys.stdout.fileno())
        return self._input

    def names(self) -> list[str]:
        """All ports that something can be read from."""
        return [port.name for port in self._client.get_ports(is_midi=True, is_output=True)]

    def offer(self) -> JackSource | None:
        """A port of our own that others may send to."""
        return self._listen(VIRTUAL_PORT, VIRTUAL_PORT)

    def open(self, name: str) -> JackSource | None:
        """A port to read from; None when it has gone, or too many are read."""
        source = self._listen(name)
        if source is None:
            return None
        try:
            self._client.connect(name, source.full_name)
        except self._jack_error:
            source.close()
            return None
        return source

    def _listen(self, name: str, short_name: str | None = None) -> JackSource | None:
        offered = self.input.offer(short_name)
        if offered is None:
            return None
        number, full_name = offered
        tell("numbered", name, number)  # before anything can come
        self.input.listen(number)
        return JackSource(self, name, number, full_name)

    def inputs_of(self, name: str) -> list[str]:
        """Full names of the inputs that a port is connected to."""
        try:
            return [port.name for port in self._client.get_all_connections(name)]  # type: ignore[arg-type]
        except self._jack_error:
            return []

    def identity(self, name: str) -> object:
        """What tells a port from one of the same name that came after it: the number that its client got."""
        try:
            return self._client.get_uuid_for_client_name(name.partition(":")[0])
        except self._jack_error:
            return object()

    def close(self) -> None:
        """Leave the JACK server."""
        if self._input is not None:
            self._input.close()
        self._client.close()
