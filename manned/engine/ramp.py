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
def latent_values(memory, now, out):
    """All latents at sample ``now``."""
    for i in range(len(out)):
        out[i] = ramp_value(
            memory.ramp_start[i], memory.ramp_target[i], memory.ramp_time[i], memory.ramp_length[i], now
        )


@nb.njit(error_model="numpy", cache=True)
def set_latent(ramps, index, target, now, glide_samples):
    """Let one latent of ``ramps`` (the memory, or a scratch copy) glide to ``target`` from sample ``now``."""
    ramps.ramp_start[index] = ramp_value(
        ramps.ramp_start[index], ramps.ramp_target[index], ramps.ramp_time[index], ramps.ramp_length[index], now
    )
    ramps.ramp_target[index] = target
    ramps.ramp_time[index] = now
    ramps.ramp_length[index] = glide_samples
