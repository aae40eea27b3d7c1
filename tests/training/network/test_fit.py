"""Training: it learns, it follows its recipe, and stopping it changes nothing."""

import csv
import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from manned.errors import TrainingError
from manned.model.decoder_file import Decoder
from manned.model.pitch import note_to_hz
from training.measure.coding import decode, encode
from training.measure.mesh import sample_mesh
from training.measure.timbre.space import colour_change_db
from training.network.backend import keras, tf
from training.network.fit import fit
from training.network.fit_folder import Fitted, held, read_tensors, write_tensors
from training.network.network import Autoencoder
from training.network.recipe import Recipe
from training.network.step import TrainingStep
from training.network.training_run import Interrupted

RECIPE = Recipe(learning_rate=3e-3, cosine=True, batch=50, epochs=60, consistency=1e-4, harmonicity=1e-4, seed=3)
FIT_IN_A_PROCESS = """
import json, sys
from manned.model.topology import Topology
from training.corpus.corpus import Corpus
from training.network.fit import fit
from training.network.recipe import Recipe
corpus, folder, topology, recipe = sys.argv[1:]
fit(Corpus(corpus), folder, Topology.from_dict(json.loads(topology)), Recipe(**json.loads(recipe)))
"""


@pytest.fixture(scope="module")
def unbroken(corpus, topology, tmp_path_factory):
    """The folder of a fit that ran to its end at once."""
    folder = tmp_path_factory.mktemp("fits") / "unbroken"
    fit(corpus, folder, topology, RECIPE)
    return folder


def log_of(folder):
    with open(folder / "log.csv", newline="") as text:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(text)]


def test_it_learns(unbroken, corpus, topology):
    log = log_of(unbroken)
    assert [row["epoch"] for row in log] == list(range(1, 61))
    assert log[-1]["train_mse"] < 0.2 * log[0]["train_mse"]
    assert log[-1]["inconsistency"] < 0.2 * log[0]["inconsistency"]
    assert log[-1]["inharmonicity"] < 0.2 * log[0]["inharmonicity"]
    rows = corpus.rows("train", topology.octaves)
    spread = np.mean(np.var(corpus.frames[rows].astype(np.float64), axis=0))
    assert log[-1]["train_mse"] < 0.3 * spread


def test_the_best_epoch_by_validation_is_kept(unbroken, corpus, topology):
    log, fitted = log_of(unbroken), Fitted(unbroken)
    best = min(log, key=lambda row: row["validation_mse"])
    assert fitted.facts["epoch"] == best["epoch"]
    network = Autoencoder(topology)
    network.set_weights_by_name(read_tensors(unbroken / "best.safetensors")[0])
    step = TrainingStep(network, 0.0, 0.0, 0)
    errors, _ = step.measure(*corpus.batch(corpus.rows("validation"), topology.octaves))
    assert errors.mean() == pytest.approx(best["validation_mse"], rel=1e-5)


def test_learning_rate_falls_along_a_cosine(unbroken):
    rates = [row["learning_rate"] for row in log_of(unbroken)]
    assert rates[29] == pytest.approx(0.5 * RECIPE.learning_rate)
    assert rates[-1] == 0.0 and rates == sorted(rates, reverse=True)


def test_the_paper_s_recipe_is_the_default():
    recipe = Recipe()
    assert (recipe.learning_rate, recipe.l2, recipe.batch, recipe.epochs) == (5e-4, 1e-7, 200, 300)
    assert not (recipe.cosine or recipe.consistency or recipe.mixed_bfloat16)


def until_it_is_under_way(folder, over=lambda: False):
    log = folder / "log.csv"
    while not (log.exists() and len(log.read_text().splitlines()) > 3):
        assert not over()
        time.sleep(0.002)


def goes_on_as_if_it_had_not_been_stopped(unbroken, corpus, topology, folder):
    assert 3 <= read_tensors(folder / "checkpoint.safetensors")[1]["step"] < 240
    fit(corpus, folder, topology, RECIPE)
    assert (folder / "log.csv").read_text() == (unbroken / "log.csv").read_text()
    for name in ("best.safetensors", "checkpoint.safetensors"):
        broken, whole = (read_tensors(folder / name)[0] for folder in (folder, unbroken))
        assert all(np.array_equal(broken[key], whole[key]) for key in whole)


def test_a_fit_that_is_stopped_goes_on_as_if_it_had_not_been(unbroken, corpus, topology, tmp_path):
    def stop():
        until_it_is_under_way(tmp_path / "broken")
        os.kill(os.getpid(), signal.SIGTERM)

    stopping = threading.Thread(target=stop, daemon=True)
    stopping.start()
    with pytest.raises(Interrupted) as stopped:
        fit(corpus, tmp_path / "broken", topology, RECIPE)
    stopping.join(10)
    assert stopped.value.exit_code == 128 + signal.SIGTERM
    goes_on_as_if_it_had_not_been_stopped(unbroken, corpus, topology, tmp_path / "broken")


