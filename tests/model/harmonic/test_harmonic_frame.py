"""Frames, built one after another, are the sound that they tell."""

import numpy as np
import pytest

from manned.model.harmonic.analysis import analyse
from manned.model.harmonic.frame import HOP, N_FFT, FrameBuilder, overlapped
from manned.model.harmonic.scale import BANDS, FLOOR_DB, HARMONICS

RATE = 44100
STEADY = slice(N_FFT, -N_FFT)


def levels(harmonics: dict[int, float], bands_db: float = -200.0) -> tuple[np.ndarray, np.ndarray]:
    told = np.full(HARMONICS, FLOOR_DB)
    for number, level in harmonics.items():
        told[number - 1] = level
    return told, np.full(BANDS, bands_db)


def played(frames, f0_hz, inharmonicity=0.0, seed=0, **gains) -> np.ndarray:
    builder = FrameBuilder(seed=seed)
    return overlapped([builder.frame(*frames, hz, inharmonicity, **gains) for hz in f0_hz])


@pytest.mark.parametrize("f0_hz", [16.4, 65.4, 261.6, 2093.0, 8372.0])
def test_a_partial_is_a_sinusoid_of_its_level_from_c0_to_c9(f0_hz):
    sound = played(levels({1: -6.0}), np.full(60, f0_hz))[STEADY]
    turns = f0_hz * np.arange(len(sound)) / RATE
    waves = np.stack([np.cos(2.0 * np.pi * turns), np.sin(2.0 * np.pi * turns)], axis=1)
    amplitudes, *_ = np.linalg.lstsq(waves, sound, rcond=None)
    assert 10.0 * np.log10(np.sum(amplitudes**2) / 2.0) == pytest.approx(-6.0, abs=0.1)
    assert 10.0 * np.log10(np.mean((sound - waves @ amplitudes) ** 2)) < -6.0 - 45.0


def test_analysis_finds_what_was_built():
    sound = played(levels({1: -3.0, 2: -9.0, 7: -30.0}, -60.0), np.full(80, 311.1))
    centres = np.arange(10, 60) * HOP + N_FFT // 2
    found = analyse(sound, centres, np.full(50, 311.1), RATE)
    told = found.harmonics_db + found.level_db[:, None]
    assert np.abs(told[:, [0, 1, 6]].mean(axis=0) - [-3.0, -9.0, -30.0]).max() < 0.3
    assert np.abs((found.bands_db + found.level_db[:, None]).mean(axis=0)[24:60] + 60.0).max() < 2.0
    assert np.abs(1200.0 * np.log2(found.f0_hz / 311.1)).max() < 0.2


def test_partials_of_a_stiff_string_are_stretched():
    sound = played(levels({1: -6.0, 10: -6.0}), np.full(60, 200.0), inharmonicity=1e-3)[STEADY]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    top = np.argmax(spectrum[int(1500 * len(sound) / RATE) :]) + int(1500 * len(sound) / RATE)
    assert top * RATE / len(sound) == pytest.approx(2000.0 * np.sqrt(1.0 + 1e-3 * 100), abs=2.0)


def test_a_glide_has_no_clicks():
    sound = played(levels({1: -3.0}), 220.0 * 2.0 ** np.linspace(0.0, 1.0, 200))[STEADY]
    assert np.abs(np.diff(sound, 2)).max() < 1.3 * (2.0 * np.pi * 440.0 / RATE) ** 2


def test_both_parts_have_a_gain_of_their_own():
    frames = levels({1: -3.0}, -30.0)
    both, tone, noise = (
        played(frames, np.full(40, 440.0), harmonic_level=a, noise_level=b) for a, b in ((1, 1), (1, 0), (0, 1))
    )
    assert tone + noise == pytest.approx(both, abs=1e-9)
    assert 10.0 * np.log10(np.mean(tone[STEADY] ** 2)) == pytest.approx(-3.0, abs=0.1)
    assert 10.0 * np.log10(np.mean(noise[STEADY] ** 2)) == pytest.approx(-30.0 + 10.0 * np.log10(BANDS), abs=0.7)


def test_the_same_seed_is_the_same_sound():
    frames = levels({1: -3.0}, -30.0)
    first, again, other = (played(frames, np.full(12, 440.0), seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
