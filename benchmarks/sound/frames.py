"""Frames through the engine's own synthesis, without the decoder and the voice around it."""

from __future__ import annotations

import numba as nb
import numpy as np

from manned.engine.memory import BINS, FFT, allocate
from manned.engine.synthesis import advance
from manned.limits import PHASES

from .signals import RATE

METHODS = PHASES
SILENT = np.float32(np.log(1e-12))


def synthesise(frames: np.ndarray, method: str, hop: int, note_hz: float = 0.0) -> np.ndarray:
    """The sound of a stream of magnitude frames.

    Parameters
    ----------
    frames : np.ndarray [shape=(n, BINS)]
        Hann STFT magnitudes; the first is best silent.
    method : str
        One of `METHODS`.
    hop : int
        Samples from one frame to the next, one of `HOPS`.
    note_hz : float
        The note that the frames were made for, as a decoder's are: partials snap to its harmonics.

    Returns
    -------
    np.ndarray [shape=(n * hop,)]
        Frame ``k`` lies at samples ``k * hop`` to ``k * hop + FFT``.
    """
    output = np.zeros(len(frames) * hop, np.float32)
    _synthesise(allocate(RATE, 1), frames.astype(np.float32), METHODS.index(method), hop, note_hz, output)
    return output.astype(np.float64)


@nb.njit(error_model="numpy")
def _synthesise(shared, frames, method, hop, note_hz, output):
    memory = shared[0]
    stream = memory.voices[1].stream
    stream.hop = stream.step = stream.weight = hop
    stream.note_hz = stream.pitch_hz = note_hz
    stream.shift = 1.0
    for k in range(len(stream.frame_age)):
        stream.frame_age[k] = FFT
    for k in range(BINS):
        stream.phase[k] = memory.noise[0, k]
        stream.frequency[k] = k
        stream.log0[k] = stream.log1[k] = SILENT
    for number in range(len(frames)):
        for k in range(BINS):
            stream.spectrum[k] = frames[number, k]
        stream.settled = 0
        advance(memory, stream, memory.audio_scratch, method, hop, 1.0, 0.0)
        for i in range(hop):
            output[number * hop + i] = stream.overlap[i]
