"""Paths through the space of timbres at constant perceptual speed.

Equal steps between latents are not equal steps for the ear: here nothing
happens for a while, there everything at once.  So a path is measured by what it
sounds like, in steps between the excitation patterns of its decoded frames:
decibels in bands one ERB wide (Glasberg and Moore, "Derivation of auditory filter
shapes from notched-noise data", 1990).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from .kinds import AnyDecoder

_LEG_POINTS = 129
_ROUNDING_DB = 1e-5  # frames that differ by less differ by the arithmetic of their batch
_ROUNDS = 2  # of moving the samples of a leg to where it sounds different
_LOWEST_HZ, _HIGHEST_HZ = 50.0, 15_000.0
_BANDS_PER_ERB = 2
_FLOOR_DB = -60.0


def excitation_db(frames: np.ndarray, samplerate: int = 44100) -> np.ndarray:
    """Level of each ERB band of magnitude frames, in decibels.

    Parameters
    ----------
    frames : np.ndarray [shape=(..., bins)]
        Normalised to 1; bands more than 60 dB weaker count as that.

    Returns
    -------
    np.ndarray [shape=(..., bands)]
    """
    energy = np.square(frames) @ _bands(frames.shape[-1], samplerate).T
    return 10.0 * np.log10(energy + 10.0 ** (_FLOOR_DB / 10.0))


@lru_cache(maxsize=4)
def _bands(bins: int, samplerate: int) -> np.ndarray:
    """Weights [shape=(bands, bins)] of rounded exponential filters, two to each ERB number."""
    hertz = np.arange(bins) * samplerate / (2 * (bins - 1))
    low, high = (21.4 * np.log10(1.0 + 0.00437 * edge) for edge in (_LOWEST_HZ, min(_HIGHEST_HZ, samplerate / 2)))
    centres = (10.0 ** (np.arange(low, high, 1.0 / _BANDS_PER_ERB) / 21.4) - 1.0) / 0.00437
    widths = 24.7 * (1.0 + 0.00437 * centres)
    slope = 4.0 * np.abs(hertz - centres[:, None]) / widths[:, None]
    weights = ((1.0 + slope) * np.exp(-slope)).astype(np.float32)
    weights.setflags(write=False)
    return weights


@dataclass(frozen=True, eq=False)
class TimbrePath:
    """A path whose position, 0–1, is the share of its perceptual length.

    Attributes
    ----------
    positions : np.ndarray [shape=(m,)]
        Rising from 0 to 1.
    latents : np.ndarray [shape=(m, latents)]
        Control values, 0–1, at these positions; straight lines lie between.
    stops : np.ndarray [shape=(points,)]
        Position of each point that it leads through.
    length_db : float
        How far it is: root mean square over the bands, summed along the path.
    """

    positions: np.ndarray
    latents: np.ndarray
    stops: np.ndarray
    length_db: float

    def at(self, position: float) -> list[float]:
        """Latents at a position, 0–1."""
        return [float(np.interp(position, self.positions, column)) for column in self.latents.T]


def timbre_path(
    decoder: AnyDecoder, points: ArrayLike, pitch_class: int = 0, octave: int | None = None, inside: bool = False
) -> TimbrePath:
    """The path through some points.

    Decodes a few hundred frames for each leg, which takes tens of milliseconds of one core: any thread but the
    control thread.  The others stay free for the instrument.

    Parameters
    ----------
    decoder : AnyDecoder
    points : array_like [shape=(n, latents)]
        Control values, 0–1; at least two.
    pitch_class, octave : int
        Of the note on which timbres are compared.
    inside : bool
        Stay among the training frames, if the decoder has a map of them;
        otherwise each leg is a straight line.
    """
    points = np.asarray(points, dtype=np.float32)
    timbres = decoder.timbres if inside else None
    with threadpool_limits(1, user_api="blas"):
        legs = [
            _leg(decoder, timbres.way(start, end) if timbres else np.stack([start, end]), pitch_class, octave)
            for start, end in itertools.pairwise(points)
        ]
    lengths = [length for _, steps in legs for length in steps]
    total = sum(lengths)
    latents = np.concatenate([legs[0][0][:1], *(samples[1:] for samples, _ in legs)])
    if total <= 0.0:
        # Points that sound the same: any speed is constant, take them evenly.
        lengths, total = [1.0] * len(lengths), float(len(lengths))
        length_db = 0.0
    else:
        length_db = float(total)
    positions = np.concatenate([[0.0], np.cumsum(lengths) / total])
    positions[-1] = 1.0
    ends = np.cumsum([0] + [len(steps) for _, steps in legs])
    return TimbrePath(positions, np.clip(latents, 0.0, 1.0), positions[ends], length_db)


def _leg(decoder: AnyDecoder, way: np.ndarray, pitch_class: int, octave: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Samples [shape=(m, latents)] along a polyline, dense where it sounds different, and the steps between them."""
    along = np.linspace(0.0, 1.0, len(way))

    def sample(wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        samples = np.stack([np.interp(wanted, along, column) for column in way.T], axis=1).astype(np.float32)
        return samples, _steps(decoder, samples, pitch_class, octave)

    even = wanted = np.linspace(0.0, 1.0, _LEG_POINTS)
    samples, steps = sample(wanted)
    for _ in range(_ROUNDS):
        if not steps.any():
            break
        # Half evenly, half by sound: a stretch without a sound of its own keeps samples too.
        distance = np.concatenate([[0.0], np.cumsum(steps)])
        wanted = np.interp(even, (distance / distance[-1] + wanted) / 2.0, wanted)
        samples, steps = sample(wanted)
    return samples, steps


def _steps(decoder: AnyDecoder, latents: np.ndarray, pitch_class: int, octave: int | None) -> np.ndarray:
    """Perceptual distances [shape=(m - 1,)] between neighbours."""
    levels = excitation_db(decoder.spectra(np.clip(latents, 0.0, 1.0), pitch_class, octave), decoder.samplerate)
    steps = np.sqrt(np.mean(np.square(np.diff(levels, axis=0)), axis=1))
    return np.where(steps < _ROUNDING_DB, 0.0, steps)
