"""The reverb: predelay, network, and when there is nothing to do.

At a mix of 0 the reverb holds nothing and does nothing.  What it holds is forgotten, at one very
sample, when for half a second nothing went in and nothing above -120 dB came out: then it does nothing
either until something goes in.

What is set is compared with what was set before at the start of each stretch of samples.  Events cut
stretches, so every glide begins at the sample of its event.
"""

from __future__ import annotations

import math

import numpy as np

from ..limits import DEVICE_RATES
from ..table.parameters import control_index
from .blend import BLEND, aim_blend, end_hush, hush, is_off, next_end, set_up_blend, wet_gain
from .delay import ring_length
from .feedback import NETWORK, aim_network, forget_filters, next_bend, run_network, set_up_network
from .feedback import SCRATCH as SCRATCH
from .native import native
from .ramp import RAMP, move_ramp, ramp_value
from .record import Record

MIX, TIME = control_index("reverb/mix"), control_index("reverb/time")
DAMPING, PREDELAY = control_index("reverb/damping"), control_index("reverb/predelay")

LONGEST_PREDELAY_S = 0.25
GLIDE_S = 0.1  # of time and damping
CROSSFADE_S = 0.05  # from one predelay to the next
PATIENCE_S = 0.5  # longer than predelay, lines and allpasses together
SILENT = np.float32(1e-6)
TIDIED = 8192  # samples that are zeroed in one stretch


def _longest(samplerate: float) -> int:
    return ring_length(LONGEST_PREDELAY_S * samplerate + 2)


REVERB = np.dtype(
    [
        ("blend", BLEND),
        ("time", "f8"),  # as set last; 0 before the first time
        ("damping", "f8"),
        ("level", RAMP),  # that makes the reverberation of a steady sound as loud as the sound
        ("predelay", "i8"),  # samples, as set last
        ("cross_from", "i8"),  # the crossfade from one predelay to the next
        ("cross_to", "i8"),
        ("cross_begin", "i8"),
        ("cross_end", "i8"),
        ("cross_length", "i8"),
        ("patience", "i8"),  # samples
        ("heard", "i8"),  # the sample after the last that was heard or went in
        ("untidy", "i8"),  # samples that may hold what is forgotten: of the network's rings, then of those before it
        ("before_mask", "i8"),
        ("before", "f4", 2 * _longest(DEVICE_RATES[1])),  # rings of what goes in, left and right
        ("network", NETWORK),
    ],
    align=True,
)

_LONG_AGO = -(1 << 60)


def set_up_reverb(reverb: np.void, samplerate: float) -> None:
    """Fill a reverb that is off."""
    set_up_blend(reverb["blend"])
    set_up_network(reverb["network"], samplerate)
    reverb["before_mask"] = _longest(samplerate) - 1
    reverb["cross_length"] = CROSSFADE_S * samplerate
    reverb["patience"] = PATIENCE_S * samplerate
    reverb["heard"] = _LONG_AGO
    # Memory that was never written to would be brought in by the audio thread, page by page.
    reverb["before"][: 2 * _longest(samplerate)] = 0.0
    reverb["network"]["rings"][: reverb["network"]["used"]] = 0.0


@native
def follow_reverb(reverb: Record, values: np.ndarray, now: int, samplerate: float) -> None:
    """Take up what is set, at the start of a stretch.

    Audio thread: no locks, no allocation, no Python objects.
    """
    _come_to_ends(reverb, now)
    aim_blend(reverb.blend, values[MIX], now, samplerate)
    first = reverb.time == 0.0
    if values[TIME] != reverb.time or values[DAMPING] != reverb.damping:
        reverb.time, reverb.damping = values[TIME], values[DAMPING]
        glide = 0 if first else int(GLIDE_S * samplerate)
        lost = aim_network(reverb.network, reverb.time, reverb.damping, now, glide, samplerate)
        move_ramp(reverb.level, np.float32(math.sqrt(lost / (1.0 - lost))), now, glide)
    predelay = int(values[PREDELAY] * samplerate + 0.5)
    if predelay != reverb.predelay:
        reverb.predelay = predelay
        if first:
            reverb.cross_to = predelay
        elif now >= reverb.cross_end:
            _cross(reverb, now)
    if reverb.heard == _LONG_AGO:
        _tidy(reverb, TIDIED)


@native
def hush_reverb(reverb: Record, now: int, samplerate: float) -> None:
    """Let the tail end within milliseconds.

    Audio thread: no locks, no allocation, no Python objects.
    """
    _come_to_ends(reverb, now)
    hush(reverb.blend, now, samplerate)


