"""What is heard in magnitude frames, and how far two are apart, nearer to the ear than squared differences.

All take normalised frames [shape=(n, bins)], the loudest bin 1; measures give one number a frame.
"""

from __future__ import annotations

import numpy as np

from .analysis import summed
from .scale import HARMONICS, SAMPLERATE, band_edges_hz, harmonic_frequencies

HARM_DB = 50.0
PARTIAL_DB = 40.0
"""A harmonic so far below the strongest still counts when partials are counted."""
ERB_BANDS, ERB_FLOOR_DB = 40, -70.0
LSD_FLOOR_DB = -60.0
_LOBE_BINS = 2.0
_FOREIGN_BINS = 2.5  # beside a harmonic; what lies farther is not its own
_APART, _STANDS_OUT_DB = 3, 25.0  # a partial is so much louder than what lies so many bins away; no noise is
_LOWEST_ASKED_BIN = 19
_LEAST_STIFF, _STIFFNESS_STEP = 1e-6, 0.005  # a step moves no partial by more than its lobe
_AT_ONCE = 200  # stiffnesses, which bounds the memory
_LITTLE = 0.01  # of the energy: nobody asks whether that is stiffness
_QUIETEST_DB = -100.0
_HIGHEST = 0.95  # of the Nyquist frequency: harmonics above are not asked


def harmonic_levels(
    frames: np.ndarray, f0_hz: np.ndarray, inharmonicity: np.ndarray, samplerate: int = SAMPLERATE
) -> np.ndarray:
    """Power in the lobe of each harmonic [shape=(n, 128)], dB; -100 where there is none."""
    bins = frames.shape[1]
    bin_hz = samplerate / (2 * (bins - 1))
    places = harmonic_frequencies(f0_hz, inharmonicity) / bin_hz
    half = np.minimum(_LOBE_BINS, 0.45 * np.asarray(f0_hz) / bin_hz)[:, None]
    power = np.square(frames, dtype=np.float64)
    energy = summed(power, places + half) - summed(power, places - half)
    return np.where(places < _HIGHEST * (bins - 1), _db(energy, _QUIETEST_DB), _QUIETEST_DB)


def noise_levels(frames: np.ndarray, f0_hz: np.ndarray, samplerate: int = SAMPLERATE) -> np.ndarray:
    """What `harmonic_levels` would find of noise alone [shape=(n, 128)], dB, by what lies halfway between harmonics."""
    bins = frames.shape[1]
    bin_hz = samplerate / (2 * (bins - 1))
    f0_hz = np.asarray(f0_hz, dtype=np.float64)[:, None]
    halfway = np.round((np.arange(HARMONICS + 1) + 0.5) * f0_hz / bin_hz).astype(np.int64)
    power = np.square(np.take_along_axis(frames, np.minimum(halfway, bins - 1), axis=1), dtype=np.float64)
    width = 2.0 * np.minimum(_LOBE_BINS, 0.45 * f0_hz / bin_hz)
    return _db(0.5 * (power[:, :-1] + power[:, 1:]) * width, _QUIETEST_DB)


def harm(source: np.ndarray, other: np.ndarray, f0_hz: np.ndarray, inharmonicity: np.ndarray) -> np.ndarray:
    """Mean difference in dB over the harmonics that the source has within 50 dB of its strongest [shape=(n,)]."""
    wanted, found = (harmonic_levels(frames, f0_hz, inharmonicity) for frames in (source, other))
    asked = wanted >= wanted.max(axis=1, keepdims=True) - HARM_DB
    return np.sum(np.abs(wanted - found) * asked, axis=1) / asked.sum(axis=1)


def erb(source: np.ndarray, other: np.ndarray, samplerate: int = SAMPLERATE) -> np.ndarray:
    """Root mean square difference in dB over 40 bands of the ERB-rate scale, floor -70 dB [shape=(n,)]."""
    return np.sqrt(np.mean((erb_levels(source, samplerate) - erb_levels(other, samplerate)) ** 2, axis=1))


