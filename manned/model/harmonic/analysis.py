"""From sound to harmonic frames: the power of a window divided among harmonics, noise and nothing else.

The pitch comes from outside, from the note that was played or from one that was heard; here it is refined to a
fraction of a cent, frame by frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .scale import (
    BANDS,
    FLOOR_DB,
    HARMONICS,
    band_edges_hz,
    harmonic_frequencies,
    to_db,
)
from .topology import STIFFEST

WINDOW = 4096
LONGEST_WINDOW = 16384
_BINS_APART = 6.0  # between harmonics: two main lobes of a Hann window and two clean bins
_LOBE_BINS = 2.0  # half of a main lobe
_LOBE_SPREAD = 0.005  # a partial that moves is wider, by this share of its frequency
_LOBE_LARGEST = 0.4  # of the distance between harmonics
_KERNEL_BINS = 10  # of a partial that is taken out, on each side
_FRAMES_AT_ONCE = 64
_TRUSTED = 40  # harmonics that a pitch is measured by
_TRUSTED_DB = -40.0  # and how far under the strongest
_STIFFNESS = np.concatenate([[0.0], np.geomspace(2e-5, STIFFEST, 28)])
_STIFFNESS_GAIN = 1.03  # what a stiff string must explain better than a harmonic sound


@dataclass(frozen=True, eq=False)
class Frames:
    """Harmonic frames.

    Attributes
    ----------
    harmonics_db : np.ndarray [shape=(n, HARMONICS)], float32
        Power of each harmonic under the power of the frame, dB, `FLOOR_DB` at least.
    bands_db : np.ndarray [shape=(n, BANDS)], float32
        Power of the noise in each band, likewise.
    f0_hz : np.ndarray [shape=(n,)], float64
    inharmonicity : np.ndarray [shape=(n,)], float64
        See `scale.harmonic_frequencies`.
    level_db : np.ndarray [shape=(n,)], float64
        Power of the frame: mean square, dB re full scale.
    """

    harmonics_db: np.ndarray
    bands_db: np.ndarray
    f0_hz: np.ndarray
    inharmonicity: np.ndarray
    level_db: np.ndarray

    def __len__(self) -> int:
        return len(self.f0_hz)

    def __getitem__(self, rows) -> Frames:
        return Frames(*(values[rows] for values in vars(self).values()))

    @property
    def harmonic_share(self) -> np.ndarray:
        """Share [shape=(n,)] of the power that lies in harmonics, 0..1."""
        return np.sum(10.0 ** (self.harmonics_db / 10.0), axis=1)

    @classmethod
    def joined(cls, parts: list[Frames]) -> Frames:
        """The frames of several, one after another."""
        return cls(*(np.concatenate(values) for values in zip(*(vars(part).values() for part in parts))))


def window_length(f0_hz: float, samplerate: int) -> int:
    """Samples of the window for a pitch: 4096, or more where harmonics would lie less than six bins apart."""
    length = WINDOW
    while length < LONGEST_WINDOW and f0_hz * length / samplerate < _BINS_APART:
        length *= 2
    return length


def spectra(signal: np.ndarray, centres: np.ndarray, length: int) -> np.ndarray:
    """Complex Hann spectra, the phase told at the middle of the window.

    Parameters
    ----------
    signal : np.ndarray [shape=(n,)]
        Silence is taken to lie before and after.
    centres : np.ndarray [shape=(frames,)], int
        Samples in the middle of the windows.
    length : int
        Of the window, samples.

    Returns
    -------
    np.ndarray [shape=(frames, length / 2 + 1)], complex128
        Squared magnitudes over all bins sum up to the mean square of the windowed signal over that of the window.
    """
    half = length // 2
    padded = np.concatenate([np.zeros(half), np.asarray(signal, dtype=np.float64), np.zeros(half)])
    window = np.hanning(length + 1)[:-1]
    scale = np.sqrt(2.0 / (length * np.sum(window**2)))
    pieces = padded[np.asarray(centres)[:, None] + np.arange(length)] * window
    return np.fft.rfft(pieces, axis=1) * scale * np.where(np.arange(half + 1) % 2, -1.0, 1.0)


def analyse(signal: np.ndarray, centres: np.ndarray, f0_hz: np.ndarray, samplerate: int, steady: bool = True) -> Frames:
    """Frames of a sound whose pitch is known to a third of a semitone.

    Parameters
    ----------
    signal : np.ndarray [shape=(n,)]
        Mono, full scale is ±1.
    centres : np.ndarray [shape=(frames,)], int
        Samples that the frames stand for.
    f0_hz : np.ndarray [shape=(frames,)]
        Pitch, as far as it is known.
    samplerate : int
        Hertz.
    steady : bool
        Whether it is all one note, whose partials lie alike in all frames.  Else it counts as harmonic.
    """
    centres, f0_hz = np.asarray(centres), np.asarray(f0_hz, dtype=np.float64)
    lengths = np.array([window_length(f0, samplerate) for f0 in f0_hz], dtype=np.int64)
    parts, order = [], []
    stiffness = None
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        for first in range(0, len(rows), _FRAMES_AT_ONCE):
            some = rows[first : first + _FRAMES_AT_ONCE]
            spectrum = spectra(signal, centres[some], int(length))
            bin_hz = samplerate / length
            refined = refine(spectrum, f0_hz[some] / bin_hz)
            if stiffness is None:
                stiffness = _inharmonicity(spectrum, refined) if steady else 0.0
            if stiffness:
                refined = refine(spectrum, refined / np.sqrt(1.0 + stiffness), stiffness)
            parts.append(divide(spectrum, refined * bin_hz, np.full(len(some), stiffness), samplerate))
            order.append(some)
    if not parts:
        return Frames(np.zeros((0, HARMONICS)), np.zeros((0, BANDS)), np.zeros(0), np.zeros(0), np.zeros(0))
    return Frames.joined(parts)[np.argsort(np.concatenate(order), kind="stable")]


def refine(spectrum: np.ndarray, place: np.ndarray, inharmonicity: float = 0.0) -> np.ndarray:
    """Fundamentals, in bins, from where the peaks near their harmonics lie.

    Each peak tells the fundamental as its place over its number; the answer is their median, weighted by
    magnitude and number, looked for twice: within half a semitone, then within a tenth of one.

    Parameters
    ----------
    spectrum : np.ndarray [shape=(frames, bins)], complex
        From `spectra`.
    place : np.ndarray [shape=(frames,)]
        First guess, bins.
    inharmonicity : float
        See `scale.harmonic_frequencies`.

    Returns
    -------
    np.ndarray [shape=(frames,)]
        Within a semitone of the guess.
    """
    magnitude = np.abs(spectrum)
    guess = place
    for share, least, count in ((0.03, 1.0, 12), (0.006, 0.8, _TRUSTED)):
        number = np.arange(1, count + 1)
        stretch = number * np.sqrt(1.0 + inharmonicity * number**2)
        wanted = place[:, None] * stretch
        reach = np.minimum(np.maximum(share * wanted, least), 0.45 * place[:, None])
        found, height = _peaks(magnitude, wanted, reach)
        inside = height >= height.max(axis=1, keepdims=True) * 10.0 ** (_TRUSTED_DB / 20.0)
        weights = np.where(inside, np.sqrt(height) * number, 0.0)
        ratio = _weighted_median(found / stretch / place[:, None], weights)
        place = place * np.where(np.isfinite(ratio), ratio, 1.0)
    return np.clip(place, guess * 2.0 ** (-1.0 / 12.0), guess * 2.0 ** (1.0 / 12.0))


def _peaks(magnitude: np.ndarray, wanted: np.ndarray, reach: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Place in bins and height [shape=(frames, harmonics)] of the highest peak near each wanted place; 0 if none."""
    last = magnitude.shape[1] - 2
    widest = int(np.ceil(reach.max())) + 1
    offsets = np.arange(-widest, widest + 1)
    bins = np.round(wanted).astype(np.int64)[:, :, None] + offsets
    allowed = (np.abs(bins - wanted[:, :, None]) <= reach[:, :, None] + 0.5) & (bins >= 1) & (bins <= last)
    rows = np.arange(len(magnitude))[:, None]
    near = np.where(allowed, magnitude[rows[:, :, None], np.clip(bins, 0, last)], -1.0)
    best = np.argmax(near, axis=2)
    top = np.clip(np.take_along_axis(bins, best[:, :, None], axis=2)[:, :, 0], 1, last)
    left, middle, right = (magnitude[rows, top + step] for step in (-1, 0, 1))
    place = top + np.clip(2.0 * (right - left) / (left + 2.0 * middle + right + 1e-30), -1.0, 1.0)
    seen = (near.max(axis=2) > 0.0) & (middle >= left) & (middle >= right)
    return place, np.where(seen, middle, 0.0)


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    order = np.argsort(values, axis=1)
    summed = np.cumsum(np.take_along_axis(weights, order, axis=1), axis=1)
    middle = np.argmax(summed >= 0.5 * summed[:, -1:], axis=1)
    found = np.take_along_axis(values, np.take_along_axis(order, middle[:, None], axis=1), axis=1)[:, 0]
    return np.where(summed[:, -1] > 0.0, found, np.nan)


