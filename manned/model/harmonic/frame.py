"""From harmonic frames to what an inverse FFT turns into sound: the reference for the engine's frame builder.

Sinusoids are drawn as lobes of a Hann window with tracked phases (Rodet and Depalle, "Spectral envelopes and
inverse FFT synthesis", 1992), noise with random ones; so both come out of one inverse FFT, windowed, ready to be
overlapped and added.  The pitch is told for each frame, so no key is reached by resampling.
"""

from __future__ import annotations

import numpy as np

from .analysis import lobe
from .scale import FLOOR_DB, HARMONICS, SAMPLERATE, harmonic_frequencies
from .spectrum import noise_power

N_FFT = 4096
HOP = 512
LOBE_BINS = 8
"""Bins drawn on each side of a partial: what is cut off lies 75 dB below it."""

_HIGHEST = 0.98  # of the Nyquist frequency: partials above are left out


class FrameBuilder:
    """One voice: phases that go on from frame to frame, and a source of noise.

    Parameters
    ----------
    samplerate : int
        Hertz.
    seed : int
        Of the first phases and the noise: the same seed gives the same sound.
    n_fft, hop : int
        Window and step, samples.
    """

    def __init__(self, samplerate: int = SAMPLERATE, seed: int = 0, n_fft: int = N_FFT, hop: int = HOP) -> None:
        self.samplerate, self.n_fft, self.hop = samplerate, n_fft, hop
        self._rng = np.random.default_rng(seed)
        self._turns = self._rng.random(HARMONICS)
        self._before: np.ndarray | None = None

    def frame(
        self,
        harmonics_db: np.ndarray,
        bands_db: np.ndarray,
        f0_hz: float,
        inharmonicity: float,
        harmonic_level: float = 1.0,
        noise_level: float = 1.0,
    ) -> np.ndarray:
        """The spectrum of the next window.

        Parameters
        ----------
        harmonics_db : np.ndarray [shape=(HARMONICS,)]
        bands_db : np.ndarray [shape=(BANDS,)]
        f0_hz, inharmonicity : float
            Of this window's middle.
        harmonic_level, noise_level : float
            Gains of the two parts, 1 as they were learned.

        Returns
        -------
        np.ndarray [shape=(n_fft / 2 + 1,)], complex128
            ``np.fft.irfft`` of it is a window of sound that wants no further window; overlapped and added every
            ``hop`` samples its mean square is the power of the frame.
        """
        frequency = harmonic_frequencies(np.array([f0_hz]), np.array([inharmonicity]))[0]
        before = frequency if self._before is None else self._before
        self._turns = (self._turns + 0.5 * (before + frequency) * self.hop / self.samplerate) % 1.0
        self._before = frequency
        overlap = self.n_fft / self.hop
        partials = self._partials(harmonics_db, frequency) * (2.0 / overlap)  # Hann windows add up to half the overlap
        noise = self._noise(bands_db) / np.sqrt(0.375 * overlap)  # and their squares to three eighths
        return harmonic_level * partials + noise_level * noise

    def _partials(self, harmonics_db: np.ndarray, frequency: np.ndarray) -> np.ndarray:
        bins = self.n_fft // 2 + 1
        heard = (harmonics_db > FLOOR_DB) & (frequency < 0.5 * _HIGHEST * self.samplerate)
        amplitude = np.sqrt(2.0 * 10.0 ** (harmonics_db[heard] / 10.0)) * self.n_fft / 4.0
        place = frequency[heard] * self.n_fft / self.samplerate
        turned = amplitude * np.exp(2j * np.pi * self._turns[heard])
        index = np.round(place).astype(np.int64)[:, None] + np.arange(-LOBE_BINS, LOBE_BINS + 1)
        parts = turned[:, None] * lobe(index - place[:, None])
        parts = np.where(index < 0, np.conj(parts), parts)  # the lobe goes on at the other side of 0 Hz
        result = np.zeros(bins, dtype=np.complex128)
        inside = np.abs(index) < bins
        np.add.at(result, np.abs(index)[inside], parts[inside])
        result[0] = 2.0 * result[0].real  # where both sides meet
        return result * np.where(np.arange(bins) % 2, -1.0, 1.0)

    def _noise(self, bands_db: np.ndarray) -> np.ndarray:
        bins = self.n_fft // 2 + 1
        # A bin of noise of mean square 1 has the mean squared magnitude n_fft, half of it on this side of the spectrum.
        gain = np.sqrt(noise_power(bands_db[None], self.n_fft, self.samplerate)[0] * 0.5) * self.n_fft
        drawn = gain * np.exp(2j * np.pi * self._rng.random(bins))
        drawn[[0, -1]] = 0.0
        windowed = 0.5 * drawn
        windowed[1:] -= 0.25 * drawn[:-1]
        windowed[:-1] -= 0.25 * drawn[1:]
        return windowed


def overlapped(spectra: list[np.ndarray], hop: int = HOP) -> np.ndarray:
    """Sound of spectra one after another [shape=((n - 1) * hop + n_fft,)].

    The middle of frame ``i`` lies at sample ``i * hop + n_fft / 2``.
    """
    n_fft = 2 * (len(spectra[0]) - 1)
    result = np.zeros((len(spectra) - 1) * hop + n_fft)
    for number, spectrum in enumerate(spectra):
        result[number * hop : number * hop + n_fft] += np.fft.irfft(spectrum)
    return result
