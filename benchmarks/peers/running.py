"""A peer that runs on a JACK server of its own, connected to ears and a keyboard."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..borrowed import free_port
from ..probe import Probe, probe
from ..timing.machine import TO_END_WITH_US, jack_server
from .peer import Peer, Place

RATE = 44100
STARTS_WITHIN_S = 300.0
SOUNDS_WITHIN_S = 60.0
FIRST_KEY, LOWEST_KEY = 60, 36
ALL_SOUND_OFF = 120
PRINTED = "printed.txt"


class Running:
    """A peer that runs.

    Parameters
    ----------
    peer : Peer
    place : Place
    process : subprocess.Popen
    probe : Probe
    log : Path
        What the JACK server prints.

    Attributes
    ----------
    begun : float
        When it was executed, on the monotonic clock.
    """

    def __init__(self, peer: Peer, place: Place, process: subprocess.Popen, probe: Probe, log: Path, begun: float):
        self.begun = begun
        self.peer = peer
        self.place = place
        self.process = process
        self.probe = probe
        self._log = log
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def close(self) -> None:
        """End the peer; a peer that does not hear is killed."""
        self._udp.close()
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)

    def connect(self) -> bool:
        """Connect it to ears and keyboard as soon as its ports are there; False when it ends or that takes too long."""
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.probe.connect(self.peer.outputs, self.peer.keys, within_s=0.5):
                return True
        return False

    def printed(self) -> str:
        """The end of what it printed."""
        return _read(str(self.place.folder / PRINTED))[-2000:]

    def prepare(self) -> None:
        """Send what it must know before it plays."""
        for packet in self.peer.osc.prepare() if self.peer.osc else ():
            self.send(packet)
            time.sleep(0.05)
        if self.peer.keys and self.peer.program_change is not None:
            self.probe.play(0xC0, self.peer.program_change)

    def send(self, packet: bytes) -> None:
        """Send a datagram to its OSC port."""
        self._udp.sendto(packet, ("127.0.0.1", self.place.osc_port))

    def begin(self, key: int, by_midi: bool | None = None) -> None:
        """Begin a note, by MIDI or by OSC; by MIDI where nothing is said and the peer can."""
        if bool(self.peer.keys) if by_midi is None else by_midi:
            self.probe.play(0x90, key, 100)
        elif self.peer.osc:
            self.send(self.peer.osc.note_on(key))

    def end(self, key: int, by_midi: bool | None = None) -> None:
        """End a note, by the same way."""
        if bool(self.peer.keys) if by_midi is None else by_midi:
            self.probe.play(0x80, key, 0)
        elif self.peer.osc:
            self.send(self.peer.osc.note_off(key))

    def falls_silent(self, key: int, by_midi: bool | None = None, within_s: float = 15.0) -> bool:
        """End a note, and again until nothing is heard: who is late misses a message. False when it sounds on."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            self.end(key, by_midi)
            if self.peer.keys:
                self.probe.play(0xB0, ALL_SOUND_OFF, 0)
            if self.probe.is_silent(1.0):
                return True
        return False

    def move(self, place: float) -> None:
        """Move the timbre to a place from 0 to 1: by OSC, else by the modulation wheel."""
        if self.peer.osc:
            self.send(self.peer.osc.move(place))
        else:
            self.probe.play(0xB0, 1, round(place * 127))

    def sounds(self) -> bool:
        """Begin the first note again and again until it is heard; False when that does not come in time.

        Who has ports may not hear datagrams yet: what it must know is sent again every second.
        """
        begin = prepared = time.monotonic()
        while not self.probe.hears and time.monotonic() < begin + SOUNDS_WITHIN_S and self.process.poll() is None:
            if time.monotonic() > prepared + 1.0:
                self.prepare()
                prepared = time.monotonic()
            self.probe.connect_keys(self.peer.keys)
            self.begin(FIRST_KEY)
            time.sleep(0.01)
        return self.probe.hears

    def hold(self, notes: int) -> None:
        """Begin so many notes."""
        for key in range(notes):
            self.begin(LOWEST_KEY + key)
            time.sleep(0.01)

    def family(self) -> list[int]:
        """Process numbers of the peer and of all that it started."""
        found = [self.process.pid]
        for pid in found:
            for task in _entries(f"/proc/{pid}/task"):
                found += [int(child) for child in _read(f"/proc/{pid}/task/{task}/children").split()]
        return found

    def processor_s(self) -> float:
        """Processor time that it has used so far, in seconds."""
        tasks = [(pid, task) for pid in self.family() for task in _entries(f"/proc/{pid}/task")]
        used = [_read(f"/proc/{pid}/task/{task}/schedstat").split() for pid, task in tasks]
        return sum(int(words[0]) for words in used if words) * 1e-9

    def resident_mb(self) -> float:
        """Resident memory without JACK's shared memory, in MB of 1,048,576 bytes.

        The server has that memory once, over 100 MB, whoever plays; each library of JACK that a process loads shows all
        of it.  What else processes share, such as libraries, counts once for each.
        """
        return sum(resident_kb(_read(f"/proc/{pid}/smaps")) for pid in self.family()) / 1024

    def late(self) -> int:
        """How often it was not ready at the end of its period, by the JACK server's own words."""
        client = self.peer.outputs.lstrip("^").partition(":")[0]
        lines = re.findall(rf"XRun: client(?: =)? {client} (?:was not finished|finished after)", _read(str(self._log)))
        return len(lines)


def resident_kb(smaps: str) -> int:
    """Kilobytes that the mappings of a process have in memory, but for JACK's shared memory."""
    total, is_jacks = 0, False
    for line in smaps.splitlines():
        word, *more = line.split()
        if not word.endswith(":"):  # where a mapping begins
            is_jacks = bool(more) and more[-1 - line.endswith(" (deleted)")].startswith("/dev/shm/jack")
        elif word == "Rss:" and not is_jacks:
            total += int(more[0])
    return total


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


@contextmanager
def sounding(peer: Peer, period: int) -> Iterator[Running]:
    """Start a peer on a new JACK server of so many frames a period, until the end of the block; its first note sounds.

    Raises
    ------
    RuntimeError
        When it ends, or offers no port, or stays silent.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = folder / "jackd.log"
        with jack_server(period, RATE, log), probe() as ears:
            playing = _start(peer, Place(folder, free_port(), RATE, period), ears, log)
            try:
                if not playing.connect():
                    raise RuntimeError(f"{peer.name} offers no port:\n{playing.printed()}")
                playing.prepare()
                if not playing.sounds():
                    raise RuntimeError(f"{peer.name} stays silent:\n{playing.printed()}")
                yield playing
            finally:
                playing.close()


@contextmanager
def running(peer: Peer, period: int) -> Iterator[Running]:
    """Start a peer as `sounding` does, and end its first note.

    Raises
    ------
    RuntimeError
        When it ends, or offers no port, or stays silent, or sounds on.
    """
    with sounding(peer, period) as playing:
        time.sleep(0.5)
        if not playing.falls_silent(FIRST_KEY):
            raise RuntimeError(f"{peer.name} does not end its note")
        yield playing


def _start(peer: Peer, place: Place, ears: Probe, log: Path) -> Running:
    """Execute a peer, with a home of its own and the compiled code that is kept in ours."""
    homes = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    environment = {**os.environ, **dict.fromkeys(homes, str(place.folder)), "XDG_CACHE_HOME": cache}
    with open(place.folder / PRINTED, "wb") as printed:
        begun = time.monotonic()
        process = subprocess.Popen(
            [*TO_END_WITH_US, *peer.words(place)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=printed,
        )
    return Running(peer, place, process, ears, log, begun)
