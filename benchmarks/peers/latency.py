"""From control to sound: how long after a note is sent does a peer sound?

Runs each peer on a JACK server of its own (dummy device, in real time) at 64, 128 and 256 frames.  A
keyboard, a JACK client in native code, sends the MIDI note at the start of a period; a datagram is sent in
between.  Ears, another native client, hear all outputs of the peer.  The time counts on JACK's clock from the
period that carries the MIDI message, or from sending the datagram, to the first sample above −100 dB of full
scale.  Within a period the keyboard is called before the peer and the peer before the ears, so that a peer
which reads its MIDI in its callback can answer in less than a period; what a real device adds on both sides
is the same for all. The attack of the sound is part of the time.
"""

from __future__ import annotations

import time

import numpy as np

from ..section import Section, quantiles
from ..show import show
from .peer import Peer
from .running import RATE, Running, running
from .table import rows

PERIODS = (64, 128, 256)
KEY = 69


def latencies(playing: Running, by_midi: bool, count: int) -> list[float]:
    """Seconds from note to sound, of those of so many notes that were heard within a second."""
    rng, found = np.random.default_rng(0), []
    for _ in range(count):
        time.sleep(0.005 * rng.random())
        frames = playing.probe.frames_to_sound(lambda: playing.begin(KEY, by_midi), by_midi)
        found += [] if frames is None else [frames / RATE]
        time.sleep(0.02)
        if not playing.falls_silent(KEY, by_midi):
            raise RuntimeError(f"{playing.peer.name} does not end its note")
    return found


def ways(peer: Peer) -> list[tuple[str, bool]]:
    """How it can be played: a word, and whether that is by MIDI."""
    return [("MIDI", True)] * bool(peer.keys) + [("OSC", False)] * bool(peer.osc)


def measure(count: int = 40, only: str = "") -> Section:
    """Send so many notes by each way, to all peers or to ``only`` one."""
    section = Section()
    columns = [(word, period) for word in ("MIDI", "OSC") for period in PERIODS]

    def cells(peer: Peer) -> list[str]:
        told: dict[tuple[str, int], str] = {}
        for period in PERIODS:
            with running(peer, period) as playing:
                for word, by_midi in ways(peer):
                    found = latencies(playing, by_midi, count)
                    heard = "" if len(found) == count else f" ({len(found)} of {count} heard)"
                    told[word, period] = quantiles(found, 1000) + heard if found else "never heard"
        return [told.get(column, "–") for column in columns]

    section.text("Milliseconds, median / p95 / max")
    section.table(("", *(f"{word}, {period}" for word, period in columns)), rows(cells, len(columns), only))
    return section


if __name__ == "__main__":
    show(measure)
