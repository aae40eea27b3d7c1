"""The paper's phase (section VI): that of a stored white-noise signal, frame by frame."""

from __future__ import annotations

import numpy as np

from ..native import native
from ..record import Record
from ..sizes import BINS, FFT, SHORTEST_HOP

NOISE_FRAMES = 512  # at the shortest hop
NOISE_LOOP = NOISE_FRAMES * SHORTEST_HOP  # samples

TABLE = np.dtype([("phases", "f4", (NOISE_FRAMES, BINS))], align=True)
"""Phases in turns of the STFT of a loop of white noise at the shortest hop."""


def fill_table(table: np.void) -> None:
    """Analyse the noise."""
    noise = np.random.default_rng(2020).standard_normal(NOISE_LOOP)
    loop = np.concatenate([noise, noise[:FFT]])
    n = np.arange(FFT)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * n / FFT)
    frames = np.stack([loop[k : k + FFT] for k in range(0, len(noise), SHORTEST_HOP)])
    spectra = np.fft.rfft(np.fft.fftshift(frames * window, axes=1), axis=1)
    table["phases"] = np.angle(spectra) / (2 * np.pi)


@native
def noise_of(tables: Record, stream: Record) -> np.ndarray:
    """Stored phases (turns) of the frame nearest to where the stream has come to."""
    return tables.noise.phases[(stream.noise_at + SHORTEST_HOP // 2) // SHORTEST_HOP % NOISE_FRAMES]


@native
def advance_phase(tables: Record, stream: Record, scratch: Record) -> None:
    """Take all phases from the stored noise.

    Audio thread: no locks, no allocation, no Python objects.
    """
    noise = noise_of(tables, stream)
    for k in range(BINS):
        stream.phase[k] = noise[k]
        stream.frequency[k] = k
