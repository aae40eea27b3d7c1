"""Inverse real FFT of one frame: in place, no allocation, split real and imaginary parts.

4096 real samples by a 2048-point complex Stockham transform, radix 4 with a last radix-2 stage.
"""

from __future__ import annotations

import numpy as np

from .native import native
from .record import Record
from .sizes import FFT

HALF = FFT // 2

TABLE = np.dtype([("cosine", "f4", FFT), ("sine", "f4", FFT)], align=True)
"""One turn in FFT steps."""

SCRATCH = np.dtype(
    [("re", "f4", FFT), ("im", "f4", FFT), ("re2", "f4", FFT), ("im2", "f4", FFT), ("time", "f4", FFT)], align=True
)


def fill_table(table: np.void) -> None:
    """Work out the factors."""
    turns = 2 * np.pi * np.arange(FFT) / FFT
    table["cosine"] = np.cos(turns)
    table["sine"] = np.sin(turns)


@native
def inverse_real_fft(table: Record, scratch: Record) -> None:
    """Turn the half spectrum in ``scratch.re``/``im`` (2049 bins) into ``scratch.time`` (4096 samples).

    The result is scaled as ``numpy.fft.irfft`` scales it.  Destroys the spectrum.
    Audio thread: no locks, no allocation, no Python objects.
    """
    re, im = scratch.re, scratch.im
    re2, im2 = scratch.re2, scratch.im2
    cosine, sine = table.cosine, table.sine
    _fold(re, im, re2, im2, cosine, sine)
    _stage4(re2, im2, re, im, 1, HALF // 4, cosine, sine)
    _stage4(re, im, re2, im2, 4, HALF // 16, cosine, sine)
    _stage4(re2, im2, re, im, 16, HALF // 64, cosine, sine)
    _stage4(re, im, re2, im2, 64, HALF // 256, cosine, sine)
    _stage4(re2, im2, re, im, 256, HALF // 1024, cosine, sine)
    _stage2(re, im, scratch.time)


@native(apart=True)
def _fold(
    re: np.ndarray, im: np.ndarray, y_re: np.ndarray, y_im: np.ndarray, cosine: np.ndarray, sine: np.ndarray
) -> None:
    """Half spectrum of real samples into the spectrum of complex ones, which are their even and odd samples."""
    scale = np.float32(1.0 / FFT)
    for k in range(HALF):
        a_re, a_im = re[k], im[k]
        b_re, b_im = re[HALF - k], -im[HALF - k]
        sum_re, sum_im = a_re + b_re, a_im + b_im
        gap_re, gap_im = a_re - b_re, a_im - b_im
        c, s = cosine[k], sine[k]
        turned_re = gap_re * c - gap_im * s
        turned_im = gap_re * s + gap_im * c
        y_re[k] = (sum_re - turned_im) * scale
        y_im[k] = (sum_im + turned_re) * scale


@native(apart=True)
def _stage2(re: np.ndarray, im: np.ndarray, time: np.ndarray) -> None:
    """The last stage, radix 2, and even and odd samples in one."""
    half = HALF // 2
    for q in range(half):
        time[2 * q] = re[q] + re[q + half]
        time[2 * q + 1] = im[q] + im[q + half]
        time[2 * (q + half)] = re[q] - re[q + half]
        time[2 * (q + half) + 1] = im[q] - im[q + half]


@native(apart=True)
def _stage4(
    x_re: np.ndarray,
    x_im: np.ndarray,
    y_re: np.ndarray,
    y_im: np.ndarray,
    stride: int,
    quarter: int,
    cosine: np.ndarray,
    sine: np.ndarray,
) -> None:
    """One radix-4 Stockham stage: ``quarter`` butterflies for each of ``stride`` transforms."""
    step = FFT // (4 * quarter)
    for p in range(quarter):
        w1r, w1i = cosine[p * step], sine[p * step]
        w2r, w2i = cosine[2 * p * step], sine[2 * p * step]
        w3r, w3i = cosine[3 * p * step], sine[3 * p * step]
        a = stride * p
        b = stride * (p + quarter)
        c = stride * (p + 2 * quarter)
        d = stride * (p + 3 * quarter)
        out = stride * 4 * p
        for q in range(stride):
            ar, ai = x_re[a + q], x_im[a + q]
            br, bi = x_re[b + q], x_im[b + q]
            cr, ci = x_re[c + q], x_im[c + q]
            dr, di = x_re[d + q], x_im[d + q]
            even_r, even_i = ar + cr, ai + ci
            odd_r, odd_i = ar - cr, ai - ci
            pair_r, pair_i = br + dr, bi + di
            turn_r, turn_i = di - bi, br - dr  # i * (b - d)
            y_re[out + q] = even_r + pair_r
            y_im[out + q] = even_i + pair_i
            r, i = odd_r + turn_r, odd_i + turn_i
            y_re[out + stride + q] = r * w1r - i * w1i
            y_im[out + stride + q] = r * w1i + i * w1r
            r, i = even_r - pair_r, even_i - pair_i
            y_re[out + 2 * stride + q] = r * w2r - i * w2i
            y_im[out + 2 * stride + q] = r * w2i + i * w2r
            r, i = odd_r - turn_r, odd_i - turn_i
            y_re[out + 3 * stride + q] = r * w3r - i * w3i
            y_im[out + 3 * stride + q] = r * w3i + i * w3r
