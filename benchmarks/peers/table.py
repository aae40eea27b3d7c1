"""All peers, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from . import amsynth, fluidsynth, keras_predict, manned_daemon, rave, scsynth, zynaddsubfx
from .peer import Peer

PEERS: tuple[Peer, ...] = tuple(
    module.PEER for module in (manned_daemon, fluidsynth, amsynth, zynaddsubfx, scsynth, keras_predict, rave)
)


def rows(measured: Callable[[Peer], Sequence[object]], columns: int, only: str = "") -> list[tuple[object, ...]]:
    """A row for each peer, or for ``only`` one: its name and what is measured of it.

    Parameters
    ----------
    measured : callable
        Measures one peer; what it returns are the cells.
    columns : int
        How many cells a row has: dashes for a peer that is not there.  One that fails says so in its first cell, and
        the others are measured.
    """
    found: list[tuple[object, ...]] = []
    for peer in (peer for peer in PEERS if only in peer.name):
        cells: Sequence[object] = ("–",) * columns
        if peer.is_there:
            try:
                cells = measured(peer)
            except RuntimeError as error:
                print(error, flush=True)
                cells = ("failed: " + str(error).partition("\n")[0].rstrip(":"), *cells[1:])
        found.append((peer.name, *cells))
    return found
