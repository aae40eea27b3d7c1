"""The β-VAE: what it pays for, that it learns and can be played, and that collapse is said plainly."""

import csv
import math
from dataclasses import replace

import numpy as np
import pytest

from manned.errors import TrainingError
from manned.model.decoder_file import load_decoder
from manned.model.forward import decode
from training.export import export
from training.measure.evaluate import evaluate
from training.measure.posterior import posterior, summary, verdict
from training.measure.report import report
from training.network.fit import fit
from training.network.fit_folder import Fitted, read_tensors
from training.network.network import ops
from training.network.objective import Objective, divergences
from training.network.recipe import Recipe
from training.network.step import TrainingStep
from training.network.training_run import TrainingRun
from training.network.vae import VariationalAutoencoder

RECIPE = Recipe(learning_rate=3e-3, batch=50, epochs=60, beta=0.01, beta_warmup=0.5, seed=2)


@pytest.fixture(scope="module")
def linear(topology):
    return replace(topology, bottleneck=3, bottleneck_activation="linear")


@pytest.fixture(scope="module")
def learned(corpus, linear, tmp_path_factory):
    """A β-VAE that pays little and learns much."""
    folder = tmp_path_factory.mktemp("fits") / "learned"
    fit(corpus, folder, linear, RECIPE)
    return Fitted(folder)


@pytest.fixture(scope="module")
def collapsed(corpus, linear, tmp_path_factory):
    """A β-VAE that pays so dearly that it tells nothing."""
    folder = tmp_path_factory.mktemp("fits") / "collapsed"
    fit(corpus, folder, linear, replace(RECIPE, beta=1000.0, beta_warmup=0.0, epochs=30))
    return Fitted(folder)


def log_of(fitted):
    with open(fitted.folder / "log.csv", newline="") as text:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(text)]


def test_the_divergence_is_that_of_normal_distributions():
    """Against the integral of p log(p / q), computed on a fine grid."""
    x = np.linspace(-30, 30, 200_001)
    for mean, deviation in ((0.0, 1.0), (1.5, 0.3), (-2.0, 2.0)):
        p = np.exp(-0.5 * ((x - mean) / deviation) ** 2) / (deviation * math.sqrt(2 * math.pi))
        log_ratio = -0.5 * ((x - mean) / deviation) ** 2 - math.log(deviation) + 0.5 * x**2
        integral = np.sum(p * log_ratio) * (x[1] - x[0])
        ours = divergences(np.float32([[mean]]), np.float32([[2 * math.log(deviation)]]))
        assert float(ops.convert_to_numpy(ours)[0, 0]) == pytest.approx(integral, abs=1e-5)


def test_at_beta_1_the_loss_is_the_evidence_lower_bound(linear, corpus):
    objective = Objective(VariationalAutoencoder(linear), consistency=0.0, seed=0)
    frames, conditions = corpus.batch(corpus.rows("train")[:20], linear.octaves)
    drawn = objective.draw(0, 20)
    loss, (mse, *_, divergence) = (ops.convert_to_numpy(value) if not isinstance(value, tuple) else value
                                  for value in objective(frames, conditions, drawn, 1.0))  # fmt: skip
    negative_bound = 0.5 * linear.bins * float(mse) + float(divergence)
    assert float(loss) == pytest.approx(negative_bound * 2 / linear.bins, rel=1e-5)


def test_the_decoder_hears_a_draw_in_training_and_the_mean_afterwards(linear, corpus):
    network = VariationalAutoencoder(linear)
    weights = network.weights_by_name()
    weights["log_variance.bias"] = np.full(3, 2.0, np.float32)
    network.set_weights_by_name(weights)
    frames, conditions = corpus.batch(corpus.rows("train")[:20], linear.octaves)
    step = TrainingStep(network, 0.0, 0.0, seed=0)
    again = TrainingStep(network, 0.0, 0.0, seed=1)
    assert np.array_equal(step.measure(frames, conditions), again.measure(frames, conditions))
    noisy = [stepper.train(frames, conditions, 0, learning_rate=0.0, beta=1.0)[0] for stepper in (step, again)]
    assert noisy[0] != noisy[1]


