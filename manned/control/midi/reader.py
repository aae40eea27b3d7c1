"""The process that reads MIDI ports and tells the daemon what it reads.

Run by its path, never imported by the daemon; `ports` is the other end.  It is
a process of its own because MIDI systems cannot be trusted with one that must
play on:

- python-rtmidi holds the GIL while it opens and closes ports (25 ms for a JACK
  client), and its ALSA close waits for a thread that may wait for the GIL;
- when a JACK server dies, its clients' memory is freed under RtMidi, and the
  next use of any of its objects is a segmentation fault;
- a Python callback in JACK's process thread can make the whole graph late.  So
  there is none: RtMidi queues natively, and the queues are looked at shortly after
  the beginning of each of JACK's periods, in which its MIDI comes, and every
  millisecond; now and then while no port is connected.

It is given one JSON object (``api``, ``patterns``, ``virtual_port``, ``once``)
as its argument, and ends when its standard input is closed.  It writes one JSON
array per line:

``["system", "alsa" | "jack" | null]``
    The MIDI system that is used; null while there is none.
``["ports", [name, …]]``
    All ports there are, whenever that changed.
``["opened", name]``, ``["lost", name]``
    A port is read from now on; a port has gone.
``["midi", name, [byte, …], seconds, begun]``
    One message, when it came, as the MIDI system has it, and when the period began that it came in, if there are any.
``["failed", text]``
    The MIDI system gave up, and so does this process.

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
from typing import Any

import rtmidi

CLIENT = "manned-midi"
VIRTUAL_PORT = "manned"
INPUT = f"in-{os.getpid()}"
READ_EVERY_S = 0.001
LOOK_EVERY_S = 0.5
READ_UNCONNECTED_S = 0.02
"""Where no port is connected; a connection is noticed within `LOOK_EVERY_S`."""
READ_IN_PERIOD_S = (0.0002, 0.0003, 0.0004, 0.0005)
"""When to look, after the beginning of a period of JACK: RtMidi queues what came in it after clients before it."""
EARLY = 0.25
"""Part of a period by which one may begin sooner than JACK's clock foresaw."""
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

    def heard(self) -> bool:
        """Whether anybody may send to the virtual port: the sequencer does not tell."""
        return True

    def identity(self, name: str) -> object:
        """What tells a port from one of the same name that came after it: nothing has to."""
        return None

    def pause(self) -> float:
        """Seconds until the queues are worth a look."""
        return READ_EVERY_S

    def begun(self, seconds: float) -> float:
        """When the period began that was at a time of the monotonic clock; there are none."""
        return seconds

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

    def heard(self) -> bool:
        """Whether anybody is connected to the virtual port."""
        ours = self._client.get_ports(f"^{CLIENT}[^:]*:{VIRTUAL_PORT}$", is_input=True)
        try:
            return any(self._client.get_all_connections(port) for port in ours)
        except self._jack_error:  # another program's, which is going
            return True

    def identity(self, name: str) -> object:
        """What tells a port from one of the same name that came after it: the number that its client got."""
        try:
            return self._client.get_uuid_for_client_name(name.partition(":")[0])
        except self._jack_error:
            return object()

    def pause(self) -> float:
        """Seconds until the queues are worth a look."""
        rate, client = self._client.samplerate, self._client
        since, period = client.frames_since_cycle_start / rate, client.blocksize / rate
        looks = *READ_IN_PERIOD_S, period + READ_IN_PERIOD_S[0]
        return min([look - since for look in looks if look > since] + [READ_EVERY_S])

    def begun(self, seconds: float) -> float:
        """When the period began that was at a time of the monotonic clock, as evenly as JACK's clock goes."""
        client = self._client
        rate = client.samplerate
        period = client.blocksize / rate
        last = time.monotonic() - (client.frame_time - client.last_frame_time) % (1 << 32) / rate
        return last + period * min(0, math.floor((seconds - last) / period + EARLY))

    def close(self) -> None:
        """Leave the JACK server."""
        self._client.close()


