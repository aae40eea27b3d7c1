"""A gesture: the way of a recorded note through the latents of a decoder, with its level and its pitch.

The reference of how one is replayed: the engine does the same, and tests compare the two.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

RATE_HZ = 44100 / 256
"""Frames a second of every gesture that is made here."""

_LOUD_DB = 20.0  # frames no farther below the loudest make the anchor


class Moment(NamedTuple):
    """What a gesture says at one position or at several.

    Attributes
    ----------
    latents : np.ndarray [shape=(..., latents)]
        Control values, 0–1.
    level : np.ndarray [shape=(...)]
        Factor, 0–1.
    pitch : np.ndarray [shape=(...)]
        Semitones from `Gesture.note`.
    """

    latents: np.ndarray
    level: np.ndarray
    pitch: np.ndarray


@dataclass(frozen=True, eq=False)
class Gesture:
    """How a note goes, from its attack to its end.

    Positions count in seconds from its first frame; between two frames lie straight lines.

    Attributes
    ----------
    name : str
        As the library names it.
    model : str
        Name of the decoder whose latents they are.
    latents : np.ndarray [shape=(frames, latents)], float32
        Control values, 0–1.
    level : np.ndarray [shape=(frames,)], float32
        Factor; the greatest is 1.
    pitch : np.ndarray [shape=(frames,)], float32
        Semitones from ``note``.
    rate_hz : float
        Frames a second.
    note : float
        Note number that the recording sounds, with its fraction.
    loop : (float, float)
        Begin and end of the part that repeats, seconds.
    crossfade_s : float
        Length of the crossfade at the loop's end; neither longer than the loop nor than what lies before it.
    hold : float
        Where a held note waits, seconds.
    info : dict
        Free facts for people: source file, licence, author, version.
    """

    name: str
    model: str
    latents: np.ndarray
    level: np.ndarray
    pitch: np.ndarray
    rate_hz: float
    note: float
    loop: tuple[float, float]
    crossfade_s: float
    hold: float
    info: dict = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Position of its last frame."""
        return (len(self.level) - 1) / self.rate_hz

    @property
    def anchor(self) -> np.ndarray:
        """Where the faders stand for the recording to sound as it is: latents [shape=(latents,)], float32.

        The mean of the frames within 20 dB of the loudest, each as heavy as its level.
        """
        weights = np.where(self.level >= self.level.max() * 10.0 ** (-_LOUD_DB / 20.0), self.level, 0.0)
        return np.average(self.latents, axis=0, weights=weights).astype(np.float32)

    def at(self, seconds: ArrayLike) -> Moment:
        """What it says at positions of any shape.

        This is the mode *once*: before its first frame and after its last one it stays on them.
        """
        place = np.clip(np.asarray(seconds, dtype=np.float64) * self.rate_hz, 0.0, len(self.level) - 1)
        before = np.minimum(place.astype(np.int64), max(len(self.level) - 2, 0))
        after = np.minimum(before + 1, len(self.level) - 1)
        share = place - before

        def between(values: np.ndarray, share: np.ndarray) -> np.ndarray:
            return (1.0 - share) * values[before] + share * values[after]

        return Moment(between(self.latents, share[..., None]), between(self.level, share), between(self.pitch, share))

    def loop_at(self, seconds: ArrayLike) -> Moment:
        """What it says in the mode *loop*, after so many seconds of replaying.

        From the loop's end the position goes back to its begin.  Before that end the values fade to those that lead
        to the begin, so nothing jumps.
        """
        begin, end = self.loop
        played = np.asarray(seconds, dtype=np.float64)
        place = np.where(played < end, played, begin + np.mod(played - begin, end - begin))
        fade_from = end - self.crossfade_s
        fading = (place > fade_from) & (self.crossfade_s > 0.0)
        share = np.where(fading, (place - fade_from) / (self.crossfade_s or 1.0), 0.0)
        here, there = self.at(place), self.at(np.where(fading, place - (end - begin), place))
        return Moment(
            *((1.0 - weight) * one + weight * other
              for one, other, weight in zip(here, there, (share[..., None], share, share)))
        )  # fmt: skip

    def hold_at(self, seconds: ArrayLike, released_s: float | None = None) -> Moment:
        """What it says in the mode *hold*, after so many seconds of replaying.

        The position waits at ``hold`` until the note is released, and goes on from there.

        Parameters
        ----------
        seconds : array_like
        released_s : float, optional
            After how many seconds the note is released; it is held without it.
        """
        played = np.asarray(seconds, dtype=np.float64)
        waited = np.minimum(played, self.hold)
        if released_s is not None:
            waited = np.where(played > released_s, played - max(released_s - self.hold, 0.0), waited)
        return self.at(waited)
