"""The paper's phase (section VI): that of a stored white-noise signal, frame by frame."""

from __future__ import annotations

import numba as nb

from ..memory import BINS, NOISE_FRAMES


@nb.njit(error_model="numpy", cache=True)
def noise_phase(memory, stream):
    """Audio thread: no locks, no allocation, no Python objects."""
    frame = stream.noise_frame % NOISE_FRAMES
    for k in range(BINS):
        stream.phase[k] = memory.noise[frame, k]
        stream.frequency[k] = k
