"""Where the training frames lie in the space of latents, and ways through it that stay among them.

The map is a few hundred landmarks, means of neighbouring training frames.
Between two points the way is the shortest over all landmarks when every step
costs a power of its length: a step through empty space, which is long, costs
more than many short ones around it (power-weighted shortest paths, Hwang, Damelin
and Hero, "Shortest path through random points", 2016).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

MAX_LANDMARKS = 4096
_POWER = 3.0
_SMOOTHINGS = 60
_POINTS = 129


@dataclass(frozen=True, eq=False)
class TimbreMap:
    """A map of trained timbres.

    Attributes
    ----------
    landmarks : np.ndarray [shape=(n, latents)], float32
        In control values, 0–1.
    spacing : float
        99 % of the training frames lie no farther than this from a landmark.
    """

    landmarks: np.ndarray
    spacing: float

    def distance(self, points: np.ndarray) -> np.ndarray:
        """Distance [shape=(n,)] of control values [shape=(n, latents)] from the nearest landmark."""
        return _distances(np.asarray(points, dtype=np.float32), self.landmarks).min(axis=1)

    def inside(self, points: np.ndarray) -> np.ndarray:
        """Which control values [shape=(n, latents)] are as near to landmarks as training frames are."""
        return self.distance(points) <= self.spacing

    def way(self, start: ArrayLike, end: ArrayLike) -> np.ndarray:
        """Points [shape=(m, latents)] from one point to another among the training frames.

        The straight line, where it stays inside; else the shortest way over
        the landmarks, smoothed as far as that leaves it inside.
        """
        start, end = (np.asarray(point, dtype=np.float32) for point in (start, end))
        straight = np.linspace(start, end, _POINTS, dtype=np.float32)
        if self.inside(straight).all():
            return straight
        return self._smooth(_evenly(self._shortest(start, end), _POINTS))

    def _shortest(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """The cheapest polyline over the landmarks (Dijkstra; every landmark is every other's neighbour)."""
        nodes = np.concatenate([[start], self.landmarks, [end]])
        cost = np.full(len(nodes), np.inf)
        cost[0] = 0.0
        came_from = np.zeros(len(nodes), dtype=np.int64)
        waiting = np.ones(len(nodes), dtype=bool)
        while waiting[-1]:
            here = int(np.argmin(np.where(waiting, cost, np.inf)))
            waiting[here] = False
            through = cost[here] + _distances(nodes[here : here + 1], nodes)[0] ** _POWER
            shorter = waiting & (through < cost)
            cost[shorter], came_from[shorter] = through[shorter], here
        way = [len(nodes) - 1]
        while way[-1] != 0:
            way.append(int(came_from[way[-1]]))
        return nodes[way[::-1]]

    def _smooth(self, way: np.ndarray) -> np.ndarray:
        """Pull every point towards its neighbours, unless that takes it out of the map."""
        for _ in range(_SMOOTHINGS):
            pulled = way.copy()
            pulled[1:-1] = (way[:-2] + 2.0 * way[1:-1] + way[2:]) / 4.0
            distance = self.distance(pulled)
            kept = (distance <= self.spacing) | (distance <= self.distance(way))
            way = np.where(kept[:, None], pulled, way)
        return way


def _distances(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    points, others = points.astype(np.float64), others.astype(np.float64)  # near ones cancel
    squared = np.square(points).sum(1)[:, None] - 2.0 * points @ others.T + np.square(others).sum(1)
    return np.sqrt(np.maximum(squared, 0.0))


def _evenly(points: np.ndarray, count: int) -> np.ndarray:
    """``count`` points along a polyline, evenly by its length."""
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    wanted = np.linspace(0.0, lengths[-1], count)
    return np.stack([np.interp(wanted, lengths, column) for column in points.T], axis=1).astype(np.float32)
