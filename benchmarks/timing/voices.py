"""What voices cost: the audio callback and the decoder at 0, 1, 8 and 32 voices, latents moving all the time.

The engine renders 10 s offline in blocks of 64 and of 256 frames at 44.1 kHz, by
the callback that plays.  Callback times come from the engine's own clock; the
decoder's from around its work.  Every voice gets a new spectrum at every hop; no voice is silence.
"""

from __future__ import annotations

import math
import time

import numpy as np

from ..instrument import shipped_instrument
from ..section import Section
from ..show import show

RATE = 44100
SECONDS = 10.0


def run(voices: int, blocksize: int, seconds: float) -> tuple[np.ndarray, float]:
    """Callback times in seconds, and seconds spent decoding, while ``voices`` notes sound."""
    instrument = shipped_instrument(RATE)
    engine = instrument.engine
    for k in range(voices):
        instrument.note_on(k, 40 + k, 80)
    block = np.empty((blocksize, 1), np.float32)
    engine.render(RATE // 2)
    decoding, blocks = 0.0, int(seconds * RATE) // blocksize
    for k in range(blocks):
        if k % 16 == 0:
            now = k * blocksize / RATE
            instrument.set_latents([0.5 + 0.5 * math.sin(now * i) for i in range(1, instrument.latents + 1)])
        begin = time.perf_counter()
        engine.decode()
        decoding += time.perf_counter() - begin
        engine.play_into(block)
    return engine.durations_ns()[-blocks:] * 1e-9, decoding


def measure(seconds: float = SECONDS) -> Section:
    """Render so many seconds with each number of voices."""
    section = Section()
    rows = []
    for blocksize in (64, 256):
        for voices in (0, 1, 8, 32):
            durations, decoding = run(voices, blocksize, seconds)
            period = blocksize / RATE
            median, high = np.quantile(durations, [0.5, 0.999]) / period
            rows.append(
                (
                    blocksize,
                    voices,
                    f"{durations.sum() / seconds / max(voices, 1):.2%}",
                    f"{decoding / seconds / max(voices, 1):.2%}",
                    f"{(durations.sum() + decoding) / seconds:.1%}",
                    f"{median:.1%}",
                    f"{high:.1%}",
                )
            )
    section.table(
        (
            "block",
            "voices",
            "callback, of a core per voice",
            "decoding, of a core per voice",
            "together",
            "callback median, of the block",
            "callback p99.9, of the block",
        ),
        rows,
    )
    return section


if __name__ == "__main__":
    show(measure)