def _inharmonicity(spectrum: np.ndarray, place: np.ndarray) -> float:
    """The stiffness whose partials meet most of the sound, 0 unless another is clearly better."""
    magnitude = np.sqrt(np.abs(spectrum))
    number = np.arange(1, _TRUSTED + 1)
    scores = []
    for stiffness in _STIFFNESS:
        bins = place[:, None] * number * np.sqrt((1.0 + stiffness * number**2) / (1.0 + stiffness))
        inside = bins < magnitude.shape[1] - 2
        below = np.where(inside, bins, 0.0).astype(np.int64)
        rows = np.arange(len(magnitude))[:, None]
        near = np.maximum(magnitude[rows, below], magnitude[rows, below + 1])
        scores.append(float(np.sum(np.where(inside, near, 0.0))))
    best = int(np.argmax(scores))
    if scores[best] <= _STIFFNESS_GAIN * scores[0]:
        return 0.0
    return _fitted_inharmonicity(np.abs(spectrum), place / np.sqrt(1.0 + _STIFFNESS[best]), float(_STIFFNESS[best]))


def _fitted_inharmonicity(magnitude: np.ndarray, place: np.ndarray, guess: float) -> float:
    """The stiffness of the straight line through ``(place / number)²`` over ``number²``, near a guess."""
    number = np.arange(1, _TRUSTED + 1, dtype=np.float64)
    wanted = place[:, None] * number * np.sqrt(1.0 + guess * number**2)
    found, height = _peaks(magnitude, wanted, np.full_like(wanted, 1.5))
    heard = height >= height.max(axis=1, keepdims=True) * 10.0 ** (_TRUSTED_DB / 20.0)
    weights = np.where(heard & (height > 0.0), np.sqrt(height), 0.0)
    if np.count_nonzero(weights) < 3:
        return guess
    square = np.broadcast_to(number**2, wanted.shape)
    ratio = (found / (number * place[:, None])) ** 2
    middle_square, middle_ratio = (np.average(values, weights=weights) for values in (square, ratio))
    spread = np.average((square - middle_square) ** 2, weights=weights)
    slope = np.average((square - middle_square) * (ratio - middle_ratio), weights=weights) / max(spread, 1e-12)
    stiffness = slope / max(middle_ratio - slope * middle_square, 1e-6)
    return float(stiffness) if 0.5 * guess <= stiffness <= 2.0 * guess else guess


