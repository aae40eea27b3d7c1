"""Gestures: the way of a recording through the latents, with its level and its pitch, replayed by every note.

`manned.model.gesture` is the reference.  A few of them lie in shared memory, by turns: notes that sound go on in
theirs while the next ones begin in another.  Where a note has come to is a pure function of the sample number: a clock
that all share runs at the speed that is set, and the note knows what it showed when the note began.
"""

from __future__ import annotations

import numpy as np

from ..limits import GESTURE_LOOPS, MAX_GESTURE_FRAMES
from ..model.gesture import Gesture
from ..table.parameters import control_index
from .latent_envelope import HELD
from .lfo import lfo_phase
from .native import native
from .record import Record
from .sizes import LATENTS

GESTURES = 8  # in memory, by turns

GESTURE = np.dtype(
    [
        ("frames", "i4"),
        ("latents", "i4"),  # that the model that plays shares with it; 0 when they are another model's
        ("rate", "f8"),  # frames per sample of the output
        ("note", "f8"),  # note number that was recorded
        ("loop_begin", "f8"),  # frames
        ("loop_end", "f8"),
        ("crossfade", "f8"),
        ("hold", "f8"),
        ("anchor", "f4", LATENTS),  # where the latents stand for the recording to sound as it was
        ("level", "f4", MAX_GESTURE_FRAMES),  # factor
        ("pitch", "f4", MAX_GESTURE_FRAMES),  # semitones
        ("values", "f4", (MAX_GESTURE_FRAMES, LATENTS)),
    ],
    align=True,
)

CLOCK = np.dtype([("number", "i8"), ("rate", "f8"), ("phase", "f8"), ("time", "i8")], align=True)
"""Which gesture notes begin with, 0 for none; the speed of all and what they have played, as an LFO has them."""

DEPTH, LEVEL, PITCH = (control_index(f"gesture/{name}") for name in ("depth", "level", "pitch"))
_LOOP, _START, _KEY = (control_index(f"gesture/{name}") for name in ("loop", "start", "key"))
ROUND, HOLD = GESTURE_LOOPS.index("loop"), GESTURE_LOOPS.index("hold")


def set_gesture(record: np.void, gesture: Gesture, latents: int, samplerate: float) -> None:
    """Write a gesture into a `GESTURE`; ``latents`` of its latents are to be played."""
    frames, own = gesture.latents.shape
    record["frames"], record["latents"] = frames, min(latents, own)
    record["rate"] = gesture.rate_hz / samplerate
    record["note"] = gesture.note
    begin, end = gesture.loop
    record["loop_begin"], record["loop_end"] = begin * gesture.rate_hz, end * gesture.rate_hz
    record["crossfade"] = gesture.crossfade_s * gesture.rate_hz
    record["hold"] = gesture.hold * gesture.rate_hz
    record["anchor"][:own] = gesture.anchor
    record["level"][:frames] = gesture.level
    record["pitch"][:frames] = gesture.pitch
    record["values"][:frames, :own] = gesture.latents


@native
def begin_gesture(controls: Record, gestures: Record, tone: Record, now: int, samplerate: float) -> None:
    """Let a note play, from sample ``now`` on, the gesture that is set."""
    clock = controls.gesture
    tone.gesture = clock.number
    if clock.number == 0:
        return
    gesture = gestures[clock.number % GESTURES]
    tone.gesture_pace = 2.0 ** (controls.values[_KEY] * (tone.pitch - gesture.note) / 12.0)
    tone.gesture_begin = lfo_phase(clock, now) - controls.values[_START] * samplerate / tone.gesture_pace


@native
def plays_gesture(gesture: Record, tone: Record) -> bool:
    """Whether a note has a gesture to play."""
    return tone.gesture > 0 and gesture.frames > 0


@native
def gesture_place(controls: Record, gesture: Record, tone: Record, now: int) -> tuple[float, float, float]:
    """Where in its gesture a note is at sample ``now``: a frame, another one, and the share of the other.

    Near the end of a loop the other one is where the loop begins.
    """
    clock, last = controls.gesture, float(gesture.frames - 1)
    held = tone.release == HELD or tone.release >= now
    until = lfo_phase(clock, now) if held else tone.gesture_release
    place = max((until - tone.gesture_begin) * tone.gesture_pace * gesture.rate, 0.0)
    way = int(controls.values[_LOOP])
    if way == ROUND and place >= gesture.loop_end:
        length = gesture.loop_end - gesture.loop_begin
        place = gesture.loop_begin + (place - gesture.loop_begin) % length
    elif way == HOLD:
        place = min(place, gesture.hold)
    if not held:
        place += max(lfo_phase(clock, now) - until, 0.0) * tone.gesture_pace * gesture.rate
        return min(place, last), 0.0, 0.0
    fading = place - (gesture.loop_end - gesture.crossfade)
    if way == ROUND and fading > 0.0 and gesture.crossfade > 0.0:
        return place, place - (gesture.loop_end - gesture.loop_begin), fading / gesture.crossfade
    return min(place, last), 0.0, 0.0


@native
def _value(controls: Record, gesture: Record, curve: np.ndarray, tone: Record, now: int) -> float:
    """What a curve of a gesture says for a note at sample ``now``."""
    place, other, share = gesture_place(controls, gesture, tone, now)
    value = _between(curve, gesture.frames, place)
    return value + share * (_between(curve, gesture.frames, other) - value) if share > 0.0 else value


@native
def _between(curve: np.ndarray, frames: int, place: float) -> float:
    below = min(int(place), frames - 1)
    above = min(below + 1, frames - 1)
    return curve[below] + (place - below) * (curve[above] - curve[below])


@native
def add_gesture(controls: Record, gestures: Record, tone: Record, now: int, count: int, out: np.ndarray) -> bool:
    """Add to ``count`` latents what a note's gesture says at sample ``now``; False when that is nothing."""
    depth = controls.values[DEPTH]
    gesture = gestures[tone.gesture % GESTURES]
    if depth == 0.0 or not plays_gesture(gesture, tone) or gesture.latents == 0:
        return False
    place, other, share = gesture_place(controls, gesture, tone, now)
    last = gesture.frames - 1
    below, under = min(int(place), last), min(int(other), last)
    above, over = min(below + 1, last), min(under + 1, last)
    near, far = place - below, other - under
    values = gesture.values
    for i in range(min(count, gesture.latents)):
        value = values[below, i] + near * (values[above, i] - values[below, i])
        if share > 0.0:
            value += share * (values[under, i] + far * (values[over, i] - values[under, i]) - value)
        out[i] += np.float32(depth * (value - gesture.anchor[i]))
    return True


@native
def gesture_level(controls: Record, gestures: Record, tone: Record, now: int) -> float:
    """Factor on the level of a note at sample ``now``."""
    followed = controls.values[LEVEL]
    gesture = gestures[tone.gesture % GESTURES]
    if followed == 0.0 or not plays_gesture(gesture, tone):
        return 1.0
    level = _value(controls, gesture, gesture.level, tone, now)
    return level if followed == 1.0 else max(level, 0.0) ** followed


@native
def gesture_pitch(controls: Record, gestures: Record, tone: Record, now: int) -> float:
    """Semitones that a note is moved by at sample ``now``."""
    followed = controls.values[PITCH]
    gesture = gestures[tone.gesture % GESTURES]
    if followed == 0.0 or not plays_gesture(gesture, tone):
        return 0.0
    return followed * _value(controls, gesture, gesture.pitch, tone, now)
