"""A flat map of a decoder's sounds, which ``/xy`` plays: neighbours sound alike, and every sound has its place.

A self-organising map (Kohonen, 1982) in the space of control values, made by its batch algorithm.  At last each of
its points becomes the training frame nearest to it, for means of many sounds are all alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import ModelError

SIDE = 24
LARGEST_SIDE = 64
_ROUNDS = 30
_LEAD = 2.0  # how much more the first two controls count, that the map lies along them
_WIDEST, _NARROWEST = 0.35, 0.03  # radius of what a sound draws with it, in sides of the map, first and last


@dataclass(frozen=True, eq=False)
class Chart:
    """A grid of points of a decoder.

    Attributes
    ----------
    points : np.ndarray [shape=(rows, columns, latents)], float32
        Control values, 0..1, at evenly spread places; ``x`` runs along the columns, ``y`` along the rows.
    counts : np.ndarray [shape=(rows, columns)], float32
        How many training frames are nearest to each: where a panel draws hills.
    """

    points: np.ndarray
    counts: np.ndarray

    def __post_init__(self) -> None:
        shape = self.points.shape
        if len(shape) != 3 or not all(2 <= side <= LARGEST_SIDE for side in shape[:2]):
            raise ModelError(f"chart: its points have shape {shape}, allowed are 2–{LARGEST_SIDE} rows and columns")
        if self.counts.shape != shape[:2]:
            raise ModelError(f"chart: its counts have shape {self.counts.shape}, its points {shape}")

    def controls(self, x: float, y: float) -> np.ndarray:
        """Control values [shape=(latents,)] at a place, 0..1 each way, between the four points around it."""
        rows, columns, _ = self.points.shape
        column, row = np.clip(x, 0.0, 1.0) * (columns - 1), np.clip(y, 0.0, 1.0) * (rows - 1)
        left, low = min(int(column), columns - 2), min(int(row), rows - 2)
        right, up = column - left, row - low
        bottom = (1.0 - right) * self.points[low, left] + right * self.points[low, left + 1]
        top = (1.0 - right) * self.points[low + 1, left] + right * self.points[low + 1, left + 1]
        return ((1.0 - up) * bottom + up * top).astype(np.float32)

    def places(self, controls: np.ndarray) -> np.ndarray:
        """Place ``x, y`` [shape=(n, 2)] of the nearest point to each of some control values [shape=(n, latents)]."""
        rows, columns, latents = self.points.shape
        nearest = _nearest(np.asarray(controls, np.float32), self.points.reshape(-1, latents))
        return np.stack([nearest % columns / (columns - 1), nearest // columns / (rows - 1)], axis=1)

    @property
    def occupied(self) -> float:
        """Share of its points that training frames lie at, 0..1."""
        return float(np.mean(self.counts > 0))


def make_chart(controls: np.ndarray, weights: np.ndarray | None = None, side: int = SIDE, seed: int = 0) -> Chart:
    """Lay out training frames on a map.

    Parameters
    ----------
    controls : np.ndarray [shape=(n, latents)]
        Control values of the training frames; the first runs along ``x``, the second along ``y``.
    weights : np.ndarray [shape=(latents,)], optional
        How much each control changes what is heard.
    side : int
        Rows and columns.
    seed : int
        Draws the frames, when there are many.
    """
    controls = np.asarray(controls, dtype=np.float32)
    rng = np.random.default_rng(seed)
    sample = controls if len(controls) <= 20000 else controls[rng.choice(len(controls), 20000, replace=False)]
    latents = sample.shape[1]
    weights = np.array(np.ones(latents) if weights is None else weights, dtype=np.float32)
    weights[:2] *= _LEAD
    scaled = sample * weights
    places = np.stack(np.meshgrid(np.linspace(0, 1, side), np.linspace(0, 1, side)), axis=-1).reshape(-1, 2)
    points = np.repeat(scaled.mean(axis=0, keepdims=True), side * side, axis=0)
    points[:, 0] = weights[0] * places[:, 0]
    if latents > 1:
        points[:, 1] = weights[1] * places[:, 1]
    apart = np.sum((places[:, None] - places[None]) ** 2, axis=2)
    for radius in np.geomspace(_WIDEST, _NARROWEST, _ROUNDS):
        nearest = _nearest(scaled, points)
        counts = np.bincount(nearest, minlength=len(points)).astype(np.float32)
        sums = np.stack([np.bincount(nearest, column, len(points)) for column in scaled.T], axis=1)
        pull = np.exp(-0.5 * apart / radius**2).astype(np.float32)
        points = (pull @ sums / np.maximum(pull @ counts, 1e-9)[:, None]).astype(np.float32)
    points = sample[_nearest(points, scaled)]
    counts = np.bincount(_nearest(controls * weights, points * weights), minlength=len(points)).astype(np.float32)
    return Chart(np.clip(points, 0.0, 1.0).reshape(side, side, latents), counts.reshape(side, side))


def _nearest(rows: np.ndarray, points: np.ndarray) -> np.ndarray:
    found = np.empty(len(rows), dtype=np.int64)
    for first in range(0, len(rows), 4096):
        some = rows[first : first + 4096]
        found[first : first + 4096] = np.argmin(np.sum(points**2, axis=1) - 2.0 * some @ points.T, axis=1)
    return found
