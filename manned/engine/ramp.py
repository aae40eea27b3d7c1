"""Values that glide, as pure functions of the sample number.

Because a value at sample t does not depend on how the samples before t were cut
into blocks, a render is the same at every block size.
"""

from __future__ import annotations

import numba as nb
import numpy as np


@nb.njit(error_model="numpy", cache=True)
def ramp_value(start, target, begin, length, now):
    """Value at sample ``now`` of a line from ``start`` to ``target`` over ``length`` samples from ``begin`` on."""
    passed = now - begin
    if passed >= length:
        return target
    return start + (target - start) * np.float32(passed / length)


@nb.njit(error_model="numpy", cache=True)
def ramp_at(ramps, index, now):
    """Value of one of many ramps (a `RAMPS` record) at sample ``now``."""
    return ramp_value(ramps.start[index], ramps.target[index], ramps.time[index], ramps.length[index], now)


@nb.njit(error_model="numpy", cache=True)
def set_ramp(ramps, index, target, now, length):
    """Let one of many ramps glide to ``target`` from where it is at sample ``now``."""
    ramps.start[index] = ramp_at(ramps, index, now)
    ramps.target[index] = target
    ramps.time[index] = now
    ramps.length[index] = length


@nb.njit(error_model="numpy", cache=True)
def copy_ramps(to, source):
    """Copy all of them."""
    for i in range(len(to.target)):
        to.start[i] = source.start[i]
        to.target[i] = source.target[i]
        to.time[i] = source.time[i]
        to.length[i] = source.length[i]
