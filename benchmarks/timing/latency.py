"""From control to sound: how long after a message is sent does the output change?

Runs the program on a JACK server (dummy device, in real time) at 64 and at 256
frames.  A JACK client sends OSC by UDP or MIDI by a JACK port and records the
output.  The time counts on JACK's clock, from sending the datagram, or from the
period that carries the MIDI message, to the first sample that differs from
silence at the program's output port.  The same with ``midi.jitter`` low, which is there to keep the time the same.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import jack
import numpy as np

from manned.control.osc.client import send
from manned.control.osc.packet import write_message
from manned.errors import MannedError

from ..borrowed import free_port
from ..section import Section, quantiles
from ..show import show
from .machine import jack_server

RATE = 44100
READ_EVERY_S = 0.002


class Listener:
    """A JACK client that keeps what the program plays, with its time, and can play MIDI to it."""

    def __init__(self):
        self._client = jack.Client("listener", no_start_server=True)
        self._inport: Any = self._client.inports.register("in")
        self._midi: Any = self._client.midi_outports.register("keys")
        self._queue: list[bytes] = []
        self._watching = False
        self._heard: int | None = None
        self._sent = 0
        self._client.set_process_callback(self._process)

    def __enter__(self) -> Listener:
        self._client.activate()
        deadline = time.monotonic() + 30
        while not self._client.get_ports("^manned:out", is_output=True) and time.monotonic() < deadline:
            time.sleep(0.1)
        self._client.connect(self._client.get_ports("^manned:out", is_output=True)[0], self._inport)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def connect_midi(self) -> bool:
        """Wait until the program has connected itself to our keys, as it does with each keyboard."""
        deadline = time.monotonic() + 10
        while not self._client.get_all_connections(self._midi) and time.monotonic() < deadline:
            time.sleep(0.1)
        return bool(self._client.get_all_connections(self._midi))

    def _process(self, frames: int) -> None:
        start = self._client.last_frame_time
        self._midi.clear_buffer()
        queue, self._queue = self._queue, []
        for message in queue:
            self._midi.write_midi_event(0, message)
            self._sent = start
        if self._watching:
            sound = self._inport.get_array().copy()  # JACK writes on if we are late
            changed = np.flatnonzero(sound)
            if len(changed):
                self._heard = start + int(changed[0])
                self._watching = False

    def time_of(self, action: Callable[[], object]) -> float | None:
        """Seconds from ``action`` to the first sound; None when nothing is heard in a second."""
        self._heard = None
        self._watching = True
        self._sent = self._client.frame_time
        action()
        deadline = time.monotonic() + 1.0
        while self._heard is None and time.monotonic() < deadline:
            time.sleep(READ_EVERY_S)
        self._watching = False
        if self._heard is None:
            return None
        return (self._heard - self._sent) / RATE

    def play(self, *message: int) -> None:
        """Send MIDI bytes at the start of the next period."""
        self._queue.append(bytes(message))


def latencies(period: int, count: int, jitter: str = "any") -> dict[str, list[float]]:
    """Latencies in seconds: of OSC notes and of MIDI notes, or with low ``midi.jitter`` of MIDI notes alone."""
    with jack_server(period), tempfile.TemporaryDirectory() as folder:
        port = free_port()
        program = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "manned",
                "run",
                "--set",
                f"osc.port={port}",
                "--set",
                "midi.api=jack",
                "--set",
                f"midi.jitter={jitter}",
                "--set",
                "start.env/release=0.001",
            ],
            env={**os.environ, "XDG_CONFIG_HOME": folder, "XDG_STATE_HOME": folder},
            stderr=subprocess.DEVNULL,
        )
        try:
            _await(port)
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            here = ("127.0.0.1", port)
            with Listener() as listener:
                midi_there = listener.connect_midi()
                time.sleep(1.0)
                rng = np.random.default_rng(0)
                midi = "MIDI note" if jitter == "any" else f"MIDI note, {jitter} jitter"
                results: dict[str, list[float]] = {midi: []} if jitter != "any" else {"OSC note": [], midi: []}
                note_on, off = write_message("/mnote", 69, 100), write_message("/allsoundoff")
                for _ in range(count):
                    actions: dict[str, Callable[[], object]] = {}
                    if "OSC note" in results:
                        actions["OSC note"] = lambda: udp.sendto(note_on, here)
                    if midi_there:
                        actions[midi] = lambda: listener.play(0x90, 69, 100)
                    for name, action in actions.items():
                        time.sleep(0.03 + 0.02 * rng.random())
                        taken = listener.time_of(action)
                        if taken is not None:
                            results[name].append(taken)
                        udp.sendto(off, here)
                        time.sleep(0.05)
            return results
        finally:
            program.terminate()
            program.wait(15)


def _await(port: int) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            if send("127.0.0.1", port, "/version", [], 0.5):
                return
        except MannedError:
            time.sleep(0.1)
    raise SystemExit("latency: the program did not start")


def measure(count: int = 200) -> Section:
    """Send so many messages of each kind."""
    section = Section()
    rows = []
    for period in (64, 256):
        period_ms = period / RATE * 1000
        for name, seconds in {**latencies(period, count), **latencies(period, count, "low")}.items():
            p1, median, p99 = np.quantile(seconds or [np.nan], (0.01, 0.5, 0.99)) * 1000
            told = f"{len(seconds)} of {count}", quantiles(seconds, 1000) if seconds else "–"
            rows.append((period, name, *told, f"{p99:.2f}", f"{p99 - p1:.2f}"))
            if name == "MIDI note":
                section.promise(
                    f"MIDI, {period} frames: a period and 1.5 ms",
                    f"median {period_ms + 1.5:.2f} ms, 99 of 100 {period_ms + 2.5:.2f} ms",
                    f"{median:.2f} ms, {p99:.2f} ms, {told[0]} heard",
                    median <= period_ms + 1.5 and p99 <= period_ms + 2.5 and len(seconds) == count,
                )
            elif "jitter" in name:
                section.promise(
                    f"MIDI, {period} frames, low jitter: from p1 to p99",
                    "≤ 0.3 ms",
                    f"{p99 - p1:.2f} ms, {told[0]} heard",
                    p99 - p1 <= 0.3 and len(seconds) == count,
                )
    section.text("Milliseconds from sending to the first changed sample at the output's port")
    section.table(("frames", "message", "heard", "median / p95 / max", "p99", "from p1 to p99"), rows)
    return section


if __name__ == "__main__":
    show(measure)
