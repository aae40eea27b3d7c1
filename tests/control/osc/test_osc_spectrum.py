"""The levels of the spectrum stream are those of the sound."""

import numpy as np
import pytest

from manned.control.osc.feedback.spectrum import FLOOR_DB, HIGHEST_HZ, LOWEST_HZ, POINTS, WINDOW, Spectrum

HERTZ = np.geomspace(LOWEST_HZ, HIGHEST_HZ, POINTS)


def sine(hertz, level=1.0, samplerate=44100, frames=3 * WINDOW):
    one = level * np.sin(2 * np.pi * hertz * np.arange(frames) / samplerate)
    return np.stack([one, one], axis=1).astype(np.float32)


def levels(sound, samplerate=44100, step=1000):
    spectrum = Spectrum(samplerate)
    for first in range(0, len(sound), step):
        spectrum.take(sound[first : first + step])
    return spectrum.levels_db()


@pytest.mark.parametrize("samplerate", [22050, 44100, 96000])
@pytest.mark.parametrize("point", [40, 97, 150])
def test_a_sine_at_full_scale_is_0_db_at_its_frequency_and_far_lower_elsewhere(point, samplerate):
    found = levels(sine(HERTZ[point], samplerate=samplerate), samplerate)
    assert np.argmax(found) == pytest.approx(point, abs=1) and found.max() == pytest.approx(0.0, abs=1.6)
    apart = np.abs(HERTZ - HERTZ[point]) > 6 * samplerate / WINDOW + 0.05 * HERTZ[point]
    assert found[apart].max() < -50.0


def test_levels_add_up_over_sides_and_say_nothing_beyond_what_a_rate_holds():
    left = sine(1000.0)
    left[:, 1] = 0.0
    assert levels(left).max() == pytest.approx(-3.0, abs=1.6)
    assert levels(sine(1000.0, 0.1)).max() == pytest.approx(-20.0, abs=1.6)
    assert (levels(sine(1000.0, samplerate=22050), 22050)[HERTZ > 11100] == FLOOR_DB).all()


def test_silence_is_the_floor_and_the_latest_samples_count():
    assert (levels(np.zeros((5, 1), np.float32)) == FLOOR_DB).all()
    spectrum = Spectrum(44100.0)
    spectrum.take(sine(1000.0))
    spectrum.take(np.zeros((WINDOW, 2), np.float32))
    assert (spectrum.levels_db() == FLOOR_DB).all()
    spectrum.take(np.zeros((0, 2), np.float32))
