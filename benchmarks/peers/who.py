"""Who can be measured: which version, what it plays, and how it can be asked.

All run without a screen on JACK's dummy device, with a home folder of their own.  Their sounds begin at once
and last while a key is held.  The last two are loops of our own (`benchmarks/peers/players`), since what they
stand for is no program that takes notes: the paper's way to play, Keras' `predict` for each frame; and a
decoder of RAVE v2 in PyTorch, with random weights.  "–" stands where a peer has no such thing, or is not
installed.
"""

from __future__ import annotations

from ..section import Section
from ..show import show
from .table import PEERS


def measure() -> Section:
    """Look what is installed."""
    section = Section()
    rows = [
        (
            peer.name,
            peer.told_version() if peer.is_there else f"– (install {peer.package})",
            peer.sound,
            "JACK" if peer.keys else "–",
            "UDP" if peer.osc else "–",
        )
        for peer in PEERS
    ]
    section.table(("", "version", "sound", "MIDI", "OSC"), rows)
    return section


if __name__ == "__main__":
    show(measure)