@native
def reverb_works(reverb: Record, now: int, is_fed: bool) -> bool:
    """Whether something of the reverb may be heard from sample ``now`` on."""
    return not is_off(reverb.blend, now) and (is_fed or now < reverb.heard + reverb.patience)


@native
def add_reverb(
    reverb: Record, scratch: Record, left: np.ndarray, right: np.ndarray, at: int, now: int, count: int
) -> None:
    """Blend the reverb into ``count`` samples from ``left[at]`` and ``right[at]`` on.

    Audio thread: no locks, no allocation, no Python objects.
    """
    done = 0
    while done < count:
        t = now + done
        _come_to_ends(reverb, t)
        if is_off(reverb.blend, t):
            return
        if reverb.heard == _LONG_AGO:
            begin = at + done
            while done < count and left[at + done] == 0.0 and right[at + done] == 0.0:
                done += 1
            if at + done > begin:
                continue
            _tidy(reverb, reverb.untidy)
            reverb.heard = t
        stretch = min(count - done, min(next_bend(reverb.network, t), next_end(reverb.blend, t)) - t)
        if t < reverb.cross_end:
            stretch = min(stretch, reverb.cross_end - t)
        stretch = min(stretch, reverb.heard + reverb.patience - t)
        _feed(reverb, scratch.sides, left, right, at + done, t, stretch)
        run_network(reverb.network, scratch, t, stretch)
        _blend_in(reverb, scratch.heard, left, right, at + done, t, stretch)
        done += stretch


@native
def _come_to_ends(reverb: Record, now: int) -> None:
    """Do what is due at sample ``now``: forget what is no longer heard, begin the crossfade that waited for another."""
    hushed = end_hush(reverb.blend, now)
    over = hushed or is_off(reverb.blend, now) or now >= reverb.heard + reverb.patience
    if over and reverb.heard != _LONG_AGO:
        reverb.heard = _LONG_AGO
        forget_filters(reverb.network)
        reverb.untidy = reverb.network.used + 2 * (reverb.before_mask + 1)
    if reverb.predelay != reverb.cross_to and now >= reverb.cross_end:
        _cross(reverb, reverb.cross_end)


@native
def _tidy(reverb: Record, most: int) -> None:
    """Zero the last ``most`` samples of what is untidy."""
    end, used = reverb.untidy, reverb.network.used
    begin = max(end - most, 0)
    for i in range(begin, min(end, used)):
        reverb.network.rings[i] = 0.0
    for i in range(max(begin, used), end):
        reverb.before[i - used] = 0.0
    reverb.untidy = begin


@native
def _cross(reverb: Record, begin: int) -> None:
    """Let the crossfade to the predelay that was set begin."""
    reverb.cross_from = reverb.cross_to
    reverb.cross_to = reverb.predelay
    reverb.cross_begin = begin
    reverb.cross_end = begin + reverb.cross_length


@native
def _feed(
    reverb: Record, sides: np.ndarray, left: np.ndarray, right: np.ndarray, at: int, now: int, count: int
) -> None:
    """Fill ``sides`` with what went in a predelay ago."""
    before, mask = reverb.before, reverb.before_mask
    for i in range(count):
        fed = ramp_value(reverb.blend.fed, now + i)
        before[(now + i) & mask] = fed * left[at + i]
        before[mask + 1 + ((now + i) & mask)] = fed * right[at + i]
    for side in range(2):
        place = side * (mask + 1)
        new = now - reverb.cross_to
        if now >= reverb.cross_end:
            for i in range(count):
                sides[side, i] = before[place + ((new + i) & mask)]
        else:
            old = now - reverb.cross_from
            for i in range(count):
                x = np.float32((now + i - reverb.cross_begin) / reverb.cross_length)
                from_old, from_new = before[place + ((old + i) & mask)], before[place + ((new + i) & mask)]
                sides[side, i] = from_old + (from_new - from_old) * x


@native
def _blend_in(
    reverb: Record, heard: np.ndarray, left: np.ndarray, right: np.ndarray, at: int, now: int, count: int
) -> None:
    """Add what the network gave, and note when something was heard or went in last."""
    blend, last = reverb.blend, reverb.heard
    for i in range(count):
        level = ramp_value(reverb.level, now + i)
        to_left, to_right = level * heard[0, i], level * heard[1, i]
        if left[at + i] != 0.0 or right[at + i] != 0.0 or max(abs(to_left), abs(to_right)) > SILENT:
            last = now + i + 1
        dry, wet = ramp_value(blend.dry, now + i), wet_gain(blend, now + i)
        left[at + i] = dry * left[at + i] + wet * to_left
        right[at + i] = dry * right[at + i] + wet * to_right
    reverb.heard = last