def divide(spectrum: np.ndarray, f0_hz: np.ndarray, inharmonicity: np.ndarray, samplerate: int) -> Frames:
    """Divide the power of spectra among harmonics and noise bands.

    A harmonic has what lies within its lobe, less twice the noise to be expected there.  Noise is what lies
    between the lobes once steady partials are taken out with their side lobes; under the lobes, and in bands
    that lie wholly in them, it goes on as beside them.
    """
    power = np.abs(spectrum) ** 2
    bins = spectrum.shape[1]
    bin_hz = samplerate / (2 * (bins - 1))
    places = harmonic_frequencies(f0_hz, inharmonicity) / bin_hz
    inside = places < bins - 1 - _LOBE_BINS
    half = np.minimum(_LOBE_BINS + _LOBE_SPREAD * places, _LOBE_LARGEST * (f0_hz / bin_hz)[:, None])

    between = _between(places, half, inside, bins)
    between[:, :2] = False  # what an offset leaves
    rest = np.abs(spectrum - _partials(spectrum, places, inside)) ** 2
    edges = np.minimum(band_edges_hz() / bin_hz, bins - 0.5)[None, :].repeat(len(power), axis=0)
    free = np.diff(summed(between.astype(np.float64), edges), axis=1)
    noise = np.diff(summed(np.where(between, rest, 0.0), edges), axis=1)
    width = np.diff(edges, axis=1)
    density_db = _filled(10.0 * np.log10(np.maximum(noise / np.maximum(free, 1e-9), 1e-30)), free >= 0.75)
    bands = np.where(width > 0.0, 10.0 ** (density_db / 10.0) * width, 0.0)

    lobes = summed(power, places + half) - summed(power, places - half)
    centre = 0.5 * (edges[0, 1:] + edges[0, :-1])
    under = np.stack([10.0 ** (np.interp(row, centre, line) / 10.0) for row, line in zip(places, density_db)])
    harmonics = np.where(inside, np.maximum(lobes - 2.0 * under * 2.0 * half, 0.03 * lobes), 0.0)

    total = np.maximum(harmonics.sum(axis=1) + bands.sum(axis=1), 1e-30)
    return Frames(
        to_db(harmonics / total[:, None]).astype(np.float32),
        to_db(bands / total[:, None]).astype(np.float32),
        f0_hz,
        inharmonicity,
        10.0 * np.log10(total),
    )


