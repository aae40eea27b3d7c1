"""How far an LFO or an envelope moves what it moves: notes that sound go over to another depth or target gently."""

from __future__ import annotations

import numpy as np

from .native import native
from .ramp import RAMP, move_ramp, ramp_value
from .record import Record

DEPTH = np.dtype([("target", "i4"), ("amount", RAMP), ("former", "i4"), ("leaving", RAMP)], align=True)
"""What is moved, and how far; and what was moved before.

Latents go by the amount that was set last, since each frame fades over into the next; all else by `depth_of`.
"""

LET_GO_S = 0.1


@native
def set_depth(depth: Record, amount: float, now: int, samplerate: float) -> None:
    """Let the depth go to another amount."""
    move_ramp(depth.amount, np.float32(amount), now, int(LET_GO_S * samplerate))


@native
def set_depth_target(depth: Record, target: int, now: int, samplerate: float) -> None:
    """Let another target be moved."""
    if target == depth.target:
        return
    depth.former = depth.target
    depth.leaving = depth.amount
    move_ramp(depth.leaving, np.float32(0), now, int(LET_GO_S * samplerate))
    amount = depth.amount.target
    depth.target = target
    depth.amount.start = depth.amount.target = 0.0
    depth.amount.length = 0
    set_depth(depth, amount, now, samplerate)


@native
def depth_of(depth: Record, target: int, onset: int, now: int) -> float:
    """How far a target of a note that began at sample ``onset`` is moved at sample ``now``.

    A note that begins later than what was set has it from its first sample.
    """
    total = np.float32(0)
    if depth.target == target:
        amount = depth.amount
        total += amount.target if onset >= amount.begin else ramp_value(amount, now)
    if depth.former == target and onset < depth.leaving.begin:
        total += ramp_value(depth.leaving, now)
    return total


@native
def note_moved(depth: Record, moved: np.ndarray) -> None:
    """Note which targets may be moved from now on."""
    if depth.amount.target != 0 or depth.amount.start != 0:
        moved[depth.target] = 1
    if depth.leaving.start != 0:
        moved[depth.former] = 1
