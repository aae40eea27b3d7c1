"""No GIL, no lock: late callbacks while Python is busy, against the same program idle.

In one process: the engine on a JACK device at 64 frames (1.45 ms) and its OSC
server: idle, with 10,000 OSC messages per second from another process, and with a
thread that is busy in pure Python besides (which takes the GIL, so that fewer of
the messages are read in time).  Then an ordinary stream for contrast, whose
callback is a Python function that writes silence.  A callback is late when it
begins more than one block after it was due.  An idle client, a process of its own
whose native callback only counts, shows how late the machine itself is.  Python
switches threads every 0.5 ms, as in the daemon; that is kind to the Python callback.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Event
from typing import Any

import numpy as np

from manned.control.osc.packet import write_message
from manned.service.daemon import SWITCH_S

from ..section import Section
from ..show import show
from .idle_client import idle_client, promise_no_later
from .machine import jack_server
from .served import Served, served

PERIOD = 64
RATE = 44100
PER_SECOND = 10_000
FLOODED = ("native callback, flood", "native callback, flood and busy thread")
"""The parts in which Python is busy and the sound must not suffer."""


def latents() -> list[bytes]:
    """Packets that move the program's latents."""
    return [write_message(f"/latent/{1 + i % 2}", (i % 1000) / 1000) for i in range(1000)]


def flood(port: int, seconds: float, begun: Event, packets: Sequence[bytes]) -> None:
    """Send some packets in turn, 10,000 per second, evenly in bursts of 10, and say when it begins."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        begun.set()
        begin = time.monotonic()
        sent = 0
        while (now := time.monotonic() - begin) < seconds:
            while sent < now * PER_SECOND:
                udp.sendto(packets[sent % len(packets)], ("127.0.0.1", port))
                sent += 1
            time.sleep(0.001)


class PythonStream:
    """An ordinary sounddevice stream, which counts its own late callbacks."""

    def __init__(self, device: int):
        import sounddevice

        self.blocks = self.late = 0
        self._last: float | None = None
        self._stream = sounddevice.OutputStream(
            device=device, samplerate=RATE, channels=2, blocksize=PERIOD, callback=self._callback
        )
        self._stream.start()

    def _callback(self, outdata: np.ndarray, frames: int, time_info: object, status: object) -> None:
        now = time.perf_counter()
        outdata.fill(0.0)
        if self._last is not None and now - self._last > 2 * PERIOD / RATE:
            self.late += 1
        self._last = now
        self.blocks += 1

    def close(self) -> None:
        """Stop the stream."""
        self._stream.close()


def busy(stop: threading.Event) -> None:
    """Hold the GIL as much as Python lets."""
    while not stop.is_set():
        sum(range(1000))


def measure(seconds: float = 30.0) -> Section:
    """Run each part for so many seconds."""
    sys.setswitchinterval(SWITCH_S)  # as the daemon does
    section = Section()
    with jack_server(PERIOD), idle_client(RATE, PERIOD) as idle_late:
        rows = asyncio.run(_parts(seconds, idle_late))
    section.text(f"4 voices, JACK dummy device, {PERIOD} frames, {seconds:g} s each")
    section.table(
        ("", "OSC messages/s taken", "callbacks", "late spectra", "late", "idle client late", "never ran"), rows
    )
    for name, _, _, _, late, idle_client_late, _ in rows:
        if name in FLOODED:
            promise_no_later(section, f"late callbacks: {name}", int(late), int(idle_client_late))
    return section


async def _parts(seconds: float, idle_late: Callable[[], int]) -> list[tuple[Any, ...]]:
    """A row of figures for each part."""
    async with served(RATE) as playing:
        return await _rows(playing, seconds, idle_late)


async def _rows(playing: Served, seconds: float, idle_late: Callable[[], int]) -> list[tuple[Any, ...]]:
    server, rows = playing.server, []

    async def part(name: str, figures: Callable[[], Sequence[int]]) -> None:
        """Run for a while and note how far each figure has come."""
        await asyncio.sleep(2)
        before, messages, idle = figures(), server.counts()["osc_messages"], idle_late()
        await asyncio.sleep(seconds)
        counts = [now - then for now, then in zip(figures(), before)]
        expected = seconds * RATE / PERIOD
        rows.append(
            (
                name,
                round((server.counts()["osc_messages"] - messages) / seconds),
                *counts,
                idle_late() - idle,
                f"{max(0.0, 1 - counts[0] / expected):.1%}",
            )
        )

    async def flooded(name: str, figures: Callable[[], Sequence[int]], with_busy_thread: bool = True) -> None:
        stop = threading.Event()
        if with_busy_thread:
            threading.Thread(target=busy, args=(stop,), daemon=True).start()
        spawning = multiprocessing.get_context("spawn")
        begun = spawning.Event()
        sender = spawning.Process(target=flood, args=(playing.port, seconds + 5, begun, latents()), daemon=True)
        sender.start()
        await asyncio.to_thread(begun.wait)
        await part(name, figures)
        stop.set()
        sender.terminate()
        sender.join()

    def native() -> list[int]:
        figures = playing.engine.status()
        return [figures[name] for name in ("blocks", "late_spectra", "late_callbacks")]

    stream = playing.open(RATE, PERIOD)
    await part("native callback, idle", native)
    await flooded(FLOODED[0], native, with_busy_thread=False)
    await flooded(FLOODED[1], native)
    stream.close()
    python = PythonStream(playing.device.index)
    await part("Python callback, idle", lambda: [python.blocks, 0, python.late])
    await flooded("Python callback, flood and busy thread", lambda: [python.blocks, 0, python.late])
    python.close()
    return rows


if __name__ == "__main__":
    show(measure)