def lobe(offset: np.ndarray) -> np.ndarray:
    """The spectrum of a Hann window at an offset in bins, 1 in the middle and real: ``sinc(x) / (1 - x²)``."""
    squared = 1.0 - offset**2
    near = np.abs(squared) < 1e-6
    return np.where(near, 0.5, np.sinc(offset) / np.where(near, 1.0, squared))


def _partials(spectrum: np.ndarray, places: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Spectra of the steady partials: at each place the sinusoid that leaves least within its main lobe."""
    frames, bins = spectrum.shape
    offsets = np.arange(-_KERNEL_BINS, _KERNEL_BINS + 1)
    index = np.floor(places).astype(np.int64)[:, :, None] + offsets
    kernel = np.where((index >= 0) & (index < bins) & inside[:, :, None], lobe(index - places[:, :, None]), 0.0)
    index = np.clip(index, 0, bins - 1)
    main = np.where(np.abs(index - places[:, :, None]) <= _LOBE_BINS, kernel, 0.0)
    rows = np.arange(frames)[:, None, None]
    amplitude = np.sum(spectrum[rows, index] * main, axis=2) / np.maximum(np.sum(main**2, axis=2), 1e-9)
    parts = (amplitude[:, :, None] * kernel).ravel()
    flat = (rows * bins + index).ravel()
    real, imaginary = (np.bincount(flat, values, frames * bins) for values in (parts.real, parts.imag))
    return (real + 1j * imaginary).reshape(frames, bins)


def _between(places: np.ndarray, half: np.ndarray, inside: np.ndarray, bins: int) -> np.ndarray:
    """Which bins [shape=(frames, bins)] lie in no lobe."""
    frames = len(places)
    first = np.clip(np.ceil(places - half - 0.5), 0, bins).astype(np.int64)
    last = np.clip(np.floor(places + half + 0.5) + 1, 0, bins).astype(np.int64)
    rows = np.arange(frames)[:, None] * (bins + 1)
    steps = np.bincount((rows + first)[inside], minlength=frames * (bins + 1)).astype(np.int64)
    steps -= np.bincount((rows + last)[inside], minlength=frames * (bins + 1))
    return np.cumsum(steps.reshape(frames, bins + 1), axis=1)[:, :bins] == 0


def summed(values: np.ndarray, until: np.ndarray) -> np.ndarray:
    """Sum of values [shape=(n, bins)] up to places in bins [shape=(n, m)]; bin k reaches from k - ½ to k + ½."""
    sums = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
    place = np.clip(until + 0.5, 0.0, values.shape[1])
    below = np.minimum(place.astype(np.int64), values.shape[1] - 1)
    rows = np.arange(len(values))[:, None]
    return sums[rows, below] + (place - below) * values[rows, below]


def _filled(density_db: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Density with unknown bands told by their neighbours, along a straight line in dB."""
    place = np.arange(density_db.shape[1])
    return np.stack(
        [
            np.interp(place, place[good], row[good]) if good.any() else np.full(len(place), FLOOR_DB - 60.0)
            for row, good in zip(density_db, known)
        ]
    )
