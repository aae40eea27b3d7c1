"""The chorus: two copies a side, whose delays sway against each other, those of the right a quarter turn later.

What one copy is too high the other is too low, so the sound gets wide and stays in tune.  The depth says how
far out of tune a copy goes, at any rate; at slow rates the reach of the delays is the limit.

At a mix of 0 the chorus holds nothing and does nothing; it does nothing either when its rings hold nothing but zeros.
"""

from __future__ import annotations

import math

import numpy as np

from ..limits import DEVICE_RATES
from ..table.parameters import control_index
from .blend import BLEND, aim_blend, end_hush, hush, is_off, next_end, set_up_blend, wet_gain
from .delay import read_between, ring_length, soft_sine
from .lfo import lfo_phase, set_lfo_rate
from .native import native
from .ramp import LINE, line_value, move_line, ramp_value, rest_line
from .record import Record

MIX, RATE, DEPTH = control_index("chorus/mix"), control_index("chorus/rate"), control_index("chorus/depth")

DELAYS_S = ((0.0071, 0.0127), (0.0083, 0.0149))  # of the copies of left and right, in the middle
REACH_S = 0.005
DETUNING_CENTS = 20.0  # of a copy at full depth
GLIDE_S = 0.3  # of the reach


def _longest(samplerate: float) -> int:
    return ring_length((max(map(max, DELAYS_S)) + REACH_S) * samplerate + 2)


CHORUS = np.dtype(
    [
        ("blend", BLEND),
        ("rate", "f8"),  # as of an LFO: turns per sample, and turns at sample ``time``
        ("phase", "f8"),
        ("time", "i8"),
        ("rate_hz", "f8"),  # as set last; 0 before the first time
        ("depth", "f8"),
        ("reach", LINE),  # samples to either side
        ("delay", "f8", (2, 2)),  # samples, of the copies of left and right
        ("fed", "i8"),  # the sample after the last that was not 0
        ("mask", "i8"),
        ("rings", "f4", 2 * _longest(DEVICE_RATES[1])),
    ],
    align=True,
)

_LONG_AGO = -(1 << 60)
_HALF_POWER = np.float32(0.5**0.5)


def set_up_chorus(chorus: np.void, samplerate: float) -> None:
    """Fill a chorus that is off."""
    set_up_blend(chorus["blend"])
    chorus["delay"] = np.array(DELAYS_S) * samplerate
    chorus["mask"] = _longest(samplerate) - 1
    chorus["fed"] = _LONG_AGO


@native
def follow_chorus(chorus: Record, values: np.ndarray, now: int, samplerate: float) -> None:
    """Take up what is set, at the start of a stretch.

    Audio thread: no locks, no allocation, no Python objects.
    """
    _come_to_ends(chorus, now)
    aim_blend(chorus.blend, values[MIX], now, samplerate)
    if values[RATE] == chorus.rate_hz and values[DEPTH] == chorus.depth:
        return
    first = chorus.rate_hz == 0.0
    chorus.rate_hz, chorus.depth = values[RATE], values[DEPTH]
    set_lfo_rate(chorus, chorus.rate_hz / samplerate, now)
    cents_of_a_second = 1200.0 / math.log(2.0) * 2.0 * math.pi * chorus.rate_hz
    reach = chorus.depth * min(REACH_S, DETUNING_CENTS / cents_of_a_second) * samplerate
    if first:
        rest_line(chorus.reach, reach)
    else:
        move_line(chorus.reach, reach, now, int(GLIDE_S * samplerate))


@native
def hush_chorus(chorus: Record, now: int, samplerate: float) -> None:
    """Let the copies end within milliseconds.

    Audio thread: no locks, no allocation, no Python objects.
    """
    _come_to_ends(chorus, now)
    hush(chorus.blend, now, samplerate)


@native
def chorus_works(chorus: Record, now: int, is_fed: bool) -> bool:
    """Whether something of the chorus may be heard from sample ``now`` on."""
    return not is_off(chorus.blend, now) and (is_fed or now <= chorus.fed + chorus.mask)


@native
def add_chorus(chorus: Record, left: np.ndarray, right: np.ndarray, at: int, now: int, count: int) -> None:
    """Blend the chorus into ``count`` samples from ``left[at]`` and ``right[at]`` on.

    Audio thread: no locks, no allocation, no Python objects.
    """
    done = 0
    while done < count:
        t = now + done
        _come_to_ends(chorus, t)
        if is_off(chorus.blend, t):
            return
        stretch = min(count - done, next_end(chorus.blend, t) - t)
        for i in range(at + done, at + done + stretch):
            if left[i] != 0.0 or right[i] != 0.0:
                chorus.fed = now + i - at + 1
        _add_copies(chorus, 0, left, at + done, t, stretch)
        _add_copies(chorus, 1, right, at + done, t, stretch)
        done += stretch


@native
def _come_to_ends(chorus: Record, now: int) -> None:
    """Forget, at sample ``now``, what is no longer heard."""
    hushed = end_hush(chorus.blend, now)
    if (hushed or is_off(chorus.blend, now)) and chorus.fed != _LONG_AGO:
        chorus.fed = _LONG_AGO
        for i in range(2 * (chorus.mask + 1)):
            chorus.rings[i] = 0.0


@native
def _add_copies(chorus: Record, side: int, line: np.ndarray, at: int, now: int, count: int) -> None:
    """Blend two copies of one side into it."""
    blend, rings, mask = chorus.blend, chorus.rings, chorus.mask
    place = side * (mask + 1)
    for i in range(count):
        t = now + i
        rings[place + (t & mask)] = ramp_value(blend.fed, t) * line[at + i]
        sway = line_value(chorus.reach, t) * soft_sine(lfo_phase(chorus, t) - 0.25 * side)
        one, other = chorus.delay[side, 0] + sway, chorus.delay[side, 1] - sway
        whole, other_whole = int(one), int(other)
        copies = read_between(rings, place, mask, t - whole, np.float32(one - whole))
        copies += read_between(rings, place, mask, t - other_whole, np.float32(other - other_whole))
        line[at + i] = ramp_value(blend.dry, t) * line[at + i] + wet_gain(blend, t) * _HALF_POWER * copies
