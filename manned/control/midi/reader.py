"""The process that reads MIDI ports and tells the daemon what it reads.

Run by its path, never imported by the daemon; `ports` is the other end.  It is
a process of its own because MIDI systems cannot be trusted with one that must
play on:

- python-rtmidi holds the GIL while it opens and closes ports (25 ms for a JACK
  client), and its ALSA close waits for a thread that may wait for the GIL;
- when a JACK server dies, its clients' memory is freed under RtMidi, and the
  next use of any of its objects is a segmentation fault;
- a Python callback in JACK's process thread can make the whole graph late.  So
  there is none: RtMidi queues natively, and the queues are looked at every
  millisecond.

It is given one JSON object (``api``, ``patterns``, ``virtual_port``, ``once``)
as its argument, writes one JSON array per line, and ends when its standard
input is closed:

``["system", "alsa" | "jack" | null]``
    The MIDI system that is used; null while there is none.
``["ports", [name, …]]``
    All ports there are, whenever that changed.
``["opened", name]``, ``["lost", name]``
    A port is read from now on; a port has gone.
``["midi", name, [byte, …]]``
    One message.
``["failed", text]``
    The MIDI system gave up, and so does this process.
"""

# python-rtmidi is an extension without types.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import fnmatch
import json
import os
import re
import select
import signal
import sys
import time
from collections.abc import Sequence
from typing import Any

import rtmidi

CLIENT = "manned-midi"
VIRTUAL_PORT = "manned"
INPUT = f"in-{os.getpid()}"
READ_EVERY_MS = 1
LOOK_EVERY_MS = 500
ALSA_SEQUENCER = "/dev/snd/seq"
THROUGH = "through"
_WILDCARD = re.compile(r"[*?]")
_input_closed = select.poll()


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


class Alsa:
    """The ALSA sequencer."""

    name = "alsa"

    def __init__(self):
        if not os.path.exists(ALSA_SEQUENCER):
            raise OSError(f"{ALSA_SEQUENCER} is missing")
        self.api = rtmidi.API_LINUX_ALSA
        rtmidi.MidiIn(self.api, name=CLIENT).delete()

    def connected(self, name: str) -> bool:
        """The list of ports tells: plugging in again takes longer than the time between two looks."""
        return True

    def close(self) -> None:
        """Nothing is held."""


class Jack:
    """The JACK server that runs; this process ends with it.

    Its other notifications are not asked for: the server waits for each to be
    taken, and that would need the GIL while RtMidi holds it and waits for the
    server.
    """

    name = "jack"

    def __init__(self):
        import jack  # an OSError without JACK's library

        self.api = rtmidi.API_UNIX_JACK
        self._jack_error = jack.JackError
        try:
            self._client = jack.Client(f"{CLIENT}-watch", no_start_server=True)
        except jack.JackOpenError as error:
            raise OSError(str(error)) from None
        self._client.set_shutdown_callback(lambda status, reason: os._exit(0))

    def connected(self, name: str) -> bool:
        """Whether we are still connected to a port; not to one that went and came back since the last look."""
        try:
            return any(port.shortname == INPUT for port in self._client.get_all_connections(name))  # type: ignore[arg-type]
        except self._jack_error:
            return False

    def close(self) -> None:
        """Leave the JACK server."""
        self._client.close()


SYSTEMS = {"alsa": (Alsa,), "jack": (Jack,), "auto": (Alsa, Jack), "none": ()}


class Reader:
    """Opens the ports that are wanted, tells what comes in, notices what goes."""

    def __init__(self, system: Alsa | Jack, patterns: Sequence[str], virtual_port: bool):
        self._system = system
        self._patterns = patterns
        self._look = self._input()
        self._inputs: dict[str, Any] = {}
        self._names: list[str] | None = None
        if virtual_port:
            self._look.open_virtual_port(VIRTUAL_PORT)
            self._inputs[VIRTUAL_PORT] = self._look
            tell("opened", VIRTUAL_PORT)

    def _input(self) -> Any:
        return rtmidi.MidiIn(self._system.api, name=CLIENT)

    def run(self) -> None:
        """Read until the daemon is gone."""
        look_at = 0.0
        while not daemon_gone(READ_EVERY_MS):
            self._read()
            if time.monotonic() >= look_at:
                self.look()
                look_at = time.monotonic() + LOOK_EVERY_MS / 1000

    def close(self) -> None:
        """Leave the MIDI system as a good client: JACK waits for those that just vanish."""
        for port in {self._look, *self._inputs.values()}:
            port.delete()
        self._system.close()

    def _read(self) -> None:
        for name, port in self._inputs.items():
            while message := port.get_message():
                tell("midi", name, message[0])

    def look(self) -> None:
        """Compare the list of ports with what is open."""
        names = self._look.get_ports()
        if names != self._names:
            self._names = names
            tell("ports", names)
        for name in self._inputs.keys() - {VIRTUAL_PORT}:
            if name not in names or not self._system.connected(name):
                self._lose(name)
        for name in names:
            if name not in self._inputs and wanted(name, self._patterns):
                self._open(name)

    def _open(self, name: str) -> None:
        port = self._input()
        try:
            port.open_port(port.get_ports().index(name), name=INPUT)
        except (ValueError, rtmidi.RtMidiError):  # gone again: the next look will tell
            port.delete()
            return
        self._inputs[name] = port
        tell("opened", name)

    def _lose(self, name: str) -> None:
        self._inputs.pop(name).delete()
        tell("lost", name)


def tell(kind: str, *values: object) -> None:
    """Write one line to the daemon."""
    os.write(sys.stdout.fileno(), json.dumps([kind, *values]).encode() + b"\n")


def daemon_gone(wait_ms: int) -> bool:
    """Wait a while; True as soon as standard input is closed."""
    return bool(_input_closed.poll(wait_ms))


def find_system(api: str) -> Alsa | Jack | None:
    """The first MIDI system of ``api`` that works here, or None."""
    for system in SYSTEMS[api]:
        try:
            return system()
        except OSError:
            continue
    return None


def main(options: dict[str, Any]) -> None:
    """Read ports until the daemon is gone, or list them once."""
    system = find_system(options["api"])
    tell("system", system and system.name)
    while system is None:
        if options["once"] or daemon_gone(LOOK_EVERY_MS):
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


if __name__ == "__main__":
    _input_closed.register(sys.stdin, select.POLLIN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a service manager sends it to us too; the daemon tells when to end
    try:
        main(json.loads(sys.argv[1]))
    except (OSError, rtmidi.RtMidiError) as error:
        tell("failed", str(error))