def test_a_fit_that_is_killed_goes_on_as_if_it_had_not_been(unbroken, corpus, topology, tmp_path):
    arguments = [
        str(corpus.folder),
        str(tmp_path / "broken"),
        json.dumps(topology.as_dict()),
        json.dumps(asdict(RECIPE)),
    ]
    process = subprocess.Popen([sys.executable, "-c", FIT_IN_A_PROCESS, *arguments], cwd=Path(__file__).parents[3])
    until_it_is_under_way(tmp_path / "broken", over=lambda: process.poll() is not None)
    process.kill()
    assert process.wait(60) == -signal.SIGKILL
    goes_on_as_if_it_had_not_been_stopped(unbroken, corpus, topology, tmp_path / "broken")


@pytest.mark.parametrize("frames_at_once", [100, 1000])
def test_many_steps_at_once_change_nothing(unbroken, corpus, topology, tmp_path, monkeypatch, frames_at_once):
    called = []
    monkeypatch.setattr("training.network.step_tensorflow.FRAMES_AT_ONCE", frames_at_once, raising=False)
    train_many = TrainingStep.train_many
    monkeypatch.setattr(
        TrainingStep,
        "train_many",
        lambda self, frames, *more: called.append(len(frames)) or train_many(self, frames, *more),
    )
    fit(corpus, tmp_path / "fit", topology, RECIPE)
    assert (tmp_path / "fit" / "log.csv").read_text() == (unbroken / "log.csv").read_text()
    whole, rest = divmod(len(corpus.rows("train", topology.octaves)), RECIPE.batch)
    assert max(called) == min(frames_at_once // RECIPE.batch, whole) and called.count(1) >= RECIPE.epochs * (rest > 0)
    assert sum(called) == RECIPE.epochs * (whole + (rest > 0))


def test_saving_takes_a_share_of_the_time_at_most(unbroken, corpus, topology, tmp_path, monkeypatch):
    saved = []
    monkeypatch.setattr("training.network.training_run.SAVING_SHARE", 1e-9)
    monkeypatch.setattr(
        "training.network.training_run.write_tensors",
        lambda path, tensors, facts: saved.append((path.name, facts["step"])) or write_tensors(path, tensors, facts),
    )
    fit(corpus, tmp_path / "fit", topology, RECIPE)
    last = RECIPE.epochs * 4
    assert [name for name, _ in saved] == ["best.safetensors", "checkpoint.safetensors"] * 2
    assert [step for name, step in saved if name.startswith("checkpoint")] == [4, last]
    for name in ("best.safetensors", "checkpoint.safetensors"):
        ours, theirs = (read_tensors(folder / name)[0] for folder in (tmp_path / "fit", unbroken))
        assert all(np.array_equal(ours[key], theirs[key]) for key in theirs)


def test_a_finished_fit_is_left_as_it_is(unbroken, corpus, topology):
    before = {path.name: path.stat().st_mtime_ns for path in unbroken.iterdir()}
    assert fit(corpus, unbroken, topology, RECIPE)["epoch"] == Fitted(unbroken).facts["epoch"]
    assert {path.name: path.stat().st_mtime_ns for path in unbroken.iterdir()} == before


@pytest.mark.parametrize("change", [{"batch": 60}, {"learning_rate": 1e-3}, {"seed": 4}])
def test_a_fit_cannot_go_on_with_another_recipe(unbroken, corpus, topology, change):
    name, value = next(iter(change.items()))
    with pytest.raises(TrainingError, match=f"{name} .*{value}"):
        fit(corpus, unbroken, topology, replace(RECIPE, **change))


def test_a_fit_cannot_go_on_with_another_network(unbroken, corpus, topology):
    with pytest.raises(TrainingError, match="bottleneck"):
        fit(corpus, unbroken, replace(topology, bottleneck=3), RECIPE)


def test_steps_end_a_fit_in_the_middle_of_an_epoch(corpus, topology, tmp_path):
    best = fit(corpus, tmp_path / "short", topology, replace(RECIPE, steps=6))
    assert [row["step"] for row in log_of(tmp_path / "short")] == [4, 6]
    assert math.isfinite(best["validation_mse"])


def test_a_loss_that_explodes_is_said(corpus, topology, tmp_path):
    with pytest.raises(TrainingError, match="lower learning rate"):
        fit(corpus, tmp_path / "hot", topology, replace(RECIPE, learning_rate=1e6))


@pytest.mark.parametrize("change", [{"skip": False}, {"bottleneck_activation": "leaky_relu"}])
def test_consistency_needs_a_class_and_a_bounded_space(corpus, topology, tmp_path, change):
    with pytest.raises(TrainingError, match="skip and a sigmoid"):
        fit(corpus, tmp_path / "no", replace(topology, **change), RECIPE)


def test_a_corpus_of_another_geometry_is_refused(corpus, topology, tmp_path):
    with pytest.raises(TrainingError, match="n_fft is 4096, the network's is 2048"):
        fit(corpus, tmp_path / "no", replace(topology, n_fft=2048), RECIPE)


def test_two_processes_do_not_train_one_fit(corpus, topology, tmp_path):
    folder = tmp_path / "shared"
    fit(corpus, folder, topology, replace(RECIPE, epochs=1))
    with held(folder), pytest.raises(TrainingError, match="another process is training it"):
        fit(corpus, folder, topology, replace(RECIPE, epochs=1))
    fit(corpus, folder, topology, replace(RECIPE, epochs=1))


def test_a_fit_that_cannot_be_locked_says_so(corpus, topology, tmp_path):
    (tmp_path / "fit" / ".lock").mkdir(parents=True)
    with pytest.raises(TrainingError, match=r"\.lock: cannot be written"):
        fit(corpus, tmp_path / "fit", topology, replace(RECIPE, epochs=1))


def test_octaves_without_frames_are_refused(corpus, topology, tmp_path):
    with pytest.raises(TrainingError, match="no frame to train on"):
        fit(corpus, tmp_path / "no", replace(topology, octaves=(8,)), RECIPE)


def test_one_step_is_adam_on_error_and_penalty(corpus, topology):
    """Against Keras's own Adam and regulariser."""
    keras.utils.set_random_seed(0)
    ours, theirs = Autoencoder(topology), Autoencoder(topology)
    theirs.set_weights_by_name(ours.weights_by_name())
    step = TrainingStep(ours, l2=1e-3, consistency=0.0, seed=0)
    optimizer = keras.optimizers.Adam(1e-3)
    frames, conditions = corpus.batch(corpus.rows("train")[:50], topology.octaves)
    for number in range(5):
        step.train(frames, conditions, number, 1e-3)
        with tf.GradientTape() as tape:
            wanted = tf.cast(frames, tf.float32)
            loss = tf.reduce_mean(tf.square(theirs((wanted, conditions)) - wanted))
            kernels = [value for name, value in theirs.named_variables().items() if name.endswith("weight")]
            loss += sum(keras.regularizers.L2(1e-3)(kernel) for kernel in kernels)
        variables = theirs.trainable_variables
        optimizer.apply(tape.gradient(loss, [variable.value for variable in variables]), variables)
    for name, value in theirs.weights_by_name().items():
        np.testing.assert_allclose(ours.weights_by_name()[name], value, atol=2e-5)


def test_consistency_and_harmonicity_make_every_point_sound_a_note_of_its_class_even_classes_never_seen(unbroken):
    mesh = sample_mesh(Fitted(unbroken), 5, low=np.zeros(2), high=np.ones(2))
    assert mesh["match"] > 0.9 and mesh["harmonic_share"] > 0.9


def colour_change(folder):
    """Mean change in decibels of the first harmonics from C4 to C♯4, of random points."""
    fitted = Fitted(folder)
    decoder = Decoder("fitted", fitted.topology, fitted.decoder)
    points = np.random.default_rng(0).random((200, 2))
    at_keys = [(decoder.spectra(points, key, 4), note_to_hz(60 + key)) for key in (0, 1)]
    return colour_change_db(*at_keys[0], *at_keys[1])


def test_evenness_keeps_the_colour_from_key_to_key(unbroken, corpus, topology, tmp_path):
    fit(corpus, tmp_path / "even", topology, replace(RECIPE, evenness=1e-4))
    assert colour_change(tmp_path / "even") < 0.3 * colour_change(unbroken)
    assert log_of(tmp_path / "even")[-1]["train_mse"] < 1.5 * log_of(unbroken)[-1]["train_mse"]


def test_evenness_needs_the_octave(corpus, topology, tmp_path):
    with pytest.raises(TrainingError, match="needs a network that is told the octave"):
        fit(corpus, tmp_path / "no", replace(topology, octaves=()), replace(RECIPE, evenness=1e-5))


def test_the_compressed_loss_teaches_quiet_partials(unbroken, corpus, topology, tmp_path):
    fit(corpus, tmp_path / "quiet", topology, replace(RECIPE, compressed=0.3))
    frames, conditions = corpus.batch(corpus.rows("train", topology.octaves), topology.octaves)
    error = []
    for folder in (unbroken, tmp_path / "quiet"):
        fitted = Fitted(folder)
        decoded = decode(fitted, encode(fitted, frames.astype(np.float32), conditions), conditions)
        error.append(np.mean(np.square(np.sqrt(decoded) - np.sqrt(frames.astype(np.float32)))))
    assert error[1] < 0.7 * error[0]


def test_a_fit_begins_with_the_weights_of_another(unbroken, corpus, topology, tmp_path):
    fit(corpus, tmp_path / "more", topology, replace(RECIPE, learning_rate=1e-9, epochs=1), Fitted(unbroken))
    before, after = Fitted(unbroken).tensors(), Fitted(tmp_path / "more").tensors()
    assert all(np.allclose(before[name], after[name], atol=1e-6) for name in before)
    with pytest.raises(TrainingError, match="another shape than fit .*unbroken, which it should start from"):
        fit(corpus, tmp_path / "no", replace(topology, bottleneck=3), RECIPE, Fitted(unbroken))
