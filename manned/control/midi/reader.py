"""The process that reads MIDI ports and tells the daemon what it reads.

Never imported by the daemon; `ports` is the other end.  It is a process of its own because MIDI systems cannot be
trusted with one that must play on:

- python-rtmidi holds the GIL while it opens and closes ports, and its ALSA close waits for a thread that may wait
  for the GIL;
- when a JACK server dies, its clients' memory is freed under them, and the next use of it is a segmentation fault.

JACK's MIDI is read in native code (`jack_input`).  ALSA's is queued natively by RtMidi, and the queues are looked at
every millisecond.

It is given one JSON object (``api``, ``patterns``, ``virtual_port``, ``once``)
as its argument, and ends when its standard input is closed.  It writes one JSON
array per line:

``["system", "alsa" | "jack" | null]``
    The MIDI system that is used; null while there is none.
``["ports", [name, …]]``
    All ports there are, whenever that changed.
``["numbered", name, number]``
    What `jack_input` calls a port that will be read.
``["opened", name]``, ``["lost", name]``
    A port is read from now on; a port has gone.
``["midi", name, [byte, …], seconds]``
    One message, and when it came, as the MIDI system has it.
``["failed", text]``
    The MIDI system gave up, and so does this process.

Messages of JACK are lines of `jack_input` between these, which do not begin with a bracket.

It reads one JSON array per line:

``["send", name, [byte, …]]``
    One message for the device of an open port: it goes to the output port of the same name, if there is one.
"""

# python-rtmidi is an extension without types.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import fnmatch
import json
import math
import os
import re
import select
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import rtmidi

if TYPE_CHECKING:
    from .jack_input import JackInput

CLIENT = "manned-midi"
VIRTUAL_PORT = "manned"
INPUT = f"in-{os.getpid()}"
READ_EVERY_S = 0.001
LOOK_EVERY_S = 0.5
ALSA_SEQUENCER = "/dev/snd/seq"
OUTPUT = f"out-{os.getpid()}"
LONGEST_MESSAGE = 1024
"""Bytes; system exclusive messages that are longer mean nothing here."""
LONGEST_LINE = 1 << 16
THROUGH = "through"
_WILDCARD = re.compile(r"[*?]")
_ENDS = re.compile(r"\b(capture|playback|in|out|input|output)\b|\d+:\d+$")
"""Words and numbers in which the two ports of a device differ."""
_rest = b""


def wanted(name: str, patterns: Sequence[str]) -> bool:
    """Whether one of the patterns asks for a port.

    ``*`` and ``?`` stand for any text and any character, upper and lower case
    are the same; a pattern without them matches any name that contains it.  Our
    own ports are never asked for, and those that echo what programs send
    (``Midi Through``) only by a pattern that says "through".
    """
    name = name.lower()
    if name.startswith(CLIENT):
        return False
    patterns = [pattern.lower().replace("[", "[[]") for pattern in patterns]
    if THROUGH in name:
        patterns = [pattern for pattern in patterns if THROUGH in pattern]
    patterns = [pattern if _WILDCARD.search(pattern) else f"*{pattern}*" for pattern in patterns]
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def counterpart(name: str, outputs: Sequence[str]) -> str | None:
    """The output port that belongs to an input port: of the same name, but for words such as "capture"; or None."""
    if name in outputs:
        return name
    same = [other for other in outputs if _plain(other) == _plain(name)]
    return same[0] if len(same) == 1 else None


def _plain(name: str) -> str:
    return " ".join(_ENDS.sub("", name.lower()).split())


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


class JackSource:
    """An input of ours that a port is connected to, or others may connect to.

    Parameters
    ----------
    jack : Jack
    name : str
        Of the port that is read.
    short_name : str, optional
        Of our input; one that no other has by default.

    Attributes
    ----------
    full_name : str or None
        Of our input; None when there is no room for one.
    """

    def __init__(self, jack: Jack, name: str, short_name: str | None = None):
        self._jack = jack
        self._name = name
        self._number = jack.input.number()
        tell("numbered", name, self._number)
        self.full_name = jack.input.open(self._number, short_name or f"in-{self._number}")
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
        if self.full_name is not None:
            self._jack.input.close_port(self._number)


class Jack:
    """The JACK server that runs; this process ends with it.

    Its other notifications are not asked for: the server waits for each to be taken, and that would need the GIL
    while RtMidi holds it and waits for the server.
    """

    name = "jack"
    pause_s = LOOK_EVERY_S

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

    def offer(self) -> JackSource:
        """A port of our own that others may send to."""
        return JackSource(self, VIRTUAL_PORT, VIRTUAL_PORT)

    def open(self, name: str) -> JackSource | None:
        """A port to read from; None when it has gone."""
        source = JackSource(self, name)
        if source.full_name is None:
            return None
        try:
            self._client.connect(name, source.full_name)
        except self._jack_error:
            source.close()
            return None
        return source

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


