"""The spectrum of what is heard now: levels at frequencies in even steps of pitch, as a picture of it needs them."""

from __future__ import annotations

import numpy as np

LOWEST_HZ, HIGHEST_HZ = 20.0, 20000.0
POINTS = 192
"""Frequencies, evenly spread on a logarithmic scale from `LOWEST_HZ` to `HIGHEST_HZ`."""
FLOOR_DB = -120.0

WINDOW = 8192
"""Samples that one spectrum shows: partials 22 Hz apart are two at 44.1 kHz."""

_TINY = 1e-30


class Spectrum:
    """Keeps the latest samples and analyses them on request.  Control thread only.

    Parameters
    ----------
    samplerate : float
        Hertz.
    """

    def __init__(self, samplerate: float):
        self._latest = np.zeros((WINDOW, 2), np.float32)
        shape = np.hanning(WINDOW)
        self._window = (shape * 2.0 / shape.sum())[:, None]  # a sine's amplitude is then its highest bin
        wanted = np.geomspace(LOWEST_HZ, HIGHEST_HZ, POINTS) * WINDOW / samplerate
        half = (HIGHEST_HZ / LOWEST_HZ) ** (0.5 / (POINTS - 1))
        most = WINDOW // 2
        self._places = np.minimum(wanted, most)
        first = np.minimum(np.ceil(wanted / half).astype(np.int64), most)
        last = np.minimum(np.floor(wanted * half).astype(np.int64) + 1, most + 1)
        self._wide = last > first
        self._bands = np.stack([first, np.maximum(last, first + 1)], axis=1).ravel()
        self._beyond = wanted > most

    def take(self, heard: np.ndarray) -> None:
        """Take what was played since the last call: float32 [shape=(frames, 1 or 2)]."""
        count = min(len(heard), WINDOW)
        if count:
            self._latest[:-count] = self._latest[count:]
            self._latest[WINDOW - count :] = heard[-count:, : 2 if heard.shape[1] > 1 else 1]

    def levels_db(self) -> np.ndarray:
        """Level [shape=(POINTS,)] of the strongest partial about each frequency: 0 dB is a sine at full scale."""
        power = np.square(np.abs(np.fft.rfft(self._latest * self._window, axis=0))).mean(axis=1)
        padded = np.append(power, 0.0)
        peaks = np.maximum.reduceat(padded, self._bands)[::2]
        between = np.interp(self._places, np.arange(len(power)), power)
        found = np.where(self._beyond, 0.0, np.where(self._wide, peaks, between))
        return np.maximum(10.0 * np.log10(found + _TINY), FLOOR_DB)
