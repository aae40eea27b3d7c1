"""Frames through the engine's own synthesis, without the decoder and the voice around it."""

from __future__ import annotations

import numba as nb
import numpy as np

from manned.engine.memory import allocate
from manned.engine.phase.peak_search import find_fundamental, find_peaks
from manned.engine.sizes import BINS, FFT, MODEL_RATE
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
        Samples from one frame to the next, one of limits.HOPS.
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
    stream = memory.part.voices[1].stream
    timing = stream.timing
    timing.hop = timing.step = timing.weight = hop
    for k in range(len(timing.frame_age)):
        timing.frame_age[k] = FFT
    for k in range(BINS):
        stream.phase[k] = memory.tables.noise.phases[0, k]
        stream.frequency[k] = k
        stream.log0[k] = stream.log1[k] = SILENT
    for number in range(len(frames)):
        for k in range(BINS):
            stream.spectrum[k] = frames[number, k]
        stream.settled = 0
        find_peaks(stream.spectrum, memory.audio_scratch.peaks)
        f0 = find_fundamental(stream.spectrum, note_hz, memory.audio_scratch.peaks)
        stream.timing.f0 = f0
        stream.timing.tuning = note_hz * FFT / MODEL_RATE / f0 if f0 > 0.0 else 1.0
        manner = memory.audio_scratch.voice.manner
        manner.phase, manner.hop, manner.formant = method, hop, 0.0
        advance(memory.tables, stream, memory.audio_scratch, memory.samplerate, manner, 1.0)
        for i in range(hop):
            output[number * hop + i] = stream.overlap[i]
