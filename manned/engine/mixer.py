"""All voices into left and right: gain, the places of the voices, the limiter, the fade-out.

What is mixed is heard `memory.latency` samples later, for that is how far ahead
the limiter looks.  The callback mixes as much ahead of its clock, so whatever is
dated is heard at its very sample.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from .atomics import load_acquire
from .handover import fading, shape_voice, take_over
from .limiter import limit
from .memory import (
    STAGE_FREE,
    STAGE_WAITING,
    VOICES,
    WORD_FADE_OUT,
)
from .ramp import ramp_value
from .voice import begin_voice, render_voice

GAIN_RAMP_S = 0.01
SPREAD_RAMP_S = 0.1
FADE_S = 0.2
PLACES = 9  # 0 is the middle, odd ones lie left and even ones right of it, the last two at the ends


@nb.njit(error_model="numpy", cache=True)
def set_gain(memory, now):
    """Let the output gain glide to gain × expression from sample ``now``."""
    length = int(GAIN_RAMP_S * memory.samplerate)
    memory.gain_start = ramp_value(memory.gain_start, memory.gain_target, memory.gain_time, length, now)
    memory.gain_target = memory.gain * memory.expression
    memory.gain_time = now


@nb.njit(error_model="numpy", cache=True)
def set_spread(memory, spread, now):
    """Let the voices move apart, or together, from sample ``now``."""
    length = int(SPREAD_RAMP_S * memory.samplerate)
    memory.spread_start = ramp_value(memory.spread_start, memory.spread_target, memory.spread_time, length, now)
    memory.spread_target = spread
    memory.spread_time = now


@nb.njit(error_model="numpy", cache=True)
def emptiest_place(memory):
    """The place of the fewest notes that are there to stay, the innermost of several."""
    best, fewest = 0, VOICES
    for place in range(PLACES):
        notes = 0
        for index in range(1, VOICES):
            voice = memory.voices[index]
            notes += voice.stage != STAGE_FREE and voice.place == place and not fading(voice)
        if notes < fewest:
            best, fewest = place, notes
    return best


@nb.njit(error_model="numpy", cache=True)
def mix(memory, now, count):
    """Render ``count`` samples from sample ``now`` on and put out those `memory.latency` before.

    Audio thread: no locks, no allocation, no Python objects.
    """
    latency = memory.latency
    left, right = memory.delay_left, memory.delay_right
    for i in range(latency, latency + count):
        left[i] = 0.0
        right[i] = 0.0
    spread_length = int(SPREAD_RAMP_S * memory.samplerate)
    gliding = now - memory.spread_time < spread_length
    apart = memory.spread_target != 0.0 or (gliding and memory.spread_start != 0.0)
    active = 0
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
            if not apart:
                for i in range(count):
                    left[latency + i] += buffer[i]
            elif gliding:
                for i in range(count):
                    spread = ramp_value(
                        memory.spread_start, memory.spread_target, memory.spread_time, spread_length, now + i
                    )
                    to_left, to_right = place_gains(voice.place, spread)
                    left[latency + i] += to_left * buffer[i]
                    right[latency + i] += to_right * buffer[i]
            else:
                to_left, to_right = place_gains(voice.place, memory.spread_target)
                for i in range(count):
                    left[latency + i] += to_left * buffer[i]
                    right[latency + i] += to_right * buffer[i]
    memory.active_voices = active
    if active == 0 and memory.silent >= latency and memory.calm >= memory.limiter_span:
        _put_out_nothing(memory, count)
        return
    memory.silent = 0 if active else memory.silent + count
    _apply_gain(memory, now, count, left)
    if apart:
        _apply_gain(memory, now, count, right)
    else:
        for i in range(latency, latency + count):
            right[i] = left[i]
    limit(memory, now, count, apart or memory.together < latency)
    memory.together = 0 if apart else memory.together + count
    _finish(memory, count)


@nb.njit(error_model="numpy", cache=True)
def place_gains(place, spread):
    """Factors of left and right for a place: equal power, exactly 1 and 1 in the middle."""
    side = (place + 1) // 2 / (PLACES // 2)
    angle = np.float32(0.25 * math.pi) * spread * np.float32(-side if place % 2 else side)
    middle, aside = np.cos(angle), np.sin(angle)
    return middle - aside, middle + aside


@nb.njit(error_model="numpy", cache=True)
def _apply_gain(memory, now, count, line):
    length = int(GAIN_RAMP_S * memory.samplerate)
    latency = memory.latency
    for i in range(count):
        line[latency + i] *= ramp_value(memory.gain_start, memory.gain_target, memory.gain_time, length, now + i)


@nb.njit(error_model="numpy", cache=True)
def _put_out_nothing(memory, count):
    """All is silent and the limiter at rest: the delay lines hold nothing but zeros and stay as they are."""
    for i in range(count):
        memory.audio_scratch.left[i] = 0.0
        memory.audio_scratch.right[i] = 0.0


@nb.njit(error_model="numpy", cache=True)
def _finish(memory, count):
    """Fade-out and peak."""
    left, right = memory.audio_scratch.left, memory.audio_scratch.right
    if load_acquire(memory.words, WORD_FADE_OUT) != 0:
        fade_step = np.float32(1.0 / (FADE_S * memory.samplerate))
        for i in range(count):
            memory.fade = max(memory.fade - fade_step, np.float32(0))
            left[i] *= memory.fade
            right[i] *= memory.fade
    peak = memory.peak
    for i in range(count):
        peak = max(peak, max(abs(left[i]), abs(right[i])))
    memory.peak = peak
