"""The statistics of an embedding, each against points whose answer is known."""

import numpy as np
import pytest

from training.measure.embedding import embedding_statistics

RNG = np.random.default_rng(4)


@pytest.mark.parametrize(("dimensions", "side"), [(1, 2500), (2, 50), (3, 14), (8, 3)])
def test_even_points_are_as_even_as_uniform_ones(dimensions, side):
    statistics = embedding_statistics(RNG.random((20_000, dimensions)), bounded=True)
    assert statistics["grid"] == side
    assert statistics["evenness"] == pytest.approx(1.0, abs=0.01)
    assert statistics["occupied"] == pytest.approx(statistics["occupied_by_uniform"], abs=0.01)
    assert statistics["largest_correlation"] < 0.05
    np.testing.assert_allclose(statistics["p1"], 0.01, atol=0.004)
    np.testing.assert_allclose(statistics["high"], 1.0, atol=0.001)


def test_points_in_a_quarter_of_the_square_occupy_a_quarter():
    statistics = embedding_statistics(0.5 * RNG.random((50_000, 2)), bounded=True)
    assert statistics["occupied"] == pytest.approx(0.25, abs=0.001)
    assert statistics["entropy_bits"] == pytest.approx(np.log2(625), abs=0.02)


def test_a_line_is_correlated_and_empty():
    along = RNG.uniform(-3, 5, 10_000)
    statistics = embedding_statistics(np.stack([along, -2 * along], axis=1), bounded=False)
    assert statistics["largest_correlation"] == pytest.approx(1.0)
    assert statistics["correlation"][0][1] == pytest.approx(-1.0)
    assert statistics["occupied"] == pytest.approx(50 / 2500, abs=0.01)
    assert (statistics["low"][0], statistics["high"][1]) == pytest.approx((-3, 6), abs=0.01)


def test_a_latent_that_never_moves_is_no_error():
    statistics = embedding_statistics(np.stack([RNG.random(1000), np.zeros(1000)], axis=1), bounded=False)
    assert statistics["largest_correlation"] == 0.0 and statistics["occupied"] <= 50 / 2500
    assert all(np.isfinite(np.ravel(value)).all() for value in statistics.values())
