import numba as nb
import numpy as np

from manned.engine.fft import SCRATCH, TABLE, fill_table, inverse_real_fft


@nb.njit
def _transform(tables, scratches):
    inverse_real_fft(tables[0], scratches[0])


def test_inverse_real_fft_agrees_with_numpy():
    table, scratch = np.zeros(1, TABLE), np.zeros(1, SCRATCH)
    fill_table(table[0])
    rng = np.random.default_rng(1)
    for _ in range(3):
        spectrum = rng.standard_normal(2049) + 1j * rng.standard_normal(2049)
        spectrum[[0, -1]] = spectrum[[0, -1]].real
        scratch["re"][0, :2049], scratch["im"][0, :2049] = spectrum.real, spectrum.imag
        _transform(table, scratch)
        wanted = np.fft.irfft(spectrum)
        assert np.abs(scratch["time"][0] - wanted).max() < 2e-6 * np.abs(wanted).max()
