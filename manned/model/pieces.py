"""A long signal in overlapping pieces, so that what looks around itself needs bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

_GRID = 1024
LENGTH, MARGIN = 1292 * _GRID, 44 * _GRID
"""Samples that a piece stands for, and that it holds before and after them: 30 s and 1 s at 44.1 kHz."""


@dataclass(frozen=True, eq=False)
class Piece:
    """A part of a signal and what lies around it.

    Attributes
    ----------
    signal : np.ndarray [shape=(n,)]
    first : int
        Place of ``signal[0]`` in the whole.
    start, stop : int
        The samples of the whole that this piece stands for; each belongs to one piece.
    last : bool
        Whether the whole ends here.
    """

    signal: np.ndarray
    first: int
    start: int
    stop: int
    last: bool

    def steps(self, hop: int, origin: int = 0) -> np.ndarray:
        """The numbers ``i`` whose sample ``origin + i * hop`` this piece stands for, from 0; the last one's end counts.

        Parameters
        ----------
        hop, origin : int
        """
        first = max(-(-(self.start - origin) // hop), 0)
        return np.arange(first, (self.stop - origin) // hop + 1 if self.last else -(-(self.stop - origin) // hop))


def pieces(blocks: Iterable[np.ndarray], length: int = LENGTH, margin: int = MARGIN) -> Iterator[Piece]:
    """Cut a signal that comes in blocks [shape=(any,)] of any size.

    Parameters
    ----------
    blocks : iterable of np.ndarray
    length, margin : int
        Samples; a last piece may be longer by ``margin``.
    """
    held, first, start = np.zeros(0, dtype=np.float32), 0, 0
    for block in blocks:
        held = np.concatenate([held, block])
        while first + len(held) >= start + length + margin:
            stop = start + length
            yield Piece(held[: stop + margin - first], first, start, stop, False)
            held, first, start = held[max(stop - margin - first, 0) :], max(stop - margin, first), stop
    if len(held):
        yield Piece(held, first, start, first + len(held), True)
