"""The tempo, and what is counted in its beats: a turn of an LFO is so many Hertz."""

from __future__ import annotations

from collections.abc import Callable

from ..limits import LFOS
from .tree import Tree

TEMPO = "tempo"


class Tempo:
    """Rates of LFOs, in Hertz or in beats of the tempo.  Control thread only.

    Parameters
    ----------
    tree : Tree
        It has the rows ``tempo``, ``lfo/{k}/beats`` and ``lfo/{k}/rate``.
    turn : callable(int, float)
        Has an LFO, counted from 1, go round at so many Hertz from now on.
    """

    def __init__(self, tree: Tree, turn: Callable[[int, float], None]):
        self._tree = tree
        self._turn = turn
        tree.own(TEMPO, self._apply_tempo)
        for number in range(1, LFOS + 1):
            tree.own(f"lfo/{number}/beats", self._applier(number))

    def hertz(self, number: int) -> float:
        """How fast an LFO, counted from 1, goes round."""
        return self._hertz(number, self._tree.get(f"lfo/{number}/beats"), self._tree.get(TEMPO))

    def _hertz(self, number: int, beats: float, tempo: float) -> float:
        rate = f"lfo/{number}/rate"
        return float(self._tree.row(rate).check(tempo / 60.0 / beats) if beats > 0.0 else self._tree.get(rate))

    def _apply_tempo(self, tempo: float) -> None:
        for number in range(1, LFOS + 1):
            beats = self._tree.get(f"lfo/{number}/beats")
            if beats > 0.0:
                self._turn(number, self._hertz(number, beats, tempo))

    def _applier(self, number: int) -> Callable[[float], None]:
        def apply(beats: float) -> None:
            self._turn(number, self._hertz(number, beats, self._tree.get(TEMPO)))

        return apply
