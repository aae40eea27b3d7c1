"""The map of trained timbres that a decoder file carries, made from the training embedding."""

from __future__ import annotations

import numpy as np

from manned.model.timbre_map import TimbreMap
from training.measure.coding import chunks

LANDMARKS = 768
_FRAMES = 50_000  # that landmarks are made from
_FRAMES_PER_LANDMARK = 16
_ROUNDS = 12


def timbre_map(latents: np.ndarray, span: np.ndarray, seed: int = 0) -> TimbreMap | None:
    """Landmarks of an embedding, by k-means.

    Parameters
    ----------
    latents : np.ndarray [shape=(n, bottleneck)]
        The training embedding.
    span : np.ndarray [shape=(bottleneck, 2)]
        What the faders reach; frames beyond it are left out.
    seed : int

    Returns
    -------
    TimbreMap or None
        None when too few frames lie within the faders' reach.
    """
    size = np.maximum(span[:, 1] - span[:, 0], np.finfo(np.float32).tiny)
    points = ((latents - span[:, 0]) / size).astype(np.float32)
    points = points[np.all((points >= 0.0) & (points <= 1.0), axis=1)]
    count = min(LANDMARKS, len(points) // _FRAMES_PER_LANDMARK)
    if count == 0:
        return None
    rng = np.random.default_rng(seed)
    some = points[np.sort(rng.choice(len(points), min(_FRAMES, len(points)), replace=False))]
    means = some[rng.choice(len(some), count, replace=False)]
    for _ in range(_ROUNDS):
        means = _means(some, _nearest(some, means)[0], means)
    landmarks = means.astype(np.float16).astype(np.float32)
    return TimbreMap(landmarks, float(np.percentile(_nearest(points, landmarks)[1], 99)))


def _nearest(points: np.ndarray, means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number of the nearest mean of each point [shape=(n,)], and the distance to it."""
    squares = np.square(means).sum(1)
    numbers, distances = np.empty(len(points), dtype=np.int64), np.empty(len(points), dtype=np.float32)
    for rows in chunks(np.arange(len(points))):
        scores = squares - 2.0 * points[rows] @ means.T
        numbers[rows] = scores.argmin(axis=1)
        distances[rows] = np.linalg.norm(points[rows] - means[numbers[rows]], axis=1)
    return numbers, distances


def _means(points: np.ndarray, numbers: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Mean of the points of each number; those that nobody is nearest to stay where they were."""
    counts = np.bincount(numbers, minlength=len(before))
    sums = np.stack([np.bincount(numbers, column, len(before)) for column in points.T], axis=1)
    return np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], before).astype(np.float32)
