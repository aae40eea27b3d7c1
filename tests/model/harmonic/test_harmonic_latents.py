"""Faders stand for shares of the training frames."""

import numpy as np
import pytest

from manned.errors import ModelError
from manned.model.harmonic.latents import POINTS, Latents

LATENTS = np.random.default_rng(0).standard_normal((5000, 3)) * [1.0, 5.0, 0.1] + [0.0, 2.0, -1.0]


def test_faders_are_uniform_in_the_training_frames():
    controls = Latents.of(LATENTS, ("a", "b", "c")).controls(LATENTS)
    assert np.abs(np.quantile(controls, [0.25, 0.5, 0.75], axis=0).T - [0.25, 0.5, 0.75]).max() < 0.02


def test_controls_and_values_are_each_others_inverse():
    latents = Latents.of(LATENTS, ("", "", ""))
    controls = np.random.default_rng(1).random((50, 3)).astype(np.float32)
    assert latents.controls(latents.values(controls)) == pytest.approx(controls, abs=1e-4)


def test_beyond_its_ends_a_fader_stays_at_its_ends():
    latents = Latents.of(LATENTS, ("", "", ""))
    assert np.array_equal(
        latents.values(np.array([[-1.0, 2.0, 0.5]]))[0, :2], latents.quantiles[[0, 1], [0, POINTS - 1]]
    )
    assert latents.controls(np.array([[-1e3, 1e3, 0.0]]))[0, :2].tolist() == [0.0, 1.0]


def test_a_latent_that_never_moves_is_a_fader_all_the_same():
    latents = Latents.of(np.zeros((100, 1)), ("",))
    assert np.isfinite(latents.controls(np.zeros((1, 1)))).all()


def test_quantiles_that_fall_are_refused():
    with pytest.raises(ModelError, match="rise"):
        Latents(np.zeros((1, POINTS), np.float32), ("",))


def test_the_lowest_fifth_of_a_fader_may_go_on_beyond_the_sounds():
    latents = Latents.of(LATENTS, ("", "", ""))
    reaching = latents.reaching_down_to(1, -20.0)
    assert reaching.values(np.zeros((1, 3)))[0, 1] == -20.0
    above = np.linspace(0.1875, 1.0, 20)[:, None] * np.ones(3)
    assert np.array_equal(reaching.values(above), latents.values(above))
    below = np.linspace(0.0, 0.1875, 9)[:, None] * np.ones(3)
    assert np.all(np.diff(reaching.values(below)[:, 1]) > 0.0)
    assert np.array_equal(reaching.values(below)[:, [0, 2]], latents.values(below)[:, [0, 2]])
    assert latents.reaching_down_to(1, 5.0).quantiles[1, 0] == latents.quantiles[1, 0]
