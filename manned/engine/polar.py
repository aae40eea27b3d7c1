"""From magnitudes and phases to the half spectrum of a frame."""

from __future__ import annotations

from typing import Any

import numpy as np

from .native import native
from .sizes import BINS


def _sine_polynomials() -> tuple[Any, Any]:
    """Least-squares polynomials for cos(2 pi x) and sin(2 pi x)/x over x*x, |x| <= 1/2."""
    squares = 0.125 + 0.125 * np.cos(np.pi * (np.arange(4001) + 0.5) / 4001)
    x = np.sqrt(squares)
    cosine = np.polynomial.polynomial.polyfit(squares, np.cos(2 * np.pi * x), 7)
    sine = np.polynomial.polynomial.polyfit(squares, np.sin(2 * np.pi * x) / x, 7)
    return tuple(np.float32(cosine)), tuple(np.float32(sine))


_COS, _SIN = _sine_polynomials()
_C0, _C1, _C2, _C3, _C4, _C5, _C6, _C7 = _COS
_S0, _S1, _S2, _S3, _S4, _S5, _S6, _S7 = _SIN


@native(apart=True)
def polar_to_cartesian(magnitude: np.ndarray, turns: np.ndarray, re: np.ndarray, im: np.ndarray, bins: int) -> None:
    """Half spectrum of a frame whose phases are given at its centre."""
    for k in range(bins):
        x = turns[k]
        x -= np.float32(np.rint(x))
        q = x * x
        cosine = _C0 + q * (_C1 + q * (_C2 + q * (_C3 + q * (_C4 + q * (_C5 + q * (_C6 + q * _C7))))))
        sine = x * (_S0 + q * (_S1 + q * (_S2 + q * (_S3 + q * (_S4 + q * (_S5 + q * (_S6 + q * _S7)))))))
        re[k] = magnitude[k] * cosine
        im[k] = magnitude[k] * sine
    for k in range(bins, BINS):
        re[k] = 0.0
        im[k] = 0.0
    for k in range(1, bins, 2):  # from the frame's centre to its start: half a turn per bin
        re[k] = -re[k]
        im[k] = -im[k]
    im[0] = 0.0
    im[BINS - 1] = 0.0


@native
def unit(turns: float) -> tuple[float, float]:
    """Cosine and sine of an angle in turns, float32."""
    x = np.float32(turns - np.rint(turns))
    q = x * x
    cosine = _C0 + q * (_C1 + q * (_C2 + q * (_C3 + q * (_C4 + q * (_C5 + q * (_C6 + q * _C7))))))
    sine = x * (_S0 + q * (_S1 + q * (_S2 + q * (_S3 + q * (_S4 + q * (_S5 + q * (_S6 + q * _S7)))))))
    return cosine, sine
