"""The width: what is in the middle is scattered over a few milliseconds and added to one side, taken from the other.

So one note alone is wide, and left and right together are what they were.  The scattered copies are few and of random
places and signs (sparse "velvet" noise, Karjalainen and Järveläinen, 2007): they colour little and end by themselves.
At a width of 0 it holds nothing and does nothing; it does nothing either when its ring holds nothing but zeros.
"""

from __future__ import annotations

import numpy as np

from ..limits import DEVICE_RATES
from ..table.parameters import control_index
from .delay import ring_length
from .native import native
from .ramp import RAMP, move_ramp, ramp_value
from .record import Record

AMOUNT = control_index("width")
COPIES = 16
LONGEST_S = 0.024
DECAY_DB = 12.0  # from the first copy to the last
GLIDE_S = 0.05
POWER = 0.5  # of all copies, beside the middle, at full width


def _longest(samplerate: float) -> int:
    return ring_length(LONGEST_S * samplerate + 1)


WIDTH = np.dtype(
    [
        ("set", "f8"),  # as set last, 0–1
        ("amount", RAMP),
        ("delay", "i8", COPIES),  # samples
        ("gain", "f4", COPIES),
        ("fed", "i8"),  # the sample after the last that was not 0
        ("mask", "i8"),
        ("ring", "f4", _longest(DEVICE_RATES[1])),
    ],
    align=True,
)

_LONG_AGO = -(1 << 60)


def set_up_width(width: np.void, samplerate: float) -> None:
    """Fill a width of 0: one copy in each equal part of the time, at a random place and of a random sign."""
    chance = np.random.default_rng(7)
    places = (np.arange(COPIES) + chance.uniform(0.1, 0.9, COPIES)) / COPIES
    gains = chance.choice((-1.0, 1.0), COPIES) * 10.0 ** (-DECAY_DB * places / 20.0)
    width["delay"] = np.maximum(np.round(places * LONGEST_S * samplerate), 1)
    width["gain"] = gains * np.sqrt(POWER / np.sum(np.square(gains)))
    width["mask"] = _longest(samplerate) - 1
    width["fed"] = _LONG_AGO


@native
def follow_width(width: Record, values: np.ndarray, now: int, samplerate: float) -> None:
    """Take up what is set, at the start of a stretch.

    Audio thread: no locks, no allocation, no Python objects.
    """
    _come_to_end(width, now)
    if values[AMOUNT] != width.set:
        width.set = values[AMOUNT]
        move_ramp(width.amount, np.float32(width.set), now, int(GLIDE_S * samplerate))


@native
def _is_off(width: Record, now: int) -> bool:
    return width.amount.target == 0.0 and now - width.amount.begin >= width.amount.length


@native
def width_works(width: Record, now: int, is_fed: bool) -> bool:
    """Whether left and right are made to differ from sample ``now`` on."""
    return not _is_off(width, now) and (is_fed or now <= width.fed + width.mask)


@native
def _come_to_end(width: Record, now: int) -> None:
    """Forget, at sample ``now``, what is no longer heard."""
    if _is_off(width, now) and width.fed != _LONG_AGO:
        width.fed = _LONG_AGO
        for i in range(width.mask + 1):
            width.ring[i] = 0.0


@native
def add_width(width: Record, left: np.ndarray, right: np.ndarray, at: int, now: int, count: int) -> None:
    """Widen ``count`` samples from ``left[at]`` and ``right[at]`` on.

    Audio thread: no locks, no allocation, no Python objects.
    """
    ring, mask, amount = width.ring, width.mask, width.amount
    for i in range(count):
        t = now + i
        middle = np.float32(0.5) * (left[at + i] + right[at + i])
        if middle != 0.0:
            width.fed = t + 1
        ring[t & mask] = middle
        scattered = np.float32(0)
        for k in range(COPIES):
            scattered += width.gain[k] * ring[(t - width.delay[k]) & mask]
        side = ramp_value(amount, t) * scattered
        left[at + i] += side
        right[at + i] -= side