def erb_levels(frames: np.ndarray, samplerate: int = SAMPLERATE) -> np.ndarray:
    """Power in each of 40 bands [shape=(n, 40)], dB, -70 at least."""
    bins = frames.shape[1]
    bin_hz = samplerate / (2 * (bins - 1))
    edges = band_edges_hz(ERB_BANDS) / bin_hz
    low, high = edges[:-1, None], edges[1:, None]
    place = np.arange(bins)
    weights = np.clip(np.minimum(place + 0.5, high) - np.maximum(place - 0.5, low), 0.0, 1.0)
    return _db(np.square(frames.astype(np.float32)) @ weights.T.astype(np.float32), ERB_FLOOR_DB)


def lsd(source: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Root mean square difference in dB over bins, floor -60 dB [shape=(n,)]."""
    difference = _db(np.square(source), LSD_FLOOR_DB) - _db(np.square(other), LSD_FLOOR_DB)
    return np.sqrt(np.mean(difference**2, axis=1))


def foreign_share(frames: np.ndarray, f0_hz: np.ndarray, stiffest: float = 0.0) -> np.ndarray:
    """Share [shape=(n,)] of energy in partials of another note: main lobes of a window, beside all harmonics.

    Below 200 Hz bands of noise are as narrow as partials, so nothing is asked there.

    Parameters
    ----------
    frames : np.ndarray [shape=(n, bins)]
    f0_hz : np.ndarray [shape=(n,)]
    stiffest : float
        Partials may be those of a string as stiff as that (`scale.harmonic_frequencies`) or less: each frame is
        asked with the stiffness that leaves the least, if there is more than a hundredth.  With 0 only whole
        multiples of the pitch are its own.
    """
    f0_hz = np.asarray(f0_hz, dtype=np.float64)
    shares = _beside_all(frames, f0_hz, np.zeros(len(frames)))
    if stiffest:
        stiffnesses = np.exp(np.arange(np.log(_LEAST_STIFF), np.log(stiffest), _STIFFNESS_STEP))
        for row in np.flatnonzero(shares > _LITTLE):
            for some in np.array_split(stiffnesses, 1 + len(stiffnesses) // _AT_ONCE):
                frame = np.broadcast_to(frames[row], (len(some), frames.shape[1]))
                shares[row] = min(shares[row], _beside_all(frame, np.full(len(some), f0_hz[row]), some).min())
    return shares


def _beside_all(frames: np.ndarray, f0_hz: np.ndarray, stiffness: np.ndarray) -> np.ndarray:
    power = np.square(frames, dtype=np.float64) + 1e-14
    beside = np.pad(power, ((0, 0), (_APART, _APART)), mode="edge")
    highest_near = np.maximum(beside[:, : -2 * _APART], beside[:, 2 * _APART :])
    asked = np.arange(frames.shape[1]) >= _LOWEST_ASKED_BIN
    inside = in_lobes(frames.shape[1], f0_hz, stiffness)
    tops = asked & ~inside & (power > highest_near * 10.0 ** (_STANDS_OUT_DB / 10.0))
    lobes = tops.copy()
    lobes[:, 1:] |= tops[:, :-1]
    lobes[:, :-1] |= tops[:, 1:]
    return np.sum(power * lobes, axis=1) / power.sum(axis=1)


def in_lobes(
    bins: int, f0_hz: np.ndarray, stiffness: np.ndarray | float = 0.0, samplerate: int = SAMPLERATE
) -> np.ndarray:
    """Which bins [shape=(n, bins)] lie on a harmonic of pitches in Hertz [shape=(n,)], of strings so stiff."""
    bin_hz = samplerate / (2 * (bins - 1))
    frequency = np.arange(bins) * bin_hz
    f0_hz = np.asarray(f0_hz, dtype=np.float64)[:, None]
    stiffness = np.broadcast_to(np.asarray(stiffness, dtype=np.float64), len(f0_hz))[:, None]
    multiple = frequency / f0_hz  # h sqrt(1 + B h²), of which h follows
    number = multiple * np.sqrt(2.0 / (1.0 + np.sqrt(1.0 + 4.0 * stiffness * multiple**2)))
    number = np.maximum(np.round(number), 1.0)
    return np.abs(frequency - number * f0_hz * np.sqrt(1.0 + stiffness * number**2)) <= _FOREIGN_BINS * bin_hz


def _db(power: np.ndarray, floor_db: float) -> np.ndarray:
    return np.maximum(10.0 * np.log10(np.maximum(power, 1e-30)), floor_db)
