"""How an effect is blended in: what goes into it, what goes past it, what comes out, and how it is hushed."""

from __future__ import annotations

import math

import numpy as np

from .envelope import KILL_S, NEVER
from .native import native
from .ramp import RAMP, move_ramp, ramp_value
from .record import Record

BLEND = np.dtype(
    [
        ("mix", "f8"),  # that was set last, 0–1
        ("fed", RAMP),  # factors on what goes in, and so on: an effect that held nothing is fed gently
        ("dry", RAMP),
        ("wet", RAMP),
        ("hush", RAMP),  # 1, but on the way to 0 where all sound ends
    ],
    align=True,
)

BLEND_S = 0.05


def set_up_blend(blend: np.void) -> None:
    """Fill the blend of an effect that is off."""
    blend["fed"]["target"] = blend["dry"]["target"] = blend["hush"]["target"] = 1.0


@native
def is_off(blend: Record, now: int) -> bool:
    """Whether nothing of the effect is heard from sample ``now`` on."""
    return blend.wet.target == 0.0 and now - blend.wet.begin >= blend.wet.length


@native
def aim_blend(blend: Record, mix: float, now: int, samplerate: float) -> None:
    """Let dry and wet glide to a mix, 0–1, from sample ``now`` on; their powers add up to 1.

    Audio thread: no locks, no allocation, no Python objects.
    """
    if mix == blend.mix:
        return
    blend.mix = mix
    length = int(BLEND_S * samplerate)
    if is_off(blend, now):
        _feed_gently(blend, now, length)
    move_ramp(blend.dry, np.float32(math.cos(0.5 * math.pi * mix)), now, length)
    move_ramp(blend.wet, np.float32(math.sin(0.5 * math.pi * mix)), now, length)


@native
def hush(blend: Record, now: int, samplerate: float) -> None:
    """Let what the effect still holds go as fast as a voice that is silenced."""
    move_ramp(blend.hush, np.float32(0), now, int(KILL_S * samplerate + 0.5))


@native
def end_hush(blend: Record, now: int) -> bool:
    """At the end of a hush: True once, and what comes then is heard again."""
    if blend.hush.target != 0.0 or now - blend.hush.begin < blend.hush.length:
        return False
    _feed_gently(blend, blend.hush.begin + blend.hush.length, blend.hush.length)
    blend.hush.target = 1.0
    blend.hush.length = 0
    return True


@native
def _feed_gently(blend: Record, now: int, length: int) -> None:
    """Let what goes in come in from nothing: the effect holds nothing of what sounds already."""
    blend.fed.start = 0.0
    blend.fed.begin = now
    blend.fed.length = length


@native
def next_end(blend: Record, now: int) -> int:
    """The first sample after ``now`` at which the effect is off or hushed."""
    end = NEVER
    if blend.wet.target == 0.0 and now < blend.wet.begin + blend.wet.length:
        end = blend.wet.begin + blend.wet.length
    if blend.hush.target == 0.0 and now < blend.hush.begin + blend.hush.length:
        end = min(end, blend.hush.begin + blend.hush.length)
    return end


@native
def wet_gain(blend: Record, now: int) -> float:
    """Factor at sample ``now`` of what comes out of the effect."""
    return ramp_value(blend.wet, now) * ramp_value(blend.hush, now)
