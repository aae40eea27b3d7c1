"""Notes and frequencies, and the vibrato that all voices share."""

from __future__ import annotations

import math

import numpy as np

from .native import native
from .ramp import LINE, move_line
from .record import Record

VIBRATO = np.dtype([("hz", "f8"), ("cycles", "f8"), ("begin", "i8"), ("depth", LINE)], align=True)
"""The vibrato of all voices: ``cycles`` had passed at sample ``begin``; its depth is in semitones to either side."""

BEND_S = 0.005  # a bend arrives in steps; over this time each of them is evened out
DEPTH_S = 0.02


@native
def nearest_note(pitch: float) -> tuple[int, int]:
    """Pitch class and octave of the semitone nearest to a note number."""
    nearest = int(math.floor(pitch + 0.5))
    return nearest % 12, nearest // 12 - 1


@native
def note_hz(pitch: float) -> float:
    """Frequency of a note number in Hertz, A4 = 440."""
    return 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)


@native
def semitones_from_440(a4_hz: float) -> float:
    """How far a master tuning lies above A4 = 440 Hz."""
    return 12.0 * math.log2(a4_hz / 440.0)


@native
def vibrato_cycles(vibrato: Record, now: int, samplerate: float) -> float:
    """Turns of the vibrato at sample ``now`` since the engine's first."""
    return vibrato.cycles + (now - vibrato.begin) * (vibrato.hz / samplerate)


@native
def set_vibrato_rate(vibrato: Record, rate_hz: float, now: int, samplerate: float) -> None:
    """Change the vibrato's speed; it goes on from where it is."""
    vibrato.cycles = vibrato_cycles(vibrato, now, samplerate)
    vibrato.begin = now
    vibrato.hz = rate_hz


@native
def set_vibrato_depth(vibrato: Record, depth: float, now: int, samplerate: float) -> None:
    """Let the vibrato become ``depth`` semitones wide."""
    move_line(vibrato.depth, depth, now, int(DEPTH_S * samplerate))
