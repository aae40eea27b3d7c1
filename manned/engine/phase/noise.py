"""The paper's phase (section VI): that of a stored white-noise signal, frame by frame."""

from __future__ import annotations

import numba as nb

from ..memory import BINS, NOISE_FRAMES, SHORTEST_HOP

NOISE_LOOP = NOISE_FRAMES * SHORTEST_HOP


@nb.njit(error_model="numpy", cache=True)
def noise_of(memory, stream):
    """Stored phases (turns) of the frame nearest to where the stream has come to."""
    return memory.noise[(stream.noise_at + SHORTEST_HOP // 2) // SHORTEST_HOP % NOISE_FRAMES]


@nb.njit(error_model="numpy", cache=True)
def noise_phase(memory, stream):
    """Audio thread: no locks, no allocation, no Python objects."""
    noise = noise_of(memory, stream)
    for k in range(BINS):
        stream.phase[k] = noise[k]
        stream.frequency[k] = k
