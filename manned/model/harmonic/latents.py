"""From faders to latents: every fader is uniform in the sounds that a decoder was made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import ModelError

POINTS = 33
_OUTERMOST = 0.001
_FIFTH = POINTS // 5


@dataclass(frozen=True, eq=False)
class Latents:
    """What the faders of a decoder mean.

    A fader at 0.3 stands where 30 % of the training frames lie below; so equal ways are equally many sounds,
    and its ends are the outermost of them, unless it goes on beyond (`reaching_down_to`).

    Attributes
    ----------
    quantiles : np.ndarray [shape=(latents, POINTS)], float32
        Value of each latent at ``POINTS`` even steps of its fader, rising.
    names : tuple of str
        What each does, such as ``brightness``; empty where nothing can be said.
    """

    quantiles: np.ndarray
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        shape = self.quantiles.shape
        if len(shape) != 2 or shape[1] != POINTS or len(self.names) != shape[0]:
            raise ModelError(f"latents: quantiles of shape {shape} and {len(self.names)} names do not belong together")
        if not np.isfinite(self.quantiles).all() or np.any(np.diff(self.quantiles, axis=1) <= 0.0):
            raise ModelError("latents: the quantiles of each latent must be finite and rise")

    @classmethod
    def of(cls, latents: np.ndarray, names: tuple[str, ...]) -> Latents:
        """The faders of training latents [shape=(n, latents)]; the outermost tenth of a per cent is out of reach."""
        quantiles = np.quantile(latents, np.linspace(_OUTERMOST, 1.0 - _OUTERMOST, POINTS), axis=0).T
        span = np.maximum(np.ptp(quantiles, axis=1, keepdims=True), 1e-3)
        steps = np.maximum(np.diff(quantiles, axis=1), 1e-3 * span / POINTS)  # equal values would have no inverse
        return cls(np.cumsum(np.concatenate([quantiles[:, :1], steps], axis=1), axis=1).astype(np.float32), names)

    def reaching_down_to(self, latent: int, value: float) -> Latents:
        """The same, but the lowest fifth of a fader goes on to a value that no sound was found at."""
        quantiles = self.quantiles.copy()
        if value < quantiles[latent, 0]:
            quantiles[latent, :_FIFTH] = np.linspace(value, quantiles[latent, _FIFTH], _FIFTH, endpoint=False)
        return Latents(quantiles, self.names)

    def values(self, controls: np.ndarray) -> np.ndarray:
        """Latents [shape=(n, latents)], float32, of control values, 0..1."""
        place = np.clip(np.asarray(controls, dtype=np.float32), 0.0, 1.0) * np.float32(POINTS - 1)
        below = np.minimum(place.astype(np.int64), POINTS - 2)
        share = place - below
        column = np.arange(len(self.quantiles))
        low, high = self.quantiles[column, below], self.quantiles[column, below + 1]
        return (low + share * (high - low)).astype(np.float32)

    def controls(self, values: np.ndarray) -> np.ndarray:
        """Control values [shape=(n, latents)], float32, of latents: what lies beyond a fader's end stays at its end."""
        steps = np.linspace(0.0, 1.0, POINTS)
        columns = [np.interp(column, row, steps) for column, row in zip(np.asarray(values).T, self.quantiles)]
        return np.stack(columns, axis=1).astype(np.float32)