SYSTEMS = {"alsa": (Alsa,), "jack": (Jack,), "auto": (Alsa, Jack), "none": ()}


class Source:
    """A port that is read.

    Parameters
    ----------
    port : rtmidi.MidiIn
    identity : object
        Of the system's `identity`; None when it does not matter.
    """

    def __init__(self, port: Any, identity: object = None):
        self.port = port
        self.identity = identity
        self.undone = False
        """Whether somebody undid the connection by hand."""
        self._seconds = math.inf

    def read(self) -> Iterator[tuple[list[int], float]]:
        """The messages that came, each with its time in seconds."""
        while message := self.port.get_message():
            data, since_last = message
            # Counted on by the MIDI system's own times; the first one was noticed late.
            self._seconds = min(self._seconds + since_last, time.monotonic())
            if len(data) <= LONGEST_MESSAGE:
                yield data, self._seconds


class Reader:
    """Opens the ports that are wanted, tells what comes in, notices what goes, sends what it is asked to."""

    def __init__(self, system: Alsa | Jack, patterns: Sequence[str], virtual_port: bool):
        self._system = system
        self._patterns = patterns
        self._look = self._new_input()
        self._sources: dict[str, Source] = {}
        self._outputs: dict[str, Any] = {}
        self._names: list[str] | None = None
        self._connected = True
        if virtual_port:
            self._look.open_virtual_port(VIRTUAL_PORT)
            self._sources[VIRTUAL_PORT] = Source(self._look)
            tell("opened", VIRTUAL_PORT)

    def _new_input(self) -> Any:
        port = rtmidi.MidiIn(self._system.api, name=CLIENT)
        port.ignore_types(sysex=False, timing=False, active_sense=False)
        return port

    def run(self) -> None:
        """Read until the daemon is gone."""
        look_at = 0.0
        while True:
            lines = hear(self._system.pause() if self._connected else READ_UNCONNECTED_S)
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
        for port in {self._look, *(source.port for source in self._sources.values())}:
            port.delete()
        self._system.close()

    def _read(self) -> None:
        for name, source in self._sources.items():
            for data, seconds in source.read():
                tell("midi", name, data, round(seconds, 6), round(self._system.begun(seconds), 6))

    def look(self) -> None:
        """Compare the list of ports with what is open."""
        names = self._look.get_ports()
        if names != self._names:
            self._names = names
            tell("ports", names)
        for name in self._sources.keys() - {VIRTUAL_PORT}:
            source = self._sources[name]
            if name not in names:
                self._lose(name)
            elif self._system.connected(name):
                if source.undone:  # by hand, too
                    source.undone = False
                    tell("opened", name)
            elif source.identity == self._system.identity(name):
                if not source.undone:
                    source.undone = True
                    tell("lost", name)
            else:  # it went and came back since the last look
                self._lose(name)
        for name in names:
            if name not in self._sources and wanted(name, self._patterns):
                self._open(name)
        others = any(not source.undone for name, source in self._sources.items() if name != VIRTUAL_PORT)
        self._connected = others or (VIRTUAL_PORT in self._sources and self._system.heard())

    def _open(self, name: str) -> None:
        port = self._new_input()
        try:
            port.open_port(port.get_ports().index(name), name=INPUT)
        except (ValueError, rtmidi.RtMidiError):  # gone again: the next look will tell
            port.delete()
            return
        self._sources[name] = Source(port, self._system.identity(name))
        tell("opened", name)

    def _lose(self, name: str) -> None:
        source = self._sources.pop(name)
        source.port.delete()
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


def main(options: dict[str, Any]) -> None:
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


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a service manager sends it to us too; the daemon tells when to end
    try:
        main(json.loads(sys.argv[1]))
    except (OSError, rtmidi.RtMidiError) as error:
        tell("failed", str(error))
