"""How fast /status is answered while the OSC port is attacked.

Starts the program itself on a silent clock with a note sounding, and asks it for
its status every 20 ms by UDP and by TCP while another process attacks:

- nothing, for comparison;
- the packets with a history: endless elements, sixty stars, far dates, deep nesting …;
- 100,000 damaged packets, at 10,000 per second and then as fast as they can be sent;
- 10,000 good messages per second, and then as fast as they can be sent;
- good messages by TCP as fast as they are taken;
- 60 clients by TCP that ask for everything, ``/dump``, as fast as they are answered.

The aim is an answer within 100 ms.  A UDP question can be lost in the kernel when
the socket's queue is full; that is shown as unanswered, as is what takes longer than a second.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import multiprocessing
import os
import selectors
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import cast

from manned.control.osc.client import send
from manned.control.osc.packet import write_message
from manned.errors import PortError

from ..borrowed import damaged, free_port, notorious, small_decoder_file
from ..section import Section
from ..show import show
from .asker import Asker, TcpAsker, UdpAsker

DUMP = write_message("/dump")
CLIENTS = 60
GOOD = [write_message(f"/latent/{1 + i % 2}", i % 100 / 100) for i in range(100)]
AIM_S = 0.1


def measure(packets: int = 100_000, seconds: float = 5.0) -> Section:
    """Attack with so many damaged packets, and for so many seconds in each other way."""
    section = Section()
    bad = list(damaged(packets, seed=1))
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, Program(port, Path(folder)) as program:
        lines = [f"{'attack':28} {'asked by':8} {'asked':>6} {'unanswered':>10}   {'median':>9} {'p99':>9} {'max':>9}"]
        for name, attack, sent, per_second, lasts in (
            ("none", None, (), None, seconds),
            ("packets with a history", attack_udp, list(notorious().values()), 100.0, seconds),
            ("damaged, 10,000/s", attack_udp, bad, 10_000.0, packets / 10_000.0),
            ("damaged, flood", attack_udp, bad, None, seconds),
            ("good messages, 10,000/s", attack_udp, GOOD, 10_000.0, seconds),
            ("good messages, flood", attack_udp, GOOD, None, seconds),
            ("good messages by TCP, flood", attack_tcp, GOOD, None, seconds),
            ("/dump by 60 clients, flood", attack_with_dumps, (DUMP,), None, seconds),
        ):
            askers = program.attack(attack, sent, per_second, lasts)
            lines += [asker.told(name) for asker in askers]
            if attack is attack_with_dumps:
                slowest = max(max(asker.times, default=math.inf) for asker in askers)
                unanswered = sum(asker.unanswered for asker in askers)
                found = f"{slowest * 1000:.1f} ms" + f", {unanswered} unanswered" * bool(unanswered)
                kept = slowest <= AIM_S and not unanswered
                section.promise("status beside 60 clients that flood /dump", f"≤ {AIM_S * 1000:.0f} ms", found, kept)
        figures = program.figures()
        lines.append("")
        for name in (
            "osc_packets",
            "osc_messages",
            "osc_rejected",
            "osc_errors",
            "osc_errors_suppressed",
            "osc_dropped",
            "voices",
            "blocks",
            "late_callbacks",
            "late_spectra",
            "dropped_events",
        ):
            lines.append(f"{name:24} {figures.get(name)}")
    section.lines([*lines, "", f"slowest answer {program.slowest * 1000:.1f} ms, aim {AIM_S * 1000:.0f} ms"])
    return section


def attack_udp(port: int, packets: Sequence[bytes], per_second: float | None, seconds: float) -> None:
    """Send packets by UDP over and over, evenly or as fast as possible."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        start = time.monotonic()
        for number, packet in enumerate(itertools.cycle(packets)):
            if number % 10 == 0:
                if time.monotonic() > start + seconds:
                    break
                if per_second:
                    time.sleep(max(start + number / per_second - time.monotonic(), 0.0))
            udp.sendto(packet, ("127.0.0.1", port))


def attack_tcp(port: int, packets: Sequence[bytes], per_second: None, seconds: float) -> None:
    """Send packets by TCP over and over, as fast as they are taken."""
    data = b"".join(struct.pack(">i", len(packet)) + packet for packet in packets)
    with socket.create_connection(("127.0.0.1", port)) as tcp:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            tcp.sendall(data)


def attack_with_dumps(port: int, packets: Sequence[bytes], per_second: None, seconds: float) -> None:
    """Send a packet by TCP over and over, by many clients that read all that is answered."""
    data = b"".join(struct.pack(">i", len(packet)) + packet for packet in packets) * 100
    with contextlib.ExitStack() as open_ones, selectors.DefaultSelector() as ready:
        for _ in range(CLIENTS):
            tcp = open_ones.enter_context(socket.create_connection(("127.0.0.1", port)))
            tcp.setblocking(False)
            ready.register(tcp, selectors.EVENT_READ | selectors.EVENT_WRITE, data)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for key, events in ready.select(0.1):
                tcp = cast(socket.socket, key.fileobj)
                if events & selectors.EVENT_READ:
                    tcp.recv(1 << 18)
                if events & selectors.EVENT_WRITE:
                    unsent = key.data[tcp.send(key.data) :]  # what was sent in part goes on where it stopped
                    ready.modify(tcp, key.events, unsent or data)


def _attack(
    begun: Event,
    attack: Callable[..., None] | None,
    port: int,
    packets: Sequence[bytes],
    per_second: float | None,
    seconds: float,
) -> None:
    """Tell that it begins, and attack; without an attack, wait as long."""
    begun.set()
    if attack:
        attack(port, packets, per_second, seconds)
    else:
        time.sleep(seconds)


class Program:
    """The program under attack."""

    def __init__(self, port: int, folder: Path):
        self.port = port
        self.slowest = 0.0
        environment = {**os.environ, "XDG_CONFIG_HOME": str(folder), "XDG_STATE_HOME": str(folder)}
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "manned",
                "run",
                "--device",
                "none",
                "--model",
                str(small_decoder_file(folder)),
                "--set",
                f"osc.port={port}",
                "--set",
                "log.level=warning",
            ],
            env=environment,
        )

    def __enter__(self) -> Program:
        deadline = time.monotonic() + 120
        while True:
            try:
                send("127.0.0.1", self.port, "/mnote", ["60", "100"])
                return self
            except PortError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.__exit__()
                    raise
                time.sleep(0.2)

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        self._process.wait()

    def attack(
        self, attack: Callable[..., None] | None, packets: Sequence[bytes], per_second: float | None, seconds: float
    ) -> list[Asker]:
        """Ask for the status while an attack lasts; who asked."""
        askers = [UdpAsker(self.port), TcpAsker(self.port)]
        spawning = multiprocessing.get_context("spawn")
        begun = spawning.Event()
        attacker = spawning.Process(target=_attack, args=(begun, attack, self.port, packets, per_second, seconds))
        attacker.start()
        begun.wait(60)
        while attacker.is_alive():
            for asker in askers:
                asker.ask()
            time.sleep(0.02)
        attacker.join()
        for asker in askers:
            self.slowest = max([self.slowest, *asker.times])
            asker.close()
        return askers

    def figures(self) -> dict[object, object]:
        """The program's own figures."""
        ((_, words),) = send("127.0.0.1", self.port, "/status", [])
        return dict(zip(words[::2], words[1::2]))


if __name__ == "__main__":
    show(measure)
