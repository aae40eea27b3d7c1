"""The gain of a voice that fades in or out beside another, and of its pressure."""

from __future__ import annotations

import math

import numpy as np

from .envelope import STAGE_FREE, STAGE_KILL
from .native import native
from .ramp import line_value
from .record import Record

# How a voice takes part in a crossfade.
FADE_NONE = 0
FADE_IN = 1
FADE_OUT = 2

FADE_S = 0.02


@native
def fading(voice: Record) -> bool:
    """Whether a voice is on its way out within milliseconds."""
    return voice.stage == STAGE_KILL or voice.fade == FADE_OUT


@native
def fade_gain(voice: Record, now: int, samplerate: float) -> float:
    """Factor of a voice's crossfade at sample ``now``."""
    x = (now - voice.fade_begin) / (FADE_S * samplerate)
    if x < 1.0:
        rise, fall = math.sin(0.5 * math.pi * x), math.cos(0.5 * math.pi * x)
        together = math.sqrt(1.0 + 2.0 * voice.likeness * rise * fall)
        if voice.fade == FADE_IN:
            return np.float32(rise / together)
        if voice.fade == FADE_OUT:
            return voice.fade_level * np.float32(fall / together)
    elif voice.fade == FADE_OUT:
        return np.float32(0)
    return np.float32(1)


@native
def shape_voice(voice: Record, now: int, samplerate: float, buffer: np.ndarray, at: int, count: int) -> None:
    """Multiply samples of a voice by its crossfade and its pressure.

    Audio thread: no locks, no allocation, no Python objects.
    """
    pressure = voice.pressure
    if pressure.target != 1.0 or pressure.start != 1.0:
        for i in range(count):
            buffer[at + i] *= np.float32(line_value(pressure, now + i))
        if now + count >= pressure.begin + pressure.length:
            pressure.start = pressure.target
    if voice.fade != FADE_NONE:
        for i in range(count):
            buffer[at + i] *= fade_gain(voice, now + i, samplerate)
        if now + count - voice.fade_begin >= FADE_S * samplerate:
            if voice.fade == FADE_OUT:
                voice.stage = STAGE_FREE
            voice.fade = FADE_NONE
