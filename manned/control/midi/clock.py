"""MIDI's clock: a tempo from its ticks, and where in a song it is."""

from __future__ import annotations

from collections import deque
from itertools import islice, pairwise

TICKS_PER_BEAT = 24
TICKS_PER_STEP = 6
"""Ticks of one step of the song position: a sixteenth."""

WINDOW = 4 * TICKS_PER_BEAT
WINDOW_S = 2.5
"""The tempo is estimated from so many ticks, and from more as long as they do not take so long."""

PAUSE_S = 0.5
"""After so long without a tick the tempo is estimated anew."""

JUMP, UNEVEN = 0.03, 1.5
"""If the last beat is so much faster or slower than those before it, the tempo was changed.

The second says how many times more than the ticks differ among each other: a sound system with long blocks
delays them unevenly.
"""

CHANGE = 0.0015
"""The least change of the tempo that is told."""


class BeatClock:
    """A tempo and a place in a song.

    Attributes
    ----------
    tempo : float
        Beats a minute; 0 as long as it is not known.
    running : bool
        Whether the song plays.
    """

    def __init__(self) -> None:
        self.tempo = 0.0
        self.running = False
        self._ticks = 0
        self._times: deque[float] = deque()
        self._port = ""

    @property
    def beat(self) -> float:
        """Beats since the beginning of the song."""
        return self._ticks / TICKS_PER_BEAT

    def start(self) -> None:
        """Begin the song."""
        self._ticks, self.running = 0, True

    def go_on(self) -> None:
        """Go on from where it is."""
        self.running = True

    def stop(self) -> None:
        """Stop; the ticks may go on."""
        self.running = False

    def go_to(self, steps: int) -> None:
        """Go to a place in the song, in sixteenths."""
        self._ticks = steps * TICKS_PER_STEP

    def tick(self, port: str, seconds: float) -> float | None:
        """Take one tick.

        Parameters
        ----------
        port : str
            Who sends it; as long as one port sends ticks, those of others do not count.
        seconds : float
            When it came, on any clock that goes on evenly.

        Returns
        -------
        float or None
            The tempo in beats a minute when it is another one.
        """
        times = self._times
        if port != self._port:
            if times and seconds - times[-1] < PAUSE_S:
                return None
            self._port = port
            times.clear()
        if times and not 0.0 <= seconds - times[-1] < PAUSE_S:
            times.clear()
        times.append(seconds)
        while len(times) > WINDOW and seconds - times[0] > WINDOW_S:
            times.popleft()
        self._ticks += self.running
        if len(times) <= TICKS_PER_BEAT:
            return None
        if len(times) > 2 * TICKS_PER_BEAT:
            self._forget_former_tempo()
        beats = 60.0 / (TICKS_PER_BEAT * _slope(times))
        if abs(beats - self.tempo) <= CHANGE * beats:
            return None
        self.tempo = round(beats, 2)
        return self.tempo

    def _forget_former_tempo(self) -> None:
        """Leave the last beat alone when it has another tempo than those before."""
        times = self._times
        last = times[-1] - times[-1 - TICKS_PER_BEAT]
        before = (times[-1 - TICKS_PER_BEAT] - times[0]) / (len(times) - 1 - TICKS_PER_BEAT) * TICKS_PER_BEAT
        former = [second - first for first, second in islice(pairwise(times), len(times) - 1 - TICKS_PER_BEAT)]
        unevenness = max(former) - min(former)
        if abs(last - before) > max(JUMP * before, UNEVEN * unevenness):
            kept = [*times][-1 - TICKS_PER_BEAT :]
            times.clear()
            times.extend(kept)


def _slope(times: deque[float]) -> float:
    """Seconds from tick to tick, by least squares."""
    count = len(times)
    middle = (count - 1) / 2
    mean = sum(times) / count
    above = sum((place - middle) * (time - mean) for place, time in enumerate(times))
    return max(above / (count * (count * count - 1) / 12), 1e-6)
