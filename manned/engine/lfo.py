"""Slow tours: sine, triangle and a random LFO that never repeats, as pure functions of the sample number."""

from __future__ import annotations

import math

import numpy as np

from ..limits import SHAPES, STARTS
from .depth import DEPTH
from .native import native
from .record import Record

LFO = np.dtype(
    [
        ("rate", "f8"),  # turns per sample
        ("phase", "f8"),  # turns at sample ``time``
        ("time", "i8"),
        ("depth", DEPTH),
        ("shape", "i4"),  # index into limits.SHAPES
        ("start", "i4"),  # index into limits.STARTS
    ],
    align=True,
)

WITH_NOTE = STARTS.index("note")
TRIANGLE, RANDOM = SHAPES.index("triangle"), SHAPES.index("wander")
PLACES = 2  # random values per turn, so that it is about as lively as a sine of its rate
WITHIN = 0.8  # a cubic through values within ±1 reaches ±1.25


@native
def lfo_phase(lfo: Record, now: int) -> float:
    """Turns since the start at sample ``now``."""
    return lfo.phase + lfo.rate * (now - lfo.time)


@native
def voice_turns(lfo: Record, now: int, since: int) -> float:
    """Turns of an LFO at sample ``now`` for a voice whose note began ``since`` samples before."""
    return lfo.rate * since if lfo.start == WITH_NOTE else lfo_phase(lfo, now)


@native
def set_lfo_rate(lfo: Record, rate: float, now: int) -> None:
    """Let an LFO go on at ``rate`` turns per sample, from where it is at sample ``now``."""
    lfo.phase = lfo_phase(lfo, now)
    lfo.time = now
    lfo.rate = rate


@native
def lfo_value(shape: int, turns: float, number: int) -> float:
    """Height, -1 to 1, of LFO ``number`` after some turns; sine and triangle rise from 0."""
    if shape == RANDOM:
        return _random_curve(PLACES * turns, number)
    x = turns - math.floor(turns)
    if shape == TRIANGLE:
        x = x + 0.75 if x < 0.25 else x - 0.25
        return 4.0 * abs(x - 0.5) - 1.0
    return math.sin(2 * math.pi * x)


@native
def _random_curve(x: float, number: int) -> float:
    """Catmull-Rom cubic through a random value at every whole ``x``."""
    place = int(math.floor(x))
    t = x - place
    a, b = random_value(place - 1, number), random_value(place, number)
    c, d = random_value(place + 1, number), random_value(place + 2, number)
    return WITHIN * (b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))))


@native
def random_value(place: int, number: int) -> float:
    """A number from -1 to 1 that depends on two others alone (splitmix64)."""
    h = np.uint64(place) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(number + 1) * np.uint64(0xD1B54A32D192ED03)
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    h ^= h >> np.uint64(31)
    return np.float64(h >> np.uint64(11)) * 2.0**-52 - 1.0
