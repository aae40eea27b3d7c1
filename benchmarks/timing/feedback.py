"""Feedback: how long from a change until eight controllers show it, and what that costs.

The engine on a JACK device at 64 frames with four voices, and its OSC server.  Another process moves the 16 latents
of the shipped decoder, 1,000 changes a second in all, and is eight clients that have subscribed.  A change has
arrived when a client is told that value or a later one of the same address.  Feedback is sent
30 times a second, so most changes are overtaken by later ones, and 33 ms are the most that a change waits by
design.  How long the loop of the control thread, and the process of the clients, were kept from running is told beside
it: on a busy machine the delays are those.  The control thread's share is its processor time, by its own clock; the
callbacks that are late are compared with those of an idle client in the same time, a process of its own on the same
JACK server whose native callback only counts.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import select
import socket
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import numpy as np

from manned.control.osc.packet import messages_of, read_packet, write_message
from manned.service.daemon import SWITCH_S

from ..section import Section
from ..show import show
from .idle_client import idle_client, promise_no_later
from .machine import jack_server
from .served import Served, served

PERIOD = 64
RATE = 44100
CLIENTS = 8
PER_SECOND = 1000
STEP = 2.0**-17
"""From one value to the next: exact in 32 bits, so that a value says which change it is."""

LOOK_S = 0.02
AIM_S, AIM_SHARE = 0.040, 0.15


def play(port: int, latents: int, seconds: float, told: Connection) -> None:
    """Move latents and be the clients; tells the delays of all changes at all clients and its pauses, in seconds."""
    addresses = [f"/latent/{i}" for i in range(1, latents + 1)]
    clients = [_connected(port) for _ in range(CLIENTS)]
    for client in clients:
        client.send(write_message("/notify", 1))
    sender = _connected(port)
    sent = np.full(int(seconds * PER_SECOND), np.nan)
    waiting = [dict.fromkeys(addresses, 0) for _ in clients]  # how many changes of each address have arrived
    delays, pauses = [], []
    time.sleep(0.5)
    begin = turn = time.monotonic()
    number = 0
    while (now := time.monotonic()) < begin + seconds + 0.5:
        pauses.append(now - turn)
        turn = now
        while number < len(sent) and now >= begin + number / PER_SECOND:
            sent[number] = time.monotonic()
            sender.send(write_message(addresses[number % latents], number * STEP))
            number += 1
        for readable in select.select(clients, [], [], 0.0005)[0]:
            arrived, place = time.monotonic(), clients.index(readable)
            for message in messages_of(read_packet(readable.recv(65536))):
                if message.address in waiting[place] and len(message.arguments) == 1:
                    last = round(message.arguments[0] / STEP)  # type: ignore[operator]
                    first = waiting[place][message.address] * latents + addresses.index(message.address)
                    delays += (arrived - sent[first : last + 1 : latents]).tolist()
                    waiting[place][message.address] = max(waiting[place][message.address], last // latents + 1)
    missing = sum(len(sent) // latents - min(counts.values()) for counts in waiting)
    told.send((delays, missing, pauses))


async def watch(lags: list[float]) -> None:
    """Note how late the loop wakes who sleeps in it, in seconds."""
    while True:
        due = time.monotonic() + LOOK_S
        await asyncio.sleep(LOOK_S)
        lags.append(time.monotonic() - due)


def _connected(port: int) -> socket.socket:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    udp.connect(("127.0.0.1", port))
    return udp


def measure(seconds: float = 30.0) -> Section:
    """Run idle and with feedback for so many seconds each."""
    sys.setswitchinterval(SWITCH_S)  # as the daemon does
    section = Section()
    with jack_server(PERIOD), idle_client(RATE, PERIOD) as idle_late:
        asyncio.run(_measure(section, seconds, idle_late))
    return section


async def _measure(section: Section, seconds: float, idle_late: Callable[[], int]) -> None:
    async with served(RATE) as playing:
        await _compare(section, playing, seconds, idle_late)


async def _compare(section: Section, playing: Served, seconds: float, idle_late: Callable[[], int]) -> None:
    server = playing.server
    stream = playing.open(RATE, PERIOD)

    def figures() -> tuple[int, float, int, int]:
        late = playing.engine.status()["late_callbacks"]
        return late, time.thread_time(), server.counts()["osc_feedback_packets"], idle_late()

    await asyncio.sleep(2)
    before = figures()
    await asyncio.sleep(seconds)
    idle = [now - then for now, then in zip(figures(), before)]

    spawning = multiprocessing.get_context("spawn")
    told, telling = spawning.Pipe(duplex=False)
    load = spawning.Process(target=play, args=(playing.port, playing.instrument.latents, seconds, telling), daemon=True)
    load.start()
    while not server.counts()["osc_subscribers"]:
        await asyncio.sleep(0.05)
    before, begin = figures(), time.monotonic()
    lags: list[float] = []
    watching = asyncio.create_task(watch(lags))
    delays, missing, pauses = await asyncio.to_thread(told.recv)
    watching.cancel()
    lasted = time.monotonic() - begin
    busy = [now - then for now, then in zip(figures(), before)]
    load.join()
    stream.close()

    high = float(np.quantile(delays, 0.99))
    share, idle_share = busy[1] / lasted, idle[1] / seconds
    section.text(
        f"{CLIENTS} clients by UDP, {PER_SECOND} changes a second, 4 voices, {PERIOD} frames, {seconds:g} s each"
    )
    section.table(
        ("measure", "idle", "with feedback"),
        (
            (
                "change to arrival in ms, median / p99 / max",
                "",
                _told_ms(delays),
            ),
            ("control thread's loop late, in ms, the same", "", _told_ms(lags)),
            ("the clients' own pauses in ms, the same", "", _told_ms(pauses)),
            ("changes that never arrived", "", missing),
            ("packets of feedback a second", "", f"{busy[2] / lasted:.0f}"),
            ("control thread, of a core", f"{idle_share:.1%}", f"{share:.1%}"),
            ("late callbacks", idle[0], busy[0]),
            ("late callbacks of an idle client", idle[3], busy[3]),
        ),
    )
    section.promise(
        "a change is shown by eight controllers",
        f"within {AIM_S * 1e3:.0f} ms (p99)",
        f"{high * 1e3:.1f} ms",
        high <= AIM_S,
    )
    section.promise(
        "the control thread, at 1,000 changes a second",
        f"at most {AIM_SHARE:.0%} of a core",
        f"{share:.1%}",
        share <= AIM_SHARE,
    )
    promise_no_later(section, "late callbacks with feedback", int(busy[0]), int(busy[3]))


def _told_ms(seconds: list[float]) -> str:
    return " / ".join(f"{1e3 * value:.1f}" for value in np.quantile(seconds, [0.5, 0.99, 1.0]))


if __name__ == "__main__":
    show(measure)
