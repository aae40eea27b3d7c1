"""Where a note may repeat: the two moments of a gesture from which it goes on most alike."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_SHORTEST_S, _CROSSFADE_S = 0.3, 0.25
_ATTACK_S = 0.1
_LATENT, _LEVEL_DB, _SEMITONES = 0.06, 1.0, 0.1  # differences that count alike
_DOUBLE = 0.25  # what a loop of twice the length may differ more, in those units
_MOST_LAGS = 1500
_FLOOR_DB = -80.0
_BODIES_DB = (6.0, 12.0, 24.0, 80.0)
_FADED_DB = (-12.0, -30.0)  # where a sound that fades may repeat, beside its loudest moment
_LATE = 1.0  # what a loop at the end of the body may differ more than one at its begin, in a sound that fades
_SUSTAINS_DB_S = 4.0


class Loop(NamedTuple):
    """Loop points of a gesture, in frames.

    Attributes
    ----------
    begin, end, crossfade : int
        See `manned.model.gesture.Gesture`.
    sustains : bool
        Whether the sound stays between attack and release: its level moves by less than 4 dB a second.
    """

    begin: int
    end: int
    crossfade: int
    sustains: bool


def find_loop(latents: np.ndarray, level: np.ndarray, pitch: np.ndarray, rate_hz: float) -> Loop:
    """The best loop of a gesture.

    All pairs of moments in the body of the sound are compared over the crossfade that ends in them, by latents, level
    and pitch: two slopes or two phases of a vibrato are alike there only if they go the same way.  A longer loop
    may differ a little more, and in a sound that fades a later one.

    Parameters
    ----------
    latents : np.ndarray [shape=(n, latents)]
        Two frames at least.
    level, pitch : np.ndarray [shape=(n,)]
    rate_hz : float
    """
    shortest, fade = round(_SHORTEST_S * rate_hz), round(_CROSSFADE_S * rate_hz)
    level_db = _decibels(level)
    told = _features(latents, level_db, pitch)
    attack = round(_ATTACK_S * rate_hz)
    first, last = body = _body(level_db, shortest, attack)
    sustains = abs(_slope(level_db[first : last + 1])) * rate_hz < _SUSTAINS_DB_S
    if sustains:
        begin, end = _search(told, body, shortest, fade, 0.0)
    else:
        begin, end = _search(told, _faded(level_db, shortest, attack), shortest, fade, _LATE)
    return Loop(begin, end, min(fade, end - begin, begin), sustains)


def resting_place(latents: np.ndarray, level: np.ndarray, pitch: np.ndarray, begin: int, end: int) -> int:
    """The frame of a stretch that is most like all of it, which is where a held note waits."""
    told = _features(latents, _decibels(level), pitch)[begin : end + 1]
    return begin + int(np.argmin(np.square(told - told.mean(axis=0)).sum(axis=1)))


def _features(latents: np.ndarray, level_db: np.ndarray, pitch: np.ndarray) -> np.ndarray:
    """Rows [shape=(n, latents + 2)] whose squared differences add up to what is heard between two frames."""
    scaled = latents / (_LATENT * np.sqrt(latents.shape[1]))
    return np.column_stack([scaled, level_db / _LEVEL_DB, pitch / _SEMITONES])


def _decibels(level: np.ndarray) -> np.ndarray:
    return 20.0 * np.log10(np.maximum(level, 10.0 ** (_FLOOR_DB / 20.0)))


def _slope(values: np.ndarray) -> float:
    """How much values [shape=(n,)] rise from one to the next, all in all."""
    place = np.arange(len(values)) - 0.5 * (len(values) - 1)
    return float(place @ values / max(place @ place, 1.0))


def _body(level_db: np.ndarray, shortest: int, attack: int) -> tuple[int, int]:
    """First and last frame of what lies between attack and release: as loud as most of the sound is."""
    loud = level_db[level_db >= level_db.max() - 20.0]
    first, last = 0, len(level_db) - 1
    for below in _BODIES_DB:
        inside = np.flatnonzero(level_db >= np.median(loud) - below)
        first, last = int(inside[0]), int(inside[-1])
        first = min(first + attack, first + (last - first) // 4)
        if last - first >= 2 * shortest:
            break
    return first, last


def _faded(level_db: np.ndarray, shortest: int, attack: int) -> tuple[int, int]:
    """First and last frame of the late part of a sound that fades; it holds one loop at least, if the sound does."""
    high, low = (int(np.flatnonzero(level_db >= level_db.max() + below)[-1]) for below in _FADED_DB)
    start = int(level_db.argmax()) + attack
    last = min(max(low, start + shortest), len(level_db) - 1)
    return max(min(high, last - 2 * shortest), min(start, last - shortest), 0), last


def _search(told: np.ndarray, body: tuple[int, int], shortest: int, fade: int, late: float) -> tuple[int, int]:
    """Begin and end of the best loop in a body: among some moments of a long one, then among all around these."""
    first, last = body
    if last - first < 2:
        last = min(first + 2, len(told) - 1)
        first = max(last - 2, 0)
    shortest = max(min(shortest, (last - first) // 2), 1)
    place = late * np.arange(len(told)) / (last - first)
    step = -(-(last - first) // _MOST_LAGS)
    lags = np.arange(shortest, last - first + 1, step)
    begin, end = _best(told, np.arange(first, last + 1, step), lags, last, fade, place)
    if step > 1:
        near = np.arange(-step, step + 1)
        begins, lags = np.clip(begin + near, first, last), np.maximum(end - begin + near, shortest)
        begin, end = _best(told, np.unique(begins), np.unique(lags), last, fade, place)
    return begin, end


def _best(
    told: np.ndarray, begins: np.ndarray, lags: np.ndarray, last: int, fade: int, place: np.ndarray
) -> tuple[int, int]:
    """Begin and end of the loop whose ends are most alike, among some begins and some lengths."""
    best, found = np.inf, (int(begins[0]), last)
    for lag in lags:
        some = begins[begins + lag <= last]
        if not len(some):
            continue
        apart = np.square(told[lag : last + 1] - told[: last + 1 - lag]).sum(axis=1)
        sums = np.concatenate([[0.0], np.cumsum(apart)])
        length = np.minimum(min(fade, lag), some)
        mean = (sums[some + 1] - sums[some - length]) / (length + 1)
        cost = np.sqrt(np.maximum(mean, 0.0)) - _DOUBLE * np.log2(lag) - place[some]
        index = int(np.argmin(cost))
        if cost[index] < best:
            best, found = cost[index], (int(some[index]), int(some[index] + lag))
    return found
