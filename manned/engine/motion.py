"""The level of a voice and its place between left and right, as far as they move: unison, gestures, LFOs, envelopes.

At every `GRID`-th sample, counted from the engine's first, a voice works out its gains for the next such sample;
between the two they are interpolated, so they do not depend on how the samples are cut into blocks.  A voice that
nothing moves works out nothing.
"""

from __future__ import annotations

import math

import numpy as np

from .gesture import gesture_level
from .modulation import LEVEL, PAN, moved_by
from .native import native
from .ramp import ramp_value
from .reader import GRID
from .record import Record
from .tone import unison_place

MOTION = np.dtype(
    [
        ("begin", "i8"),  # of the grid's cell
        ("end", "i8"),
        ("placed", "i4"),  # whether left and right differ within it
        ("left", "f4"),  # gains at its beginning
        ("right", "f4"),
        ("left_next", "f4"),  # and at its end
        ("right_next", "f4"),
    ],
    align=True,
)

PAN_POSITIONS = 9  # 0 is the middle, odd ones lie left and even ones right of it, the last two at the ends


@native
def side_of(pan: int) -> float:
    """Where a pan position lies at full spread, -1 to 1."""
    side = (pan + 1) // 2 / (PAN_POSITIONS // 2)
    return -side if pan % 2 else side


@native
def pan_gains(pan: int, spread: float) -> tuple[float, float]:
    """Factors of left and right for a pan position: equal power, exactly 1 and 1 in the middle."""
    angle = np.float32(0.25 * math.pi) * spread * np.float32(side_of(pan))
    middle, aside = np.cos(angle), np.sin(angle)
    return middle - aside, middle + aside


@native
def is_moved(controls: Record, voice: Record) -> bool:
    """Whether anything may move the level or the place of a voice."""
    tone = voice.tone
    return (
        tone.members > 1 or tone.gesture > 0 or tone.offsets.given or controls.moved[LEVEL] or controls.moved[PAN]
    ) != 0


@native
def may_be_placed(controls: Record, voice: Record, now: int) -> bool:
    """Whether left and right of a voice may differ before the next event."""
    tone, width, motion = voice.tone, controls.unison_width, voice.motion
    if controls.moved[PAN] or tone.offsets.given or motion.left_next != motion.right_next:
        return True
    return tone.members > 1 and (width.target != 0.0 or now - width.begin < width.length)


@native
def begin_motion(controls: Record, gestures: Record, voice: Record, now: int, samplerate: float) -> None:
    """Put a voice that begins at sample ``now`` where it is to begin."""
    motion = voice.motion
    motion.end = now
    motion.left_next = motion.right_next = 1.0
    if is_moved(controls, voice):
        _aim(controls, gestures, voice, now)


@native
def next_motion(controls: Record, gestures: Record, voice: Record, now: int) -> bool:
    """Find the cell that holds sample ``now``; False when nothing moves the voice in it."""
    motion = voice.motion
    if now < motion.end:
        return True
    if not is_moved(controls, voice) and motion.left_next == 1.0 and motion.right_next == 1.0:
        return False
    motion.begin = now
    motion.end = (now // GRID + 1) * GRID
    motion.left, motion.right = motion.left_next, motion.right_next
    _aim(controls, gestures, voice, motion.end)
    motion.placed = motion.left != motion.right or motion.left_next != motion.right_next
    return True


@native
def _aim(controls: Record, gestures: Record, voice: Record, when: int) -> None:
    """Work out the gains at a sample."""
    tone, motion = voice.tone, voice.motion
    gain = 1.0
    if tone.members > 1:
        gain = 1.0 / math.sqrt(tone.members)
    if tone.gesture > 0:
        gain *= gesture_level(controls, gestures, tone, when)
    moved = moved_by(controls, tone, LEVEL, when)
    if moved != 0.0:
        gain *= min(max(1.0 + moved, 0.0), 2.0)
    side = moved_by(controls, tone, PAN, when)
    if tone.members > 1:
        side += ramp_value(controls.unison_width, when) * unison_place(tone)
    if side == 0.0:
        motion.left_next = motion.right_next = np.float32(gain)
        return
    side += ramp_value(controls.spread, when) * side_of(voice.pan)
    angle = 0.25 * math.pi * min(max(side, -1.0), 1.0)
    middle, aside = math.cos(angle), math.sin(angle)
    motion.left_next = np.float32(gain * (middle - aside))
    motion.right_next = np.float32(gain * (middle + aside))


@native
def move_gain(motion: Record, now: int, buffer: np.ndarray, first: int, end: int) -> None:
    """Multiply samples of a voice by a gain that left and right share; ``buffer[0]`` is sample ``now``."""
    slope = (motion.left_next - motion.left) / np.float32(motion.end - motion.begin)
    for i in range(first, end):
        buffer[i] *= motion.left + slope * np.float32(now + i - motion.begin)


@native
def add_placed(
    motion: Record, now: int, buffer: np.ndarray, first: int, end: int, left: np.ndarray, right: np.ndarray, at: int
) -> None:
    """Add samples of a voice to left and right, each with its own gain; ``left[at]`` is sample ``now``."""
    length = np.float32(motion.end - motion.begin)
    to_left, to_right = (motion.left_next - motion.left) / length, (motion.right_next - motion.right) / length
    for i in range(first, end):
        passed = np.float32(now + i - motion.begin)
        left[at + i] += (motion.left + to_left * passed) * buffer[i]
        right[at + i] += (motion.right + to_right * passed) * buffer[i]