def test_it_learns(learned, corpus, linear):
    log = log_of(learned)
    rows = corpus.rows("train", linear.octaves)
    spread = np.mean(np.var(corpus.frames[rows].astype(np.float64), axis=0))
    assert log[-1]["train_mse"] < 0.5 * spread
    assert log[-1]["divergence"] > 0.3


def test_beta_rises_to_its_weight_and_stays(corpus, linear, tmp_path):
    run = TrainingRun(corpus, tmp_path, linear, RECIPE, None)
    betas = [run.beta(step) for step in range(run.total)]
    half = run.total // 2
    assert betas[0] == 0.0 and betas[half // 2] == pytest.approx(RECIPE.beta / 2)
    assert set(betas[half:]) == {RECIPE.beta}


def test_the_best_epoch_has_paid_in_full(learned):
    """While β rises the error is low and the divergence dear; such an epoch is not kept."""
    weight = 2 * RECIPE.beta / learned.topology.bins
    paid = {row["epoch"]: row["validation_mse"] + weight * row["validation_divergence"] for row in log_of(learned)}
    assert learned.facts["epoch"] == min(paid, key=paid.get)


def test_active_latents_are_told_from_collapsed_ones():
    rng = np.random.default_rng(0)
    means = np.stack([rng.normal(0, 0.9, 5000), rng.normal(0, 0.05, 5000)], axis=1)
    log_variances = np.tile(np.log([0.1, 1.0]), (5000, 1))
    measures = summary(means, log_variances)
    assert measures["active"] == [True, False]
    assert measures["divergence_nats"][0] == pytest.approx(0.5 * (0.81 + 0.1 - math.log(0.1) - 1), rel=0.05)
    assert measures["divergence_nats"][1] < 0.01
    assert verdict(measures).startswith("posterior collapse: latent 2 tells the decoder nothing")


def test_a_dear_beta_collapses_and_the_report_says_so(collapsed, corpus):
    measures = evaluate(collapsed, corpus, mesh_length=2)
    assert measures["posterior"]["active"] == [False] * 3
    assert max(measures["posterior"]["divergence_nats"]) < 0.05
    assert "posterior collapse: no latent tells the decoder anything" in report(measures)


def test_a_cheap_beta_does_not_collapse(learned, corpus):
    measures = posterior(learned, corpus)
    assert any(measures["active"])
    network = VariationalAutoencoder(learned.topology)
    network.set_weights_by_name(read_tensors(learned.folder / "best.safetensors")[0])
    frames, conditions = corpus.batch(corpus.rows("train", learned.topology.octaves), learned.topology.octaves)
    mean, log_variance = network.posterior(frames.astype(np.float32), conditions)
    expected = ops.convert_to_numpy(divergences(mean, log_variance)).mean(axis=0)
    np.testing.assert_allclose(measures["divergence_nats"], expected, rtol=1e-3)


def test_its_decoder_is_exported_like_any_other(learned, corpus, tmp_path):
    decoder = export(learned, corpus, tmp_path / "vae.safetensors", "vae")
    loaded = load_decoder(tmp_path / "vae.safetensors")
    assert loaded.topology == learned.topology and loaded.info["training"]["recipe"]["beta"] == RECIPE.beta
    assert np.all(loaded.latent_range[:, 1] > loaded.latent_range[:, 0])
    frames = np.stack([decode(decoder, latents, 7, 4) for latents in ([0.1] * 3, [0.9] * 3)])
    assert np.isfinite(frames).all() and np.abs(frames[0] - frames[1]).max() > 0.01


def test_beta_needs_a_bottleneck_without_bounds(corpus, topology, tmp_path):
    with pytest.raises(TrainingError, match="linear bottleneck, found sigmoid"):
        fit(corpus, tmp_path / "no", topology, RECIPE)