SYSTEMS = {"alsa": (Alsa,), "jack": (Jack,), "auto": (Alsa, Jack), "none": ()}


class Reader:
    """Opens the ports that are wanted, tells what comes in, notices what goes, sends what it is asked to."""

    def __init__(self, system: Alsa | Jack, patterns: Sequence[str], virtual_port: bool):
        self._system = system
        self._patterns = patterns
        self._sources: dict[str, AlsaSource | JackSource] = {}
        self._outputs: dict[str, Any] = {}
        self._names: list[str] | None = None
        if virtual_port:
            self._sources[VIRTUAL_PORT] = system.offer()
            tell("opened", VIRTUAL_PORT)

    def run(self) -> None:
        """Read until the daemon is gone."""
        look_at = 0.0
        while True:
            lines = hear(self._system.pause_s)
            if lines is None:
                return
            for line in lines:
                self._obey(*json.loads(line))
            self._read()
            if time.monotonic() >= look_at:
                self.look()
                look_at = time.monotonic() + LOOK_EVERY_S

    def close(self) -> None:
        """Leave the MIDI system as a good client: JACK waits for those that just vanish."""
        for output in self._outputs.values():
            if output is not None:
                output.delete()
        for source in self._sources.values():
            source.close()
        self._system.close()

    def _read(self) -> None:
        for name, source in self._sources.items():
            for data, seconds in source.read():
                tell("midi", name, data, round(seconds, 6))

    def look(self) -> None:
        """Compare the list of ports with what is open."""
        names = self._system.names()
        if names != self._names:
            self._names = names
            tell("ports", names)
        for name in self._sources.keys() - {VIRTUAL_PORT}:
            source = self._sources[name]
            if name not in names:
                self._lose(name)
            elif source.is_connected():
                if source.undone:  # by hand, too
                    source.undone = False
                    tell("opened", name)
            elif source.is_of_before():
                self._lose(name)
            elif not source.undone:
                source.undone = True
                tell("lost", name)
        for name in names:
            if name not in self._sources and wanted(name, self._patterns):
                source = self._system.open(name)
                if source is not None:
                    self._sources[name] = source
                    tell("opened", name)

    def _lose(self, name: str) -> None:
        source = self._sources.pop(name)
        source.close()
        output = self._outputs.pop(name, None)
        if output is not None:
            output.delete()
        if not source.undone:
            tell("lost", name)

    def _obey(self, kind: str, name: str, data: list[int]) -> None:
        """Send a message to the device of an open port; a device without an output port gets none."""
        source = self._sources.get(name)
        if kind != "send" or source is None or source.undone or name == VIRTUAL_PORT:
            return
        if name not in self._outputs:
            self._outputs[name] = self._open_output(name)
        output = self._outputs[name]
        if output is not None:
            output.send_message(data)

    def _open_output(self, name: str) -> Any:
        output = rtmidi.MidiOut(self._system.api, name=CLIENT)
        ports = output.get_ports()
        found = counterpart(name, ports)
        try:
            if found is not None:
                output.open_port(ports.index(found), name=OUTPUT)
                return output
        except rtmidi.RtMidiError:  # gone again
            pass
        output.delete()
        return None


def tell(kind: str, *values: object) -> None:
    """Write one line to the daemon."""
    os.write(sys.stdout.fileno(), json.dumps([kind, *values]).encode() + b"\n")


def hear(seconds: float) -> list[bytes] | None:
    """Lines that the daemon wrote, after a while at most; None as soon as it is gone."""
    global _rest
    if not select.select([sys.stdin], (), (), seconds)[0]:
        return []
    read = os.read(sys.stdin.fileno(), LONGEST_LINE)
    if not read:
        return None
    *lines, _rest = (_rest + read).split(b"\n")
    return lines


def find_system(api: str) -> Alsa | Jack | None:
    """The first MIDI system of ``api`` that works here, or None."""
    for system in SYSTEMS[api]:
        try:
            return system()
        except OSError:
            continue
    return None


def main() -> None:
    """Read ports as the argument says, until the daemon is gone."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a service manager sends it to us too; the daemon tells when to end
    try:
        _read_ports(json.loads(sys.argv[1]))
    except (OSError, rtmidi.RtMidiError) as error:
        tell("failed", str(error))


def _read_ports(options: dict[str, Any]) -> None:
    """Read ports until the daemon is gone, or list them once."""
    system = find_system(options["api"])
    tell("system", system and system.name)
    while system is None:
        if options["once"] or hear(LOOK_EVERY_S) is None:
            return
        system = find_system(options["api"])
        if system is not None:
            tell("system", system.name)
    reader = Reader(system, options["patterns"], options["virtual_port"])
    try:
        if options["once"]:
            reader.look()
        else:
            reader.run()
    finally:
        reader.close()
