"""The chart gives every sound a place among its like."""

import numpy as np
import pytest

from manned.errors import ModelError
from manned.model.harmonic.chart import Chart, make_chart

RNG = np.random.default_rng(0)
CONTROLS = np.clip(RNG.random((40, 5))[RNG.integers(0, 40, 3000)] + 0.05 * RNG.standard_normal((3000, 5)), 0, 1)
CHART = make_chart(CONTROLS, side=12)


def test_most_of_the_pad_plays_sounds_that_are_there():
    assert CHART.occupied >= 0.6
    assert CHART.counts.sum() == len(CONTROLS)


def test_a_sound_is_found_again_at_its_place():
    places = CHART.places(CONTROLS)
    played = np.array([CHART.controls(x, y) for x, y in places])
    apart = np.linalg.norm(played - CONTROLS, axis=1)
    strangers = np.linalg.norm(CONTROLS[RNG.permutation(3000)] - CONTROLS, axis=1)
    assert np.median(apart) < 0.35 * np.median(strangers)


def test_neighbours_on_the_chart_sound_alike():
    steps = np.linalg.norm(np.diff(CHART.points, axis=1), axis=2)
    far = np.linalg.norm(CHART.points[:, 6:] - CHART.points[:, :-6], axis=2)
    assert np.median(steps) < 0.5 * np.median(far)


def test_x_goes_along_the_first_control():
    across = CHART.points[:, :, 0].mean(axis=0)
    assert np.corrcoef(across, np.arange(12))[0, 1] > 0.9


def test_between_its_points_the_chart_goes_straight():
    x, y = (2.25 / 11, 5.5 / 11)
    corners = CHART.points[5:7, 2:4]
    assert CHART.controls(x, y) == pytest.approx((0.75 * corners[:, 0] + 0.25 * corners[:, 1]).mean(axis=0), abs=1e-5)


def test_a_place_outside_is_the_edge():
    assert np.array_equal(CHART.controls(-3.0, 9.0), CHART.controls(0.0, 1.0))


def test_the_same_frames_give_the_same_chart():
    assert np.array_equal(make_chart(CONTROLS, side=12).points, CHART.points)


def test_a_chart_whose_parts_do_not_fit_is_refused():
    with pytest.raises(ModelError, match="counts"):
        Chart(np.zeros((4, 4, 2), np.float32), np.zeros((4, 5), np.float32))
