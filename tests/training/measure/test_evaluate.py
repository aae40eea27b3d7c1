"""The measures of a fit, each against frames whose answer is known."""

import json
from dataclasses import replace

import numpy as np
import pytest
from tones import tone

from manned.errors import TrainingError
from manned.model import analysis
from manned.model.decoder_file import load_decoder
from manned.model.forward import decode
from training.corpus.build import build_corpus
from training.export import export
from training.measure.embedding import embedding, latent_range
from training.measure.evaluate import evaluate, reconstruction
from training.measure.mesh import analyse_mesh, harmonic_content, sample_mesh
from training.measure.report import report
from training.network.fit import fit
from training.network.fit_folder import EVALUATION, Fitted, read_tensors, write_tensors
from training.network.network import Autoencoder, ops
from training.network.recipe import Recipe


@pytest.fixture(scope="module")
def fitted(corpus, topology, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fits") / "fit"
    fit(corpus, folder, topology, Recipe(learning_rate=3e-3, batch=50, epochs=40, consistency=1e-4))
    return Fitted(folder)


@pytest.fixture(scope="module")
def unbounded(corpus, topology, tmp_path_factory):
    """A fit with a LeakyReLU bottleneck, whose space has no bounds of its own, and without octaves."""
    folder = tmp_path_factory.mktemp("fits") / "unbounded"
    fit(corpus, folder, replace(topology, bottleneck_activation="leaky_relu", octaves=()), Recipe(batch=50, steps=40))
    return Fitted(folder)


def test_test_error_is_that_of_the_network_on_the_test_set(fitted, corpus, topology):
    network = Autoencoder(topology)
    network.set_weights_by_name(read_tensors(fitted.folder / "best.safetensors")[0])
    rows = corpus.rows("test")
    frames, conditions = corpus.batch(rows, topology.octaves)
    frames = frames.astype(np.float32)
    errors = np.square(ops.convert_to_numpy(network((frames, conditions))) - frames).mean(axis=1)
    measures, latents, _ = reconstruction(fitted, corpus, "test")
    assert measures["frames"] == len(rows) == len(latents) == 48
    assert measures["mse"] == pytest.approx(errors.mean(), rel=1e-4)
    for pitch_class, value in enumerate(measures["mse_per_class"]):
        if pitch_class in (0, 4, 7):
            assert value == pytest.approx(errors[corpus.classes[rows] == pitch_class].mean(), rel=1e-4)
        else:
            assert value is None


@pytest.mark.parametrize("octave", [2, 3, 4, 5, 6])
def test_a_harmonic_tone_lies_on_the_harmonics_of_its_own_note_only(octave):
    frames = analysis.normalise(analysis.magnitudes(tone(12 * (octave + 1) + 9, 0.2)))
    a, e_flat = np.full(len(frames), 9), np.full(len(frames), 3)
    assert harmonic_content(frames, a, [octave])[0].min() > 0.95
    assert harmonic_content(frames, e_flat, [octave])[0].max() < 0.6
    assert harmonic_content(frames, a)[0].min() > 0.95


def test_energy_spread_over_all_bins_is_hardly_on_harmonics():
    flat = np.ones((1, 2049), dtype=np.float32)
    assert harmonic_content(flat, np.array([0]), [5])[0] < 0.25
    empty = harmonic_content(np.zeros((1, 2049), dtype=np.float32), np.array([0]), [5])
    assert np.array_equal(empty, [[0.0], [0.0]])


@pytest.mark.parametrize("octave", [1, 3, 6])
@pytest.mark.parametrize("harmonics", [[1], [4], [1, 2], [1, 2, 3, 5, 8]])
def test_partials_are_counted_where_they_are_equally_loud(octave, harmonics):
    times, fundamental = np.arange(8192) / 44100, 440.0 * 2.0 ** (octave - 4)
    signal = sum(np.sin(2 * np.pi * k * fundamental * times) for k in harmonics)
    frames = analysis.magnitudes(signal.astype(np.float32))
    # Noise a millionth as loud hardly counts; nor does what the window lets through between two harmonics.
    frames = frames + 1e-6 * np.random.default_rng(1).random(frames.shape, dtype=np.float32)
    partials = harmonic_content(frames, np.full(len(frames), 9), [octave])[1]
    assert partials == pytest.approx(len(harmonics), rel=0.02)


def test_of_unequal_partials_the_weak_count_less():
    frames = analysis.magnitudes(tone(60, 0.2))
    assert 1.0 < harmonic_content(frames, np.zeros(len(frames), int), [4])[1].mean() < 5.0


def test_vibrato_stays_on_its_harmonics_and_a_neighbouring_note_does_not():
    times = np.arange(44100) / 44100
    for cents, least, most in ((30, 0.95, 1.0), (80, 0.0, 0.75)):
        bend = 2 ** (cents / 1200 * np.sin(2 * np.pi * 6 * times))
        phase = 2 * np.pi * np.cumsum(1046.5 * bend) / 44100
        frames = analysis.magnitudes(sum(np.sin(k * phase) / k for k in range(1, 8)).astype(np.float32))
        for pitch_class, (low, high) in {0: (least, most), 1: (0.0, 0.4)}.items():
            share = harmonic_content(frames, np.full(len(frames), pitch_class), [6])[0].mean()
            assert low <= share <= high, (cents, pitch_class, share)


def test_the_mesh_tells_points_near_the_boundary_from_those_inside(fitted):
    mesh = sample_mesh(fitted, 11, low=np.zeros(2), high=np.ones(2))
    classes, *_ = analyse_mesh(fitted, 11, np.zeros(2), np.ones(2), 7, 4)
    near = np.ones((11, 11), dtype=bool)
    near[1:-1, 1:-1] = False  # the places 0 and 1 of 0, 0.1, … 1 lie less than a tenth from the boundary
    assert mesh["boundary"] == pytest.approx(near.mean())
    assert mesh["matches_at_boundary"][1][7] == pytest.approx(np.mean(classes.reshape(11, 11)[near] == 7))


def test_mesh_counts_the_points_that_sound_the_class_asked_for(fitted, topology):
    mesh = sample_mesh(fitted, 4, low=np.zeros(2), high=np.ones(2))
    assert all(np.shape(mesh[table]) == (2, 12) for table in ("matches", "harmonic_shares", "partials_of"))
    axis = np.linspace(0, 1, 4, dtype=np.float32)
    points = np.array([(a, b) for a in axis for b in axis])
    conditions = analysis.condition(np.full(16, 7), np.full(16, 4), topology.octaves)
    network = Autoencoder(topology)
    network.set_weights_by_name(read_tensors(fitted.folder / "best.safetensors")[0])
    heard = analysis.pitch_classes(ops.convert_to_numpy(network.decode(points, conditions)))
    assert mesh["matches"][1][7] == pytest.approx(np.mean(heard == 7))
    assert mesh["match"] == pytest.approx(np.mean(mesh["matches"]))


def test_mesh_notices_a_decoder_that_ignores_the_class(fitted, tmp_path):
    deaf = Fitted(fitted.folder)
    weight, bias = deaf.decoder[0]
    weight = weight.copy()
    weight[2:14] = 0.0
    deaf.decoder = [(weight, bias), *deaf.decoder[1:]]
    mesh = sample_mesh(deaf, 4, low=np.zeros(2), high=np.ones(2))
    assert mesh["match"] == pytest.approx(1 / 12)


def test_without_a_skip_there_is_no_mesh(corpus, topology, tmp_path):
    fit(corpus, tmp_path / "plain", replace(topology, skip=False), Recipe(steps=2))
    measures = evaluate(Fitted(tmp_path / "plain"), corpus)
    assert "mesh" not in measures and "mean squared error" in report(measures)


def test_report_and_json_hold_every_figure(fitted, corpus):
    measures = json.loads(json.dumps(evaluate(fitted, corpus, mesh_length=3)))
    text = report(measures)
    assert f"{measures['test_mse']:.3e}" in text and f"{measures['mesh']['match']:.3f}" in text
    assert "class matches, octave 3" in text and "on harmonics, octave 4" in text


def test_a_corpus_without_test_frames_cannot_be_measured(fitted, patches, tmp_path):
    untested = build_corpus([patches], tmp_path / "corpus", frames_per_note=1, test=0)
    with pytest.raises(TrainingError, match="test set"):
        evaluate(fitted, untested)


def test_the_range_of_a_sigmoid_is_the_unit_cube(fitted, corpus):
    assert latent_range(fitted, embedding(fitted, corpus)).tolist() == [[0, 1], [0, 1]]


def test_the_range_of_leaky_relu_holds_98_of_100_training_frames(unbounded, corpus, topology):
    low, high = latent_range(unbounded, embedding(unbounded, corpus)).T
    network = Autoencoder(unbounded.topology)
    network.set_weights_by_name(read_tensors(unbounded.folder / "best.safetensors")[0])
    frames, conditions = corpus.batch(corpus.rows("train"))
    latents = ops.convert_to_numpy(network.encode(frames.astype(np.float32), conditions))
    inside = np.mean((latents >= low) & (latents <= high), axis=0)
    assert np.all((inside > 0.96) & (inside < 1.0))


def test_an_exported_decoder_plays_what_the_fit_learned(fitted, corpus, tmp_path):
    export(fitted, corpus, tmp_path / "mine.safetensors", "mine", licence="CC0")
    decoder = load_decoder(tmp_path / "mine.safetensors")
    assert (decoder.name, decoder.topology, decoder.info["licence"]) == ("mine", fitted.topology, "CC0")
    frame = decode(decoder, [0.5, 0.5], 7, 4)
    assert analysis.pitch_classes(frame[None]).tolist() == [7]
    exact = read_tensors(fitted.folder / "best.safetensors")[0]
    for k, (weight, bias) in enumerate(decoder.weights):
        assert np.array_equal(weight, exact[f"decoder.{k}.weight"].astype(np.float16).astype(np.float32))
        assert np.array_equal(bias, exact[f"decoder.{k}.bias"].astype(np.float16).astype(np.float32))


def test_an_exported_decoder_tells_where_it_comes_from(fitted, corpus, tmp_path):
    info = export(fitted, corpus, tmp_path / "mine.safetensors", "mine").info
    assert info["corpus"]["sets"]["train"] == {"clips": 4, "frames": 192}
    assert info["training"]["recipe"]["learning_rate"] == 3e-3 and info["training"]["best"]["validation_mse"] > 0
    assert np.shape([info["embedding"][key] for key in ("p1", "p50", "p99")]) == (3, 2)
    assert 0 < info["rounding"]["largest"] < 0.01 and info["rounding"]["dtype"] == "float16"
    exact = export(fitted, corpus, tmp_path / "exact.safetensors", "exact", dtype=np.float32)
    assert exact.info["rounding"]["largest"] == 0.0


def test_the_faders_can_be_made_to_reach_just_the_trained_part(fitted, corpus, tmp_path):
    decoder = export(fitted, corpus, tmp_path / "mine.safetensors", "mine", reach="trained")
    low, high = decoder.latent_range.T
    assert np.allclose(low, decoder.info["embedding"]["p1"]) and np.allclose(high, decoder.info["embedding"]["p99"])
    assert np.all((0 < low) & (low < high) & (high < 1))


def test_an_exported_decoder_carries_only_figures_of_its_own_weights(fitted, corpus, tmp_path):
    path = tmp_path / "mine.safetensors"
    assert export(fitted, corpus, path, "mine").info["test"] is None
    measures = evaluate(fitted, corpus, mesh_length=2)
    (fitted.folder / EVALUATION).write_text(json.dumps(measures))
    assert export(fitted, corpus, path, "mine").info["test"] == measures
    (fitted.folder / EVALUATION).write_text(json.dumps({**measures, "step": measures["step"] + 1}))
    assert export(fitted, corpus, path, "mine").info["test"] is None


def test_a_model_without_octaves_speaks_in_the_octave_it_heard_most(unbounded, corpus, tmp_path):
    decoder = export(unbounded, corpus, tmp_path / "mine.safetensors", "mine")
    heard = corpus.octaves[corpus.rows("train")]
    assert decoder.octave == np.bincount(heard).argmax()
    assert np.allclose(decoder.latent_range, latent_range(unbounded, embedding(unbounded, corpus)))


def test_export_needs_the_corpus_of_the_fit(fitted, patches, tmp_path):
    other = build_corpus([patches], tmp_path / "corpus", frames_per_note=1)
    with pytest.raises(TrainingError, match="not the one"):
        export(fitted, other, tmp_path / "mine.safetensors", "mine")


def test_weights_too_large_for_float16_are_said(fitted, corpus, tmp_path):
    loud = Fitted(fitted.folder)
    loud.decoder = [(weight * 1e6, bias) for weight, bias in loud.decoder]
    with pytest.raises(TrainingError, match="float32"):
        export(loud, corpus, tmp_path / "mine.safetensors", "mine")


@pytest.mark.parametrize("damage", ["no folder", "no best weights", "truncated weights", "damaged settings"])
def test_a_damaged_fit_is_refused(fitted, tmp_path, damage):
    folder = tmp_path / "fit"
    if damage != "no folder":
        folder.mkdir()
        (folder / "fit.json").write_text((fitted.folder / "fit.json").read_text())
        write_tensors(folder / "best.safetensors", *read_tensors(fitted.folder / "best.safetensors"))
    if damage == "no best weights":
        (folder / "best.safetensors").unlink()
    elif damage == "truncated weights":
        content = (folder / "best.safetensors").read_bytes()
        (folder / "best.safetensors").write_bytes(content[:5000])
    elif damage == "damaged settings":
        (folder / "fit.json").write_text("{")
    with pytest.raises(TrainingError, match=str(folder)):
        Fitted(folder)
