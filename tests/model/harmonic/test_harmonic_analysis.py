"""Harmonic frames say what is in a sound."""

import numpy as np
import pytest
from harmonic_tones import RATE, harmonic_tone, level_db

from manned.model.analysis import magnitudes as stft_magnitudes
from manned.model.harmonic.analysis import Frames, analyse, window_length
from manned.model.harmonic.scale import BANDS, FLOOR_DB, HARMONICS, NYQUIST_HZ
from manned.model.harmonic.spectrum import magnitudes

CENTRES = np.arange(12000, 32000, 2500)
AMPLITUDES = [0.2, 0.1, 0.05, 0.1, 0.02]


def frames_of(sound: np.ndarray, f0_hz: float) -> Frames:
    return analyse(sound, CENTRES, np.full(len(CENTRES), f0_hz), RATE)


@pytest.mark.parametrize("f0_hz", [20.0, 32.7, 65.4, 261.6, 1046.5, 4186.0])
def test_harmonics_have_their_levels_from_the_lowest_keys_to_the_highest(f0_hz):
    found = frames_of(harmonic_tone(f0_hz, AMPLITUDES), f0_hz)
    told = found.harmonics_db[:, : len(AMPLITUDES)] + found.level_db[:, None]
    assert np.abs(told - [level_db(amplitude) for amplitude in AMPLITUDES]).max() < 0.1


@pytest.mark.parametrize("cents", [-40.0, 15.0, 40.0])
def test_a_pitch_that_is_known_roughly_is_refined_to_a_tenth_of_a_cent(cents):
    found = frames_of(harmonic_tone(220.0, AMPLITUDES, noise=1e-4), 220.0 * 2.0 ** (cents / 1200.0))
    assert np.abs(1200.0 * np.log2(found.f0_hz / 220.0)).max() < 0.1


def test_power_is_divided_among_harmonics_and_bands_and_nothing_is_lost():
    sound = harmonic_tone(330.0, AMPLITUDES, noise=0.05)
    found = frames_of(sound, 330.0)
    parts = np.concatenate([found.harmonics_db, found.bands_db], axis=1)
    assert np.sum(10.0 ** (parts / 10.0), axis=1) == pytest.approx(1.0, abs=1e-3)
    assert found.level_db == pytest.approx(10.0 * np.log10(np.mean(sound**2)), abs=0.3)


def test_noise_between_partials_is_told_at_its_level_whatever_stands_above_it():
    found = frames_of(harmonic_tone(200.0, AMPLITUDES, noise=1e-3), 200.0)
    noise_db = 10.0 * np.log10(np.sum(10.0 ** (found.bands_db / 10.0), axis=1)) + found.level_db
    assert np.mean(noise_db) == pytest.approx(-60.0, abs=0.5)


def test_a_pure_tone_has_no_noise():
    found = frames_of(harmonic_tone(440.0, [0.3]), 440.0)
    assert np.all(found.harmonic_share > 0.999999)
    assert np.all(found.harmonics_db[:, 1:] < -70.0)


def test_white_noise_is_no_note():
    found = frames_of(harmonic_tone(440.0, [], noise=0.1), 440.0)
    assert np.median(found.harmonic_share) < 0.05


@pytest.mark.parametrize("inharmonicity", [2e-4, 1e-3])
def test_the_partials_of_a_stiff_string_are_found_where_they_lie(inharmonicity):
    amplitudes = [0.1 * 0.8**number for number in range(20)]
    found = frames_of(harmonic_tone(150.0, amplitudes, inharmonicity=inharmonicity), 150.0)
    assert found.inharmonicity[0] == pytest.approx(inharmonicity, rel=0.05)
    told = found.harmonics_db[:, :12] + found.level_db[:, None]
    assert np.abs(told - [level_db(amplitude) for amplitude in amplitudes[:12]]).max() < 0.5


def test_a_harmonic_sound_is_not_called_stiff():
    assert not frames_of(harmonic_tone(150.0, [0.1] * 20, noise=1e-3), 150.0).inharmonicity.any()


def test_silence_has_frames_at_the_floor():
    found = frames_of(np.zeros(RATE), 100.0)
    assert np.all(found.harmonics_db <= -30.0) or np.all(found.level_db < -200.0)
    assert np.isfinite(found.harmonics_db).all() and np.isfinite(found.bands_db).all()


def test_no_frame_is_asked_and_none_is_given():
    found = analyse(np.zeros(1000), np.zeros(0, np.int64), np.zeros(0), RATE)
    assert found.harmonics_db.shape == (0, HARMONICS) and found.bands_db.shape == (0, BANDS)


def test_windows_are_long_where_harmonics_lie_close():
    assert [window_length(f0, RATE) for f0 in (17.0, 40.0, 70.0, 4000.0)] == [16384, 8192, 4096, 4096]


@pytest.mark.parametrize("f0_hz", [98.0, 523.25])
def test_the_spectrum_of_a_frame_is_the_spectrum_of_its_sound(f0_hz):
    sound = harmonic_tone(f0_hz, AMPLITUDES, noise=1e-3)
    found = frames_of(sound, f0_hz)
    drawn = magnitudes(found.harmonics_db, found.bands_db, found.f0_hz, found.inharmonicity)
    real = stft_magnitudes(sound, starts=CENTRES - 2048)
    real /= np.sqrt(np.sum(real**2, axis=1, keepdims=True))
    loud = real > real.max() * 0.01
    assert np.abs(20.0 * np.log10(drawn[loud] / real[loud])).max() < 1.0


def test_what_lies_at_the_floor_draws_nothing():
    harmonics, bands = np.full((1, HARMONICS), FLOOR_DB), np.full((1, BANDS), -200.0)
    drawn = magnitudes(harmonics, bands, np.array([NYQUIST_HZ / 40]), np.zeros(1))
    assert drawn.max() < 1e-9
