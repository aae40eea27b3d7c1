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

import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from typing import Any

import rtmidi

from .alsa_ports import Alsa, AlsaSource
from .jack_ports import Jack, JackSource
from .lines import hear, tell
from .port_names import CLIENT, VIRTUAL_PORT, counterpart, wanted

LOOK_EVERY_S = 0.5
OUTPUT = f"out-{os.getpid()}"
SYSTEMS = {"alsa": (Alsa,), "jack": (Jack,), "auto": (Alsa, Jack), "none": ()}


class Reader:
    """Opens the ports that are wanted, tells what comes in, notices what goes, sends what it is asked to."""

    def __init__(self, system: Alsa | Jack, patterns: Sequence[str], virtual_port: bool):
        self._system = system
        self._patterns = patterns
        self._sources: dict[str, AlsaSource | JackSource] = {}
        self._outputs: dict[str, Any] = {}
        self._names: list[str] | None = None
        source = system.offer() if virtual_port else None
        if source is not None:
            self._sources[VIRTUAL_PORT] = source
            tell("opened", VIRTUAL_PORT)

    def run(self) -> None:
        """Read until the daemon is gone."""
        look_at = 0.0
        while True:
            lines = hear(min(self._system.pause_s, LOOK_EVERY_S))
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
