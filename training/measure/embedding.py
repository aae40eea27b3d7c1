"""Where the training set lies in the latent space: the paper's words of section V-A as numbers."""

from __future__ import annotations

import numpy as np

from training.corpus.corpus import Corpus
from training.measure.coding import chunks, encode, on_every_core
from training.network.fit_folder import Fitted

# Cells of the grid that occupancy and entropy are counted on, as near as whole numbers of cells a side allow.
_CELLS = 2500


def embedding(fitted: Fitted, corpus: Corpus) -> np.ndarray:
    """Latents [shape=(n, bottleneck)] of the training set."""
    octaves = fitted.topology.octaves

    def latents(rows: np.ndarray) -> np.ndarray:
        frames, conditions = corpus.batch(rows, octaves)
        return encode(fitted, frames.astype(np.float32), conditions)

    return np.concatenate(list(on_every_core(latents, chunks(corpus.rows("train", octaves)))))


def latent_range(fitted: Fitted, latents: np.ndarray) -> np.ndarray:
    """Span of each latent worth playing [shape=(bottleneck, 2)].

    (0, 1) for a sigmoid bottleneck; the 1st to 99th percentile of the training
    embedding [shape=(n, bottleneck)] for the others, which are not bounded (section V-A).
    """
    if fitted.topology.bottleneck_activation == "sigmoid":
        return np.tile(np.array([0.0, 1.0], dtype=np.float32), (fitted.topology.bottleneck, 1))
    return np.percentile(latents, [1, 99], axis=0).T.astype(np.float32)


def embedding_statistics(latents: np.ndarray, bounded: bool) -> dict:
    """Bounds, correlation and density of an embedding.

    Occupancy and entropy are counted on a grid of about 2500 cells: 50 a side
    in two dimensions, 14 in three, 3 in eight and never fewer than 2.  The grid
    spans the unit cube when the bottleneck is bounded, else the smallest box
    that holds the embedding.  Even points spread at random leave cells empty,
    so beside each figure stands that of as many uniformly random points.

    Parameters
    ----------
    latents : np.ndarray [shape=(n, bottleneck)]
    bounded : bool
        Whether the latents are those of a sigmoid, in (0, 1).

    Returns
    -------
    dict
        ``low``, ``p1``, ``p99``, ``high``: bounds of each latent;
        ``correlation``: Pearson's, one row a latent (0 for a latent that is constant);
        ``largest_correlation``: between two latents, without its sign;
        ``grid``: cells a side; ``occupied``, ``occupied_by_uniform``: share of
        the cells that hold a frame; ``entropy_bits``, ``entropy_bits_of_uniform``
        of the cells, and ``evenness``, the first divided by the second.
    """
    count, dimensions = latents.shape
    latents = latents.astype(np.float64)
    low, p1, p99, high = np.percentile(latents, [0, 1, 99, 100], axis=0)
    side = max(2, round(_CELLS ** (1 / dimensions)))
    corner, size = (0.0, 1.0) if bounded else (low, np.where(high > low, high - low, 1.0))
    cells = np.clip(((latents - corner) / size * side).astype(np.int64), 0, side - 1)
    uniform = np.random.default_rng(0).integers(0, side, (count, dimensions))
    occupied, entropy = _occupancy(cells, side)
    occupied_by_uniform, entropy_of_uniform = _occupancy(uniform, side)
    with np.errstate(invalid="ignore"):
        correlation = np.nan_to_num(np.atleast_2d(np.corrcoef(latents, rowvar=False)))
    between = correlation[~np.eye(dimensions, dtype=bool)]
    return {
        "low": low.tolist(),
        "p1": p1.tolist(),
        "p99": p99.tolist(),
        "high": high.tolist(),
        "correlation": correlation.tolist(),
        "largest_correlation": float(np.abs(between).max()) if between.size else 0.0,
        "grid": side,
        "occupied": occupied,
        "occupied_by_uniform": occupied_by_uniform,
        "entropy_bits": entropy,
        "entropy_bits_of_uniform": entropy_of_uniform,
        "evenness": entropy / entropy_of_uniform if entropy_of_uniform else 1.0,
    }


def _occupancy(cells: np.ndarray, side: int) -> tuple[float, float]:
    """Share of all cells that hold a point, and the entropy in bits of the points over the cells."""
    counts = np.unique(cells, axis=0, return_counts=True)[1]
    shares = counts / counts.sum()
    return len(counts) / float(side) ** cells.shape[1], float(-np.sum(shares * np.log2(shares)))
