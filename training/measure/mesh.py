"""What the latent space sounds like: a mesh of points through it, decoded and analysed (section V-A, Table V)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from tqdm import tqdm

from manned.errors import TrainingError
from manned.limits import CLASSES
from manned.model import analysis
from training.measure.coding import ROWS_AT_ONCE, decode, on_every_core
from training.network.fit_folder import Fitted
from training.network.harmonics import harmonic_masks, sounding_partials

# Points along each latent in the paper, by the number of latents.
PAPER_LENGTHS = {2: 350, 3: 50, 8: 5}
SILENT = -1
_DEFAULT_POINTS = 10_000
_MOST_POINTS = 50_000_000
OCTAVES = tuple(range(1, 8))
_BOUNDARY = 0.1


def default_length(bottleneck: int) -> int:
    """Points along each of so many latents that keep a mesh within ten thousand; below 2 there is none."""
    return int(_DEFAULT_POINTS ** (1 / bottleneck) + 1e-9)


def sample_mesh(
    fitted: Fitted, length: int, low: ArrayLike, high: ArrayLike, octaves: Sequence[int] | np.ndarray = OCTAVES
) -> dict[str, Any]:
    """Decode a mesh through the latent space for every class and octave, and analyse what sounds.

    Parameters
    ----------
    fitted : Fitted
        With a skip, else the class cannot be asked for.
    length : int
        Points along each latent, from ``low`` to ``high`` [shape=(bottleneck,)].
    octaves : sequence of int
        Those that a note may lie in, when the network is not told the octave.

    Returns
    -------
    dict
        ``length``; the means ``match``, ``harmonic_share`` and ``partials``;
        ``octaves`` and the tables ``matches``, ``harmonic_shares`` and
        ``partials_of``, one row an octave, one column a class; ``boundary``: the
        share of points of which a latent lies in the outermost tenth of its range,
        at either end, and ``matches_at_boundary``, the table for these alone;
        ``heard``: for each class asked for, the share of points that sound each
        class [shape=(12, 12)], over all octaves.

    Raises
    ------
    TrainingError
        When the network has no skip, or the mesh more points than can be decoded in a day.
    """
    topology = fitted.topology
    asked = topology.octaves or (None,)
    matches, at_boundary, shares, partials = np.zeros((4, len(asked), CLASSES))
    boundary = _boundary(length, topology.bottleneck)
    sounded = np.zeros((CLASSES, CLASSES))
    cases = list(itertools.product(enumerate(asked), range(CLASSES)))
    for (row, octave), pitch_class in tqdm(cases, desc="sampling", unit="mesh", disable=None):
        classes, on_harmonics, sounding = analyse_mesh(fitted, length, low, high, pitch_class, octave, octaves)
        counts = np.bincount(classes[classes != SILENT], minlength=CLASSES) / len(classes)
        sounded[pitch_class] += counts / len(asked)
        matches[row, pitch_class] = counts[pitch_class]
        at_boundary[row, pitch_class] = np.mean(classes[boundary] == pitch_class)
        shares[row, pitch_class] = on_harmonics.mean(dtype=np.float64)
        partials[row, pitch_class] = sounding.mean(dtype=np.float64)
    return {
        "length": length,
        "match": float(matches.mean()),
        "harmonic_share": float(shares.mean()),
        "partials": float(partials.mean()),
        "octaves": list(topology.octaves),
        "matches": matches.tolist(),
        "boundary": float(boundary.mean()),
        "matches_at_boundary": at_boundary.tolist(),
        "harmonic_shares": shares.tolist(),
        "partials_of": partials.tolist(),
        "heard": sounded.tolist(),
    }


def _boundary(length: int, bottleneck: int) -> np.ndarray:
    """Which points of a mesh lie near the boundary of the space, in the order of `analyse_mesh`."""
    outermost = np.abs(np.linspace(-1.0, 1.0, length)) > 1.0 - 2.0 * _BOUNDARY
    near = np.zeros([length] * bottleneck, dtype=bool)
    for axis in range(bottleneck):
        near |= outermost.reshape([-1 if other == axis else 1 for other in range(bottleneck)])
    return near.ravel()


def analyse_mesh(
    fitted: Fitted,
    length: int,
    low: ArrayLike,
    high: ArrayLike,
    pitch_class: int,
    octave: int | None = None,
    octaves: Sequence[int] | np.ndarray = OCTAVES,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ask every point of a mesh for one pitch class, and analyse what sounds.

    Parameters
    ----------
    fitted : Fitted
    length : int
    low, high : array_like [shape=(bottleneck,)]
    pitch_class : int, 0–11
    octave : int or None
        One of the network's octaves, None when it has none.
    octaves : sequence of int
        Those that the note may lie in, when it has none.

    Returns
    -------
    classes : np.ndarray [shape=(length ** bottleneck,)], int8
        Pitch class that sounds, `SILENT` for an empty frame; the last latent varies fastest.
    harmonic_shares, partials : np.ndarray [shape=(length ** bottleneck,)], float32
        See `harmonic_content`.
    """
    topology = fitted.topology
    total = length**topology.bottleneck
    if not topology.skip:
        raise TrainingError(f"fit {fitted.folder}: without a skip no pitch class can be asked for")
    if total > _MOST_POINTS:
        raise TrainingError(
            f"fit {fitted.folder}: a mesh of {length} points along each of {topology.bottleneck} latents "
            f"has {total:.1e} points, allowed are {_MOST_POINTS:.0e}"
        )
    axes = [np.linspace(a, b, length, dtype=np.float32) for a, b in zip(np.asarray(low), np.asarray(high))]
    condition = analysis.condition([pitch_class], [octave or 0], topology.octaves)
    classes, shares, partials = np.empty(total, np.int8), *np.empty((2, total), np.float32)
    analyser = _Analyser(pitch_class, octaves if octave is None else (octave,), topology.samplerate, topology.n_fft)

    def analyse(first: int) -> None:
        some = slice(first, min(first + ROWS_AT_ONCE, total))
        places = np.unravel_index(np.arange(some.start, some.stop), [length] * topology.bottleneck)
        points = np.stack([axis[place] for axis, place in zip(axes, places)], axis=1)
        frames = decode(fitted, points, np.repeat(condition, len(points), axis=0))
        classes[some], shares[some], partials[some] = analyser.analyse(frames)

    for _ in on_every_core(analyse, range(0, total, ROWS_AT_ONCE)):
        pass
    return classes, shares, partials


