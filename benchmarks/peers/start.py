"""How light: from exec to sound, and memory.

Starts each peer on a JACK server of 128 frames and asks for a note every 10 ms from the moment that its ports
are there: the time from exec to the first sound.  A program that needs something before it plays, such as a
definition, is sent it first.  Memory is what is resident while four notes sound, of all its processes,
without the shared memory of the JACK server, which each of its clients shows as its own.
Compiled code is in the cache, files are in memory: a first start that does not count comes before.
"""

from __future__ import annotations

import time

from ..section import Section, quantiles
from ..show import show
from .peer import Peer
from .running import sounding
from .table import rows

PERIOD = 128
NOTES = 4


def started(peer: Peer) -> tuple[float, float]:
    """Seconds from exec to sound, and resident MB while notes sound.

    Raises
    ------
    RuntimeError
        When it is never heard.
    """
    with sounding(peer, PERIOD) as playing:
        seconds = time.monotonic() - playing.begun
        playing.hold(NOTES)
        time.sleep(1.0)
        return seconds, playing.resident_mb()


def measure(runs: int = 3, only: str = "") -> Section:
    """Start all peers so many times, or ``only`` one."""
    section = Section()

    def cells(peer: Peer) -> tuple[str, str]:
        started(peer)
        seconds, memory = zip(*(started(peer) for _ in range(runs)))
        return quantiles(seconds), f"{max(memory):.0f}"

    section.table(("", "exec to sound, s, median / p95 / max", "resident, MB"), rows(cells, 2, only))
    return section


if __name__ == "__main__":
    show(measure)
