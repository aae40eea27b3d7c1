"""No dropouts: late callbacks beside a busy machine and an OSC flood.

Each peer holds four notes (one, where it has one voice) at 64 frames, 1.45 ms: alone; beside as many busy
processes as there are cores; and beside these and 10,000 OSC messages a second that move its timbre.  *Late*
is how often the JACK server says that the peer was not ready at the end of its period.  An idle client in
native code, connected to nothing, shows how late the machine itself is.  *Silent* is the share of periods in
which the ears heard nothing while notes were held: a loop that is too slow is never late for JACK, it just
has no samples.  Audio threads run with real-time priority where that is allowed.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..section import Section
from ..show import show
from ..timing.flood import flood
from ..timing.idle_client import idle_client
from .peer import Peer
from .running import RATE, Running, running
from .table import rows

PERIOD = 64
NOTES = 4
SETTLE_S = 1.0


def spin() -> None:
    """Keep a core busy."""
    while True:
        sum(range(1000))


@contextmanager
def beside(playing: Running, busy: bool, flooded: bool, seconds: float) -> Iterator[None]:
    """Busy processes, and a flood of so many seconds, until the end of the block."""
    spawning = multiprocessing.get_context("spawn")
    processes = [spawning.Process(target=spin, daemon=True) for _ in range((os.cpu_count() or 1) if busy else 0)]
    begun = spawning.Event()
    if flooded and playing.peer.osc:
        packets = [playing.peer.osc.move(k / 1000) for k in range(1000)]
        there = (playing.place.osc_port, seconds, begun, packets)
        processes.append(spawning.Process(target=flood, args=there, daemon=True))
    for process in processes:
        process.start()
    try:
        if flooded:
            begun.wait(30)
        yield
    finally:
        for process in processes:
            process.terminate()
            process.join()


def lateness(
    playing: Running, idle_late: Callable[[], int], busy: bool, flooded: bool, seconds: float
) -> tuple[int, int, float]:
    """How often the peer was late, how often the idle client, and the share of periods that were silent."""
    with beside(playing, busy, flooded, seconds + 2 * SETTLE_S):
        time.sleep(SETTLE_S)
        late, idle, silent = playing.late(), idle_late(), playing.probe.silent_periods
        time.sleep(seconds)
        silent_s = (playing.probe.silent_periods - silent) * PERIOD / RATE
        return playing.late() - late, idle_late() - idle, silent_s / seconds


def measure(seconds: float = 8.0, only: str = "") -> Section:
    """Listen for so many seconds beside each load, to all peers or ``only`` one."""
    section = Section()

    def cells(peer: Peer) -> list[str]:
        found: list[str] = []
        with running(peer, PERIOD) as playing, idle_client(RATE, PERIOD) as idle_late:
            playing.hold(min(NOTES, peer.notes))
            for busy, flooded in ((False, False), (True, False), (True, True)):
                if flooded and not peer.osc:
                    found.append("–")
                    continue
                late, idle, silent = lateness(playing, idle_late, busy, flooded, seconds)
                found.append(f"{late} / {idle} / {silent:.1%}")
        return found

    section.text(f"{seconds:g} s, {seconds * RATE / PERIOD:.0f} periods each: peer late / idle client late / silent")
    section.table(("", "alone", "busy processes", "busy processes and flood"), rows(cells, 3, only))
    return section


if __name__ == "__main__":
    show(measure)
