"""From control to sound: how long after a message is sent does the output change?

Runs the program on a JACK server (dummy device, in real time) at 64 and at 256
frames.  OSC is sent by UDP, MIDI by a keyboard that is a JACK client in native code, at the start of a
period; ears, another native client, hear the output.  The time counts on JACK's clock, from sending the
datagram, or from the period that carries the MIDI message, to the first sample above −100 dB of full scale at
the program's output port.  The same with ``midi.jitter`` low, which is there to keep the time the same.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np

from manned.control.osc.client import send
from manned.control.osc.packet import write_message
from manned.errors import MannedError

from ..borrowed import free_port
from ..probe import probe
from ..section import Section, quantiles
from ..show import show
from .machine import jack_server

RATE = 44100


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
            midi = "MIDI note" if jitter == "any" else f"MIDI note, {jitter} jitter"
            note_on, off = write_message("/mnote", 69, 100), write_message("/allsoundoff")
            with probe() as ears:
                if not (ears.connect("^manned:out", "", 30.0) and ears.keys_are_connected(10.0)):
                    raise SystemExit("latency: the program connected itself to nothing")
                time.sleep(1.0)
                ways: dict[str, Callable[[], object]] = {midi: lambda: ears.play(0x90, 69, 100)}
                if jitter == "any":
                    ways = {"OSC note": lambda: udp.sendto(note_on, here), **ways}
                results: dict[str, list[float]] = {name: [] for name in ways}
                rng = np.random.default_rng(0)
                for _ in range(count):
                    for name, action in ways.items():
                        time.sleep(0.03 + 0.02 * rng.random())
                        frames = ears.frames_to_sound(action, midi=name == midi)
                        if frames is not None:
                            results[name].append(frames / RATE)
                        udp.sendto(off, here)
                        ears.is_silent(1.0)
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
    section.text("Milliseconds from sending to the first sample of sound at the output's port")
    section.table(("frames", "message", "heard", "median / p95 / max", "p99", "from p1 to p99"), rows)
    return section


if __name__ == "__main__":
    show(measure)
