"""All voices into left and right: pan, width, chorus and reverb, gain, the limiter, the fade-out.

What is mixed is heard `LIMITER.latency` samples later, for that is how far ahead
the limiter looks.  The callback mixes as much ahead of its clock, so whatever is
dated is heard at its very sample.
"""

from __future__ import annotations

import numpy as np

from . import words
from .atomics import load_acquire
from .chorus import add_chorus, chorus_works, follow_chorus, hush_chorus
from .crossfade import take_over
from .envelope import STAGE_WAITING
from .fade import shape_voice
from .limiter import limit
from .motion import add_placed, may_be_placed, move_gain, next_motion, pan_gains
from .native import native
from .ramp import ramp_value
from .record import Record
from .reverb import add_reverb, follow_reverb, hush_reverb, reverb_works
from .sizes import CHUNK, VOICES
from .voice import begin_voice, render_voice
from .width import add_width, follow_width, width_works

MIXER = np.dtype(
    [
        ("fade", "f4"),  # of the end of a session
        ("together", "i8"),  # samples since left and right differed
        ("silent", "i8"),  # samples since a voice or an effect sounded
        ("peak", "f4"),
        ("active_voices", "i4"),
        ("tail", "i4"),  # whether an effect sounds
    ],
    align=True,
)

SCRATCH = np.dtype([("voice", "f4", CHUNK), ("left", "f4", CHUNK), ("right", "f4", CHUNK)], align=True)

FADE_OUT_S = 0.2


def set_up_mixer(mixer: np.void, latency: int) -> None:
    """Fill a mixer to which nothing was played for a while."""
    mixer["fade"] = 1.0
    mixer["silent"] = mixer["together"] = latency


@native
def mix(memory: Record, part: Record, now: int, count: int) -> None:
    """Render ``count`` samples from sample ``now`` on and put out those of ``latency`` samples before.

    Audio thread: no locks, no allocation, no Python objects.
    """
    mixer, limiter, scratch = memory.mixer, memory.limiter, memory.audio_scratch
    latency = limiter.latency
    left, right = limiter.delay_left, limiter.delay_right
    for i in range(latency, latency + count):
        left[i] = 0.0
        right[i] = 0.0
    spread = part.controls.spread
    gliding = now - spread.begin < spread.length
    apart = spread.target != 0.0 or (gliding and spread.start != 0.0)
    active = 0
    buffer = scratch.mixer.voice
    for index in range(VOICES):
        if part.voices[index].next_slot >= 0:
            take_over(memory, part, index, now)
    for index in range(VOICES):
        voice = part.voices[index]
        if voice.stage == STAGE_WAITING:
            begin_voice(memory, part, index, voice, now)
            apart = apart or (voice.stage > STAGE_WAITING and may_be_placed(part.controls, voice, now))
        elif voice.stage > STAGE_WAITING:
            apart = apart or may_be_placed(part.controls, voice, now)
    for index in range(VOICES):
        voice = part.voices[index]
        if voice.stage > STAGE_WAITING:
            active += 1
            render_voice(memory, part, index, voice, now, buffer, 0, count)
            shape_voice(voice, now, memory.samplerate, buffer, 0, count)
            done = 0
            while done < count:
                moved = next_motion(part.controls, memory.gestures, voice, now + done)
                end = min(count, voice.motion.end - now) if moved else count
                if moved and voice.motion.placed:
                    add_placed(voice.motion, now, buffer, done, end, left, right, latency)
                else:
                    if moved:
                        move_gain(voice.motion, now, buffer, done, end)
                    _add_spread(part, voice.pan, apart, now, buffer, done, end, left, right, latency)
                done = end
    mixer.active_voices = active
    has_effect = _add_effects(memory, part, now, count, active > 0, apart)
    mixer.tail = has_effect
    apart = apart or has_effect
    sounds = active > 0 or has_effect
    if not sounds and mixer.silent >= latency and limiter.rest >= limiter.span:
        _put_out_nothing(scratch.mixer, count)
        return
    mixer.silent = 0 if sounds else mixer.silent + count
    gain = part.controls.output_gain
    _apply_gain(gain, now, count, left, latency)
    if apart:
        _apply_gain(gain, now, count, right, latency)
    else:
        for i in range(latency, latency + count):
            right[i] = left[i]
    wide = apart or mixer.together < latency
    limit(limiter, scratch.limiter, now, count, wide, memory.samplerate, scratch.mixer.left, scratch.mixer.right)
    mixer.together = 0 if apart else mixer.together + count
    _finish(memory, count)


