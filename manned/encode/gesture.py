"""A recording made a gesture: latents, level and pitch on one clock, with the places where it repeats and waits."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from .. import __version__
from ..errors import GestureError
from ..files import shown
from ..model.gesture import RATE_HZ, Gesture
from ..model.gesture_file import MAX_FRAMES
from ..sound_file import open_sound
from .contour import closed, level_contour, sounding
from .loop import Loop, find_loop, resting_place
from .notes import semitones
from .trajectory import Trajectory

LONGEST_S = (MAX_FRAMES - 2) / RATE_HZ

_CROSSFADE_S = 0.25
_LOUD_DB = -20.0
_HEARD_DB = -50.0  # a pitch below is that of the room
_BLIND_S = 0.046  # half a window of the analysis: before, it hears the silence before the note
_LEAP_SEMITONES_S, _SHORTEST_S = 30.0, 0.12  # no voice and no vibrato is as fast; what is shorter between leaps is none
_SMOOTH_S = 0.03
_VIBRATO_S, _VIBRATO_SEMITONES = 0.4, 1.0
_ANY_HZ = 440.0


class Made(NamedTuple):
    """A gesture and where it comes from.

    Attributes
    ----------
    gesture : Gesture
    begins_s : float
        Where its first frame lies in the recording.
    sustains : bool
        Whether the sound stays in the loop, or fades all the way.
    """

    gesture: Gesture
    begins_s: float
    sustains: bool


def require_short(path: Path) -> None:
    """Raise a `GestureError` for a sound file that is longer than a gesture can be."""
    with open_sound(path) as sound:
        seconds = sound.seconds
    if seconds > LONGEST_S:
        raise GestureError(
            f"sound file {shown(path)}: {seconds:.1f} s long, a gesture lasts at most {LONGEST_S:.1f} s; "
            "cut it, or write its way as a score, -o NAME.txt"
        )


def make_gesture(
    path: Path,
    found: Trajectory,
    name: str,
    model: str,
    loop: tuple[float, float] | None = None,
    hold: float | None = None,
    facts: dict | None = None,
) -> Made:
    """The gesture of a recording.

    Parameters
    ----------
    path : Path
    found : Trajectory
        What `manned.encode.recording.encode` heard in it.
    name, model : str
        Of the gesture, and of the decoder.
    loop : (float, float), optional
        Begin and end, seconds of the recording; found by `find_loop` when they are not given.
    hold : float, optional
        Where a held note waits, seconds of the recording; the most typical moment of the loop when it is not given.
    facts : dict, optional
        For `Gesture.info`.

    Raises
    ------
    GestureError
        When it is too long, too short, or a point lies outside of it.
    AudioError
        When it cannot be read.
    """
    contour = level_contour(path, _middle_hz(found))
    part = sounding(contour)
    level = closed(contour[part])
    if not 4 <= len(level) <= MAX_FRAMES:
        raise GestureError(
            f"sound file {shown(path)}: what sounds in it is {len(level) / RATE_HZ:.2f} s long, "
            f"allowed are {4 / RATE_HZ:.2f}–{LONGEST_S:.1f} s"
        )
    begins_s = part.start / RATE_HZ
    times_s = begins_s + np.arange(len(level)) / RATE_HZ
    latents = np.stack([np.interp(times_s, found.times_s, column) for column in found.latents.T], axis=1)
    latents = np.clip(latents, 0.0, 1.0).astype(np.float32)
    note, pitch = _pitch(found, times_s, level)
    points = find_loop(latents, level, pitch, RATE_HZ)
    if loop is not None:
        points = _given(path, loop, begins_s, len(level), points)
    waits = resting_place(latents, level, pitch, points.begin, points.end)
    if hold is not None:
        waits = _frame(path, "hold", hold, begins_s, len(level))
    gesture = Gesture(
        name=name,
        model=model,
        latents=latents,
        level=level.astype(np.float32),
        pitch=pitch.astype(np.float32),
        rate_hz=RATE_HZ,
        note=note,
        loop=(points.begin / RATE_HZ, points.end / RATE_HZ),
        crossfade_s=points.crossfade / RATE_HZ,
        hold=waits / RATE_HZ,
        info={"source": shown(path.name), "begins_s": round(begins_s, 4), "version": __version__} | (facts or {}),
    )
    return Made(gesture, begins_s, points.sustains)


def _given(path: Path, loop: tuple[float, float], begins_s: float, frames: int, found: Loop) -> Loop:
    begin, end = (_frame(path, "loop", seconds, begins_s, frames) for seconds in loop)
    if begin >= end:
        raise GestureError(
            f"loop {loop[0]:g} to {loop[1]:g} s: the begin lies before the end, by a frame of 6 ms at least"
        )
    return Loop(begin, end, min(round(_CROSSFADE_S * RATE_HZ), end - begin, begin), found.sustains)


def _frame(path: Path, what: str, seconds: float, begins_s: float, frames: int) -> int:
    """The frame of a moment of the recording."""
    place = (seconds - begins_s) * RATE_HZ
    if not -0.5 <= place < frames - 0.5:
        raise GestureError(
            f"{what} {seconds:g} s: outside of what sounds in {shown(path.name)}, "
            f"allowed are {begins_s:.3f}–{begins_s + (frames - 1) / RATE_HZ:.3f} s"
        )
    return round(place)


def _sure(found: Trajectory, below_db: float) -> np.ndarray:
    """Frames [shape=(n,)], bool, whose pitch is heard, no farther below the loudest."""
    return found.voiced & (found.levels >= found.levels.max() * 10.0 ** (below_db / 20.0))


def _middle_hz(found: Trajectory) -> float:
    sure = _sure(found, _LOUD_DB)
    return float(np.median(found.f0_hz[sure])) if sure.any() else _ANY_HZ


def _pitch(found: Trajectory, times_s: np.ndarray, level: np.ndarray) -> tuple[float, np.ndarray]:
    """The note that a recording sounds, and the semitones from it at some times [shape=(m,)].

    A short stretch between leaps is a mistake of the ear, as in the attack of a bell, and takes the way between its
    neighbours; a vibrato stays.  A pitch before half a window is full, which nobody can hear, is that of the moment
    after.  The note is what lies in the middle of the loud moments, the vibrato taken out.
    """
    if not found.voiced.any():
        return float(found.note), np.zeros(len(times_s))
    told = semitones(found.f0_hz)
    rows = _without_short(np.flatnonzero(_sure(found, _HEARD_DB)), told, found.hop_s)
    full = rows[found.times_s[rows] >= times_s[0] + _BLIND_S]
    rows = full if len(full) else rows
    pitch = _smooth(np.interp(times_s, found.times_s[rows], told[rows]), _SMOOTH_S)
    loud = level >= 10.0 ** (_LOUD_DB / 20.0)
    middle = np.median(pitch[loud])
    around = loud & (np.abs(pitch - middle) <= _VIBRATO_SEMITONES)
    still = _smooth(np.clip(pitch - middle, -_VIBRATO_SEMITONES, _VIBRATO_SEMITONES), _VIBRATO_S)
    note = float(middle + np.median(still[around]))
    return note, pitch - note


def _smooth(values: np.ndarray, seconds: float) -> np.ndarray:
    """Values [shape=(n,)] through a Hann window of a length."""
    half = round(0.5 * seconds * RATE_HZ)
    window = np.hanning(2 * half + 3)[1:-1]
    return np.convolve(np.pad(values, half, mode="edge"), window / window.sum(), mode="valid")


def _without_short(rows: np.ndarray, told: np.ndarray, hop_s: float) -> np.ndarray:
    """Frames [shape=(n,)] without the stretches between two leaps of their pitch that are short; all, if all are."""
    leaps = np.abs(np.diff(told[rows])) > _LEAP_SEMITONES_S * hop_s
    stretch = np.concatenate([[0], np.cumsum(leaps)])
    kept = np.bincount(stretch)[stretch] * hop_s >= _SHORTEST_S
    return rows[kept] if kept.any() else rows
