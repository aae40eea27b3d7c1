"""How loud a frequency is: the K-weighting of ITU-R BS.1770-4, by which all frames are played equally loud.

`manned.engine.synthesis` has it once more, for its bins; a test compares the two.
"""

from __future__ import annotations

import numpy as np

_RATE = 48000  # of the standard's filters


def k_weight(frequency_hz: np.ndarray | float) -> np.ndarray:
    """Power gain of frequencies in Hertz under the K-weighting, 1 at 1 kHz."""
    return _gain(np.asarray(frequency_hz, dtype=np.float64)) / _gain(np.array(1000.0))


def _gain(hertz: np.ndarray) -> np.ndarray:
    z = np.exp(-2j * np.pi * hertz / _RATE)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high_pass = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    return np.abs(shelf * high_pass) ** 2