@native
def _add_spread(
    part: Record,
    pan: int,
    apart: bool,
    now: int,
    buffer: np.ndarray,
    first: int,
    end: int,
    left: np.ndarray,
    right: np.ndarray,
    at: int,
) -> None:
    """Add samples of a voice where the spread has its pan position; to left alone if no voice is apart."""
    spread = part.controls.spread
    if not apart:
        for i in range(first, end):
            left[at + i] += buffer[i]
    elif now - spread.begin < spread.length:
        for i in range(first, end):
            to_left, to_right = pan_gains(pan, ramp_value(spread, now + i))
            left[at + i] += to_left * buffer[i]
            right[at + i] += to_right * buffer[i]
    else:
        to_left, to_right = pan_gains(pan, spread.target)
        for i in range(first, end):
            left[at + i] += to_left * buffer[i]
            right[at + i] += to_right * buffer[i]


@native
def _add_effects(memory: Record, part: Record, now: int, count: int, is_fed: bool, apart: bool) -> bool:
    """Let the mix through width, chorus and reverb; False when none had anything to do and all is as it was."""
    width, chorus, reverb, values = memory.width, memory.chorus, memory.reverb, part.controls.values
    left, right, at = memory.limiter.delay_left, memory.limiter.delay_right, memory.limiter.latency
    follow_width(width, values, now, memory.samplerate)
    follow_chorus(chorus, values, now, memory.samplerate)
    follow_reverb(reverb, values, now, memory.samplerate)
    has_width = width_works(width, now, is_fed)
    has_chorus = chorus_works(chorus, now, is_fed or has_width)
    has_reverb = reverb_works(reverb, now, is_fed or has_width or has_chorus)
    if not has_width and not has_chorus and not has_reverb:
        return False
    if not apart:
        for i in range(at, at + count):
            right[i] = left[i]
    if has_width:
        add_width(width, left, right, at, now, count)
    if has_chorus:
        add_chorus(chorus, left, right, at, now, count)
    if has_reverb:
        add_reverb(reverb, memory.audio_scratch.reverb, left, right, at, now, count)
    return True


@native
def hush_effects(memory: Record, now: int) -> None:
    """Let what chorus and reverb still hold end within milliseconds.

    Audio thread: no locks, no allocation, no Python objects.
    """
    hush_chorus(memory.chorus, now, memory.samplerate)
    hush_reverb(memory.reverb, now, memory.samplerate)


@native
def _apply_gain(gain: Record, now: int, count: int, line: np.ndarray, latency: int) -> None:
    for i in range(count):
        line[latency + i] *= ramp_value(gain, now + i)


@native
def _put_out_nothing(scratch: Record, count: int) -> None:
    """All is silent and the limiter at rest: the delay lines hold nothing but zeros and stay as they are."""
    for i in range(count):
        scratch.left[i] = 0.0
        scratch.right[i] = 0.0


@native
def _finish(memory: Record, count: int) -> None:
    """Fade-out and peak."""
    mixer = memory.mixer
    left, right = memory.audio_scratch.mixer.left, memory.audio_scratch.mixer.right
    if load_acquire(memory.words, words.FADE_OUT) != 0:
        fade_step = np.float32(1.0 / (FADE_OUT_S * memory.samplerate))
        for i in range(count):
            mixer.fade = max(mixer.fade - fade_step, np.float32(0))
            left[i] *= mixer.fade
            right[i] *= mixer.fade
    peak = mixer.peak
    for i in range(count):
        peak = max(peak, max(abs(left[i]), abs(right[i])))
    mixer.peak = peak
