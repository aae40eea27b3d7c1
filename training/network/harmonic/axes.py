"""Turning the latents of a fit into faders worth playing.

The network is free to spread its latents as it likes.  Here they are turned so that the first goes along brightness
(how many partials are heard, from a pure tone to a buzz), the second along noise and the third along hollowness (odd
against even harmonics), the rest in the order of what they change, and made uncorrelated by rank, as faders tell them,
and of equal spread; the turn goes into the weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from manned.model.harmonic.analysis import Frames
from manned.model.harmonic.ear import PARTIAL_DB
from manned.model.harmonic.forward import Weights, decode
from manned.model.harmonic.scale import FLOOR_DB
from manned.model.harmonic.topology import HarmonicTopology

BRIGHTNESS = "brightness"
_PROBES = 2000
_STEP = 0.5  # of a latent's spread: how far it is moved to hear what it changes
_ROUNDS = 10
_ALIKE = 0.2  # correlation that two faders may have
_LEAST_R = 0.3  # correlation that gives an axis its name


@dataclass(frozen=True, eq=False)
class Axes:
    """A turn of the latents: ``z = mean + c @ matrix.T``, where ``c`` are uncorrelated and of spread 1.

    Attributes
    ----------
    mean : np.ndarray [shape=(latents,)]
    matrix : np.ndarray [shape=(latents, latents)]
    names : tuple of str
        Of the new latents.
    change_db : np.ndarray [shape=(latents,)]
        How much each changes the levels that are heard, root mean square over its spread.
    """

    mean: np.ndarray
    matrix: np.ndarray
    names: tuple[str, ...]
    change_db: np.ndarray

    def turned(self, latents: np.ndarray) -> np.ndarray:
        """New latents of old ones [shape=(n, latents)]."""
        return (latents - self.mean) @ np.linalg.inv(self.matrix).T

    def decoder(self, weights: Weights) -> Weights:
        """A decoder that takes the new latents and answers as the old one does."""
        (weight, bias), *others = weights
        count = len(self.mean)
        turned = np.concatenate([self.matrix.T @ weight[:count], weight[count:]])
        return [_float32(turned, bias + self.mean @ weight[:count]), *others]

    def encoder(self, weights: Weights) -> Weights:
        """An encoder that gives the new latents."""
        *others, (weight, bias) = weights
        inverse = np.linalg.inv(self.matrix).T
        return [*others, _float32(weight @ inverse, (bias - self.mean) @ inverse)]


def axes(topology: HarmonicTopology, decoder: Weights, latents: np.ndarray, frames: Frames, seed: int = 0) -> Axes:
    """Find the axes of training latents [shape=(n, latents)] and the frames that they are of."""
    mean = latents.mean(axis=0, dtype=np.float64)
    values, vectors = np.linalg.eigh(np.cov(latents.T.astype(np.float64)).reshape(len(mean), -1))
    spread = vectors * np.sqrt(np.maximum(values, 1e-12))  # from latents of spread 1 to those of the network
    white = (latents - mean) @ (vectors / np.sqrt(np.maximum(values, 1e-12)))
    basis = np.zeros((0, len(mean)))
    names = []
    for name, quality in qualities(frames).items():
        if len(names) == len(mean):
            break
        direction = white.T @ (quality - quality.mean()) / len(white)
        direction -= basis.T @ (basis @ direction)
        length = float(np.linalg.norm(direction))
        names.append(name if length > _LEAST_R * float(quality.std()) else "")
        basis = np.concatenate([basis, (direction / max(length, 1e-12))[None]])
    gram = _gram(topology, decoder, mean, spread, white, frames, seed)
    rest = _rest(basis, gram)
    turn = np.concatenate([basis, rest])
    apart = _apart(white @ turn.T)
    back = np.linalg.inv(apart) @ turn
    changes = np.sqrt(np.diag(back @ gram @ back.T))
    return Axes(mean, spread @ back.T, (*names, *[""] * len(rest)), changes)


def _apart(latents: np.ndarray) -> np.ndarray:
    """A matrix that makes the ranks of latents [shape=(n, latents)] uncorrelated too: ``latents @ matrix``.

    Faders are told by rank, so few kinds of sound would leave them alike though the latents are not.  Those that are
    apart already are left as they are: turning them further would take from what they change.
    """
    matrix = best = np.eye(latents.shape[1])
    least = np.inf
    for _ in range(_ROUNDS):
        correlation = _rank_correlation(latents @ matrix)
        largest = float(np.abs(correlation - np.eye(len(matrix))).max())
        if largest < least:
            best, least = matrix, largest
        if least < _ALIKE:
            break
        values, vectors = np.linalg.eigh(correlation)
        matrix = matrix @ (vectors / np.sqrt(np.maximum(values, 1e-3)) @ vectors.T)
        matrix /= np.std(latents @ matrix, axis=0)
    return best


def _rank_correlation(latents: np.ndarray) -> np.ndarray:
    ranks = np.argsort(np.argsort(latents, axis=0), axis=0)
    return np.corrcoef(ranks.T).reshape(latents.shape[1], -1)


def qualities(frames: Frames) -> dict[str, np.ndarray]:
    """What frames sound like, in words [shape=(n,) each]: the axes that come first."""
    power = np.where(frames.harmonics_db > FLOOR_DB, 10.0 ** (frames.harmonics_db / 10.0), 0.0)
    bands = 10.0 ** (frames.bands_db / 10.0)
    strongest = frames.harmonics_db.max(axis=1, keepdims=True)
    partials = np.sum(frames.harmonics_db >= strongest - PARTIAL_DB, axis=1)
    noise = 10.0 * np.log10(bands.sum(axis=1) + 1e-6)
    odd, even = power[:, 2::2].sum(axis=1), power[:, 1::2].sum(axis=1)
    hollow = 10.0 * np.log10((odd + 1e-4) / (even + 1e-4))
    return {BRIGHTNESS: np.log2(partials), "noise": noise, "hollowness": hollow}


def _gram(topology, decoder, mean, spread, white, frames, seed) -> np.ndarray:
    """Products [shape=(latents, latents)] of what steps along each white latent change, in dB of levels."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(white), min(_PROBES, len(white)), replace=False)
    f0_hz = frames.f0_hz[rows]

    def levels(points):
        harmonics, bands, _ = decode(topology, decoder, (mean + points @ spread.T).astype(np.float32), f0_hz)
        return np.maximum(np.concatenate([harmonics, bands], axis=1), -70.0)

    middle = levels(white[rows])
    steps = [(levels(white[rows] + _STEP * unit) - middle) / _STEP for unit in np.eye(len(mean))]
    return np.array([[float(np.mean(a * b)) for a in steps] for b in steps])


def _rest(basis: np.ndarray, gram: np.ndarray) -> np.ndarray:
    """Directions at right angles to a basis, those that change most first."""
    count = len(gram) - len(basis)
    if count <= 0:
        return np.zeros((0, len(gram)))
    _, _, every = np.linalg.svd(basis, full_matrices=True)
    free = every[len(basis) :]
    _, vectors = np.linalg.eigh(free @ gram @ free.T)
    return vectors[:, ::-1].T @ free


def _float32(weight: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return weight.astype(np.float32), bias.astype(np.float32)
