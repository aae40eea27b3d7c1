import numba as nb
import numpy as np

from manned.engine.fft import inverse_real_fft
from manned.engine.memory import allocate


@nb.njit
def _transform(shared):
    inverse_real_fft(shared[0], shared[0].audio_scratch)


def test_inverse_real_fft_agrees_with_numpy():
    shared = allocate(44100, 1)
    rng = np.random.default_rng(1)
    scratch = shared[0]["audio_scratch"]
    for _ in range(3):
        spectrum = rng.standard_normal(2049) + 1j * rng.standard_normal(2049)
        spectrum[[0, -1]] = spectrum[[0, -1]].real
        scratch["re"][:2049], scratch["im"][:2049] = spectrum.real, spectrum.imag
        _transform(shared)
        wanted = np.fft.irfft(spectrum)
        assert np.abs(scratch["time"] - wanted).max() < 2e-6 * np.abs(wanted).max()