def harmonic_content(
    frames: np.ndarray,
    classes: np.ndarray,
    octaves: Sequence[int] | np.ndarray = OCTAVES,
    samplerate: int = 44100,
) -> tuple[np.ndarray, np.ndarray]:
    """How much of each frame's power lies on harmonics of one note of its class, and how many of them sound.

    Parameters
    ----------
    frames : np.ndarray [shape=(n, bins)]
        Magnitudes.
    classes : np.ndarray [shape=(n,)], 0–11
    octaves : sequence of int
        Those that the note may lie in; of several, `manned.model.analysis.estimate_octaves` says which.

    Returns
    -------
    shares : np.ndarray [shape=(n,)], 0–1
        Of `training.network.harmonics.harmonic_mask`; 0 for an empty frame.
    partials : np.ndarray [shape=(n,)]
        `training.network.harmonics.sounding_partials`.
    """
    shares, partials = np.zeros((2, len(frames)), dtype=np.float32)
    for pitch_class in np.unique(classes):
        rows = classes == pitch_class
        analyser = _Analyser(int(pitch_class), octaves, samplerate, 2 * (frames.shape[1] - 1))
        _, shares[rows], partials[rows] = analyser.analyse(frames[rows])
    return shares, partials


class _Analyser:
    """Finds classes and harmonics of frames that should sound one pitch class, in one matrix product."""

    def __init__(self, pitch_class: int, octaves: Sequence[int] | np.ndarray, samplerate: int, n_fft: int) -> None:
        self.pitch_class, self.octaves, self.samplerate = pitch_class, tuple(sorted(map(int, octaves))), samplerate
        masks = harmonic_masks(self.octaves, samplerate, n_fft)[pitch_class]
        everything = np.ones(n_fft // 2 + 1, dtype=np.float32)
        self._sums = np.column_stack([analysis.chroma_filterbank(samplerate, n_fft).T, everything, *masks])

    def analyse(self, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Class that sounds, share of the power on harmonics of the wanted note, and its partials [shape=(n,) each]."""
        power = np.square(frames)
        sums = power @ self._sums
        total = sums[:, CLASSES]
        wanted = np.full(len(frames), self.pitch_class)
        octaves = analysis.estimate_octaves(frames, wanted, self.octaves, self.samplerate)
        on_harmonics = sums[np.arange(len(frames)), CLASSES + 1 + np.searchsorted(self.octaves, octaves)]
        classes = np.where(total > 0, np.argmax(sums[:, :CLASSES], axis=1), SILENT)
        shares = np.divide(on_harmonics, total, out=np.zeros_like(total), where=total > 0)
        partials = np.zeros(len(frames), dtype=np.float32)
        for octave in np.unique(octaves):
            rows = octaves == octave
            partials[rows] = sounding_partials(power[rows], 12 * (int(octave) + 1) + self.pitch_class, self.samplerate)
        return classes, shares, partials
