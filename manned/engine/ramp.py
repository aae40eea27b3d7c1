"""Values that glide, as pure functions of the sample number.

Because a value at sample t does not depend on how the samples before t were cut
into blocks, a render is the same at every block size.
"""

from __future__ import annotations

import numpy as np

from .native import native
from .record import Record

RAMP = np.dtype([("start", "f4"), ("target", "f4"), ("begin", "i8"), ("length", "i8")], align=True)
"""A level on its way from ``start`` to ``target``, in ``length`` samples from sample ``begin`` on."""

LINE = np.dtype([("start", "f8"), ("target", "f8"), ("begin", "i8"), ("length", "i8")], align=True)
"""The same in double precision, of which the pitch is made."""


@native
def ramp_value(ramp: Record, now: int) -> float:
    """Value of a `RAMP` at sample ``now``."""
    passed = now - ramp.begin
    if passed >= ramp.length:
        return ramp.target
    return ramp.start + (ramp.target - ramp.start) * np.float32(passed / ramp.length)


@native
def move_ramp(ramp: Record, target: float, now: int, length: int) -> None:
    """Let a `RAMP` go from where it is at sample ``now`` to ``target`` in ``length`` samples."""
    ramp.start = ramp_value(ramp, now)
    ramp.target = target
    ramp.begin = now
    ramp.length = length


@native
def line_value(line: Record, now: int) -> float:
    """Value of a `LINE` at sample ``now``, not before it began."""
    passed = now - line.begin
    if passed >= line.length:
        return line.target
    return line.start + (line.target - line.start) * (passed / line.length)


@native
def move_line(line: Record, target: float, now: int, length: int) -> None:
    """Let a `LINE` go from where it is at sample ``now`` to ``target`` in ``length`` samples."""
    line.start = line_value(line, now)
    line.target = target
    line.begin = now
    line.length = length


@native
def rest_line(line: Record, value: float) -> None:
    """Put a `LINE` at a value, where it stays."""
    line.start = value
    line.target = value
    line.begin = 0
    line.length = 0
