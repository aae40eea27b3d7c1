"""What is rendered of frames is what the frames say."""

import numpy as np

from manned.model.harmonic.analysis import analyse
from manned.model.harmonic.render import render
from manned.model.harmonic.scale import BANDS, FLOOR_DB, HARMONICS

HOP, COUNT = 1024, 40


def test_analysis_finds_the_levels_that_were_rendered():
    harmonics = np.full((COUNT, HARMONICS), FLOOR_DB)
    harmonics[:, [0, 2, 6]] = [-3.0, -10.0, -20.0]
    bands = np.full((COUNT, BANDS), -60.0)
    steady = [np.full(COUNT, value) for value in (200.0, 0.0, -12.0)]
    sound = render(harmonics, bands, *steady, HOP)
    found = analyse(sound, np.arange(8, 32) * HOP, np.full(24, 200.0), 44100)
    told = found.harmonics_db + found.level_db[:, None] + 12.0
    assert np.abs(told[:, [0, 2, 6]] - [-3.0, -10.0, -20.0]).max() < 0.1
    noise = (found.bands_db + found.level_db[:, None] + 12.0).mean(axis=0)
    assert np.abs(noise[20:60] + 60.0).max() < 2.0


def test_the_same_seed_gives_the_same_sound():
    frames = np.full((4, HARMONICS), -30.0), np.full((4, BANDS), -40.0)
    steady = [np.full(4, value) for value in (300.0, 1e-4, 0.0)]
    first, again, other = (render(*frames, *steady, 256, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
