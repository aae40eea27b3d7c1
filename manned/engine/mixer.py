"""All voices into one signal: gain ramps, mixing, the limiter, the fade-out."""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from .atomics import load_acquire
from .handover import shape_voice, take_over
from .memory import (
    STAGE_WAITING,
    VOICES,
    WORD_FADE_OUT,
)
from .ramp import ramp_value
from .voice import begin_voice, render_voice

GAIN_RAMP_S = 0.01
KNEE = np.float32(0.7)
LIMITER_RELEASE_S = 0.1
FADE_S = 0.2


@nb.njit(error_model="numpy", cache=True)
def set_gain(memory, now):
    """Let the output gain glide to gain × expression from sample ``now``."""
    length = int(GAIN_RAMP_S * memory.samplerate)
    memory.gain_start = ramp_value(memory.gain_start, memory.gain_target, memory.gain_time, length, now)
    memory.gain_target = memory.gain * memory.expression
    memory.gain_time = now


@nb.njit(error_model="numpy", cache=True)
def mix(memory, now, count, out):
    """Render ``count`` samples from sample ``now`` into ``out``.

    Audio thread: no locks, no allocation, no Python objects.
    """
    active = 0
    for i in range(count):
        out[i] = 0.0
    buffer = memory.audio_scratch.voice
    for index in range(VOICES):
        if memory.voices[index].next_slot >= 0:
            take_over(memory, index, now)
    for index in range(VOICES):
        voice = memory.voices[index]
        if voice.stage == STAGE_WAITING:
            begin_voice(memory, index, voice, now)
        if voice.stage > STAGE_WAITING:
            active += 1
            render_voice(memory, index, voice, now, buffer, 0, count)
            shape_voice(memory, voice, now, buffer, 0, count)
            for i in range(count):
                out[i] += buffer[i]
    memory.active_voices = active
    _finish(memory, now, count, out)


@nb.njit(error_model="numpy", cache=True)
def _finish(memory, now, count, out):
    """Gain, limiter and fade-out."""
    length = int(GAIN_RAMP_S * memory.samplerate)
    falling = np.float32(math.exp(-1.0 / (LIMITER_RELEASE_S * memory.samplerate)))
    fade_step = np.float32(1.0 / (FADE_S * memory.samplerate))
    fading = load_acquire(memory.words, WORD_FADE_OUT) != 0
    peak = memory.peak
    for i in range(count):
        gain = ramp_value(memory.gain_start, memory.gain_target, memory.gain_time, length, now + i)
        value = out[i] * gain
        memory.limiter = max(abs(value), memory.limiter * falling)
        if memory.limiter > KNEE:
            value *= limited(memory.limiter) / memory.limiter
        elif memory.limiter < np.float32(1e-9):
            memory.limiter = 0.0
        if fading:
            memory.fade = max(memory.fade - fade_step, np.float32(0))
            value *= memory.fade
        out[i] = value
        peak = max(peak, abs(value))
    memory.peak = peak


@nb.njit(error_model="numpy", cache=True)
def limited(level):
    """Output level of the limiter: the input's up to the knee, then bent so that it never passes 1."""
    over = (level - KNEE) / (np.float32(1) - KNEE)
    return KNEE + (np.float32(1) - KNEE) * np.float32(1.0 - math.exp(-over))
