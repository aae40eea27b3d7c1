"""What a note costs, and how many one core can hold.

Each peer holds notes at 128 frames while its timbre is moved twenty times a second (by OSC, else by the
modulation wheel).  The processor time of all its threads and processes, as the kernel counts it, less the
time that it takes without notes, tells what one note costs; the reciprocal is the notes that one core could
hold.  Where the ears hear silence between (a loop that does not keep up), the notes count for as much of the
time as they sound. A note of a sampler is one or two samples that are read, one of a synthesizer some
oscillators, one of a decoder a network: the sounds are named above.
"""

from __future__ import annotations

import time

from ..section import Section
from ..show import show
from .peer import Peer
from .running import Running, running
from .table import rows

PERIOD = 128
MOVES_PER_S = 20


def share(playing: Running, seconds: float) -> tuple[float, float]:
    """The share of a core that a peer takes while its timbre moves, and of the time that it is heard."""
    used, silent, begin, moves = playing.processor_s(), playing.probe.silent_periods, time.monotonic(), 0
    while (now := time.monotonic() - begin) < seconds:
        playing.move(moves % 10 / 10)
        moves += 1
        time.sleep(max(0.0, moves / MOVES_PER_S - now))
    now = time.monotonic() - begin
    periods = now * playing.place.samplerate / playing.place.period
    return (playing.processor_s() - used) / now, 1.0 - (playing.probe.silent_periods - silent) / periods


def measure(seconds: float = 5.0, only: str = "") -> Section:
    """Hold notes for so many seconds, and none for as long; with all peers or ``only`` one."""
    section = Section()

    def cells(peer: Peer) -> tuple[object, ...]:
        with running(peer, PERIOD) as playing:
            idle, _ = share(playing, seconds)
            playing.hold(peer.notes)
            time.sleep(1.0)
            held, heard = share(playing, seconds)
        cost = max(held - idle, 1e-6) / peer.notes
        return peer.notes, f"{idle:.1%}", f"{cost:.2%}", f"{heard:.0%}", f"{heard / cost:.3g}"

    heads = ("", "notes held", "a core's share without notes", "for each note", "heard", "notes per core")
    section.table(heads, rows(cells, len(heads) - 1, only))
    return section


if __name__ == "__main__":
    show(measure)
