"""What notes cost while all latents move: the callback's time and the decoder's."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from manned.limits import MAX_VOICES
from manned.table.value import Value

from .instrument import shipped_instrument

RATE = 44100
MOVE_SAMPLES = 512  # from one move of the latents to the next: within one glide, so that they never stand still


@dataclass(frozen=True)
class Load:
    """What some voices cost.

    Attributes
    ----------
    durations_s : np.ndarray [shape=(blocks,)]
        Of each callback, by the engine's own clock.
    decoding_s : float
        Spent in the decoder altogether.
    seconds, blocksize : float, int
        How much was rendered, in blocks of so many frames.
    """

    durations_s: np.ndarray
    decoding_s: float
    seconds: float
    blocksize: int

    @property
    def callback(self) -> float:
        """The callback's share of a core."""
        return float(self.durations_s.sum()) / self.seconds

    @property
    def decoding(self) -> float:
        """The decoder's share of a core."""
        return self.decoding_s / self.seconds

    @property
    def together(self) -> float:
        """The share of a core of both."""
        return self.callback + self.decoding

    @property
    def of_a_block(self) -> tuple[float, float]:
        """The callback's median and its slowest in a thousand, as shares of the time that a block lasts."""
        median, high = np.quantile(self.durations_s, [0.5, 0.999]) * RATE / self.blocksize
        return float(median), float(high)


def load(
    voices: int,
    blocksize: int,
    seconds: float,
    method: str = "peaks",
    hop: int = 512,
    values: Mapping[str, Value] | None = None,
    gesture: str = "",
    channels: int = 1,
) -> Load:
    """Render notes of ``voices`` voices of the shipped decoder offline, by the callback that plays.

    ``values`` are set before, and notes replay a ``gesture``; a unison makes fewer notes of the voices.

    Raises
    ------
    RuntimeError
        When other than so many voices sound at the end, or a spectrum was late: then the figures would be of less work.
    """
    instrument = shipped_instrument(RATE, channels)
    engine = instrument.engine
    instrument.set("voices", MAX_VOICES)
    instrument.set("phase", method)
    instrument.set("hop", str(hop))
    for name, value in (values or {}).items():
        instrument.set(name, value)
    if gesture:
        instrument.use_gesture(instrument.library.read_gesture(gesture))
    for k in range(voices // instrument.get("unison")):
        instrument.note_on(k, 40 + k % 48, 60)
    block = np.empty((blocksize, channels), np.float32)
    engine.render(RATE // 2)
    decoding, blocks = 0.0, int(seconds * RATE) // blocksize
    for k in range(blocks):
        if k % max(1, MOVE_SAMPLES // blocksize) == 0:
            now = k * blocksize / RATE
            instrument.set_latents([0.5 + 0.5 * math.sin(now * i) for i in range(1, instrument.latents + 1)])
        begin = time.perf_counter()
        engine.decode()
        decoding += time.perf_counter() - begin
        engine.play_into(block)
    status = instrument.status()
    if (status["voices"], status["late_spectra"], bool(block.any())) != (voices, 0, voices > 0):
        raise RuntimeError(f"{status['voices']} of {voices} voices sound, {status['late_spectra']} spectra were late")
    return Load(engine.durations_ns()[-blocks:] * 1e-9, decoding, seconds, blocksize)
