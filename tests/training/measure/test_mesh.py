"""The mesh: which points it holds, what counts as heard, and that its memory is bounded."""

import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest
from harmonic_decoder import harmonic_decoder

from manned.errors import TrainingError
from manned.model.topology import Topology
from training.measure.coding import ROWS_AT_ONCE, run
from training.measure.mesh import SILENT, analyse_mesh, default_length, sample_mesh


def playing(decoder):
    """A decoder of known frames in place of a fit."""
    return SimpleNamespace(folder="known", topology=decoder.topology, decoder=decoder.weights)


@pytest.fixture(scope="module")
def known():
    return playing(harmonic_decoder(octaves=(3, 4)))


def test_a_decoder_that_plays_what_is_asked_matches_everywhere(known):
    mesh = sample_mesh(known, 5, np.zeros(2), np.ones(2))
    assert np.array_equal(mesh["matches"], np.ones((2, 12))) and mesh["match"] == 1.0
    assert np.array_equal(mesh["heard"], np.eye(12))
    assert mesh["harmonic_share"] > 0.95


def test_a_decoder_that_is_out_of_tune_is_off_its_harmonics():
    mesh = sample_mesh(playing(harmonic_decoder(100.0, octaves=(4,))), 3, np.zeros(2), np.ones(2))
    assert mesh["match"] == 0.0 and mesh["harmonic_share"] < 0.5
    assert np.array_equal(np.argmax(mesh["heard"], axis=1), (np.arange(12) + 1) % 12)


def test_silence_matches_no_class(known):
    nothing = [(weight * 0, bias * 0) for weight, bias in known.decoder]
    silent = SimpleNamespace(folder="silent", topology=known.topology, decoder=nothing)
    classes, shares, partials = analyse_mesh(silent, 3, np.zeros(2), np.ones(2), 0, 4)
    assert set(classes) == {SILENT} and not shares.any() and not partials.any()
    assert sample_mesh(silent, 2, np.zeros(2), np.ones(2))["match"] == 0.0


def test_the_mesh_spans_the_latents_with_the_last_one_fastest():
    """A decoder whose chroma is decided by latent 2: C below one half, E flat above."""
    topology = Topology(widths=(2,), alpha=0.0)
    into = np.zeros((14, 2), np.float32)
    into[1] = [-1.0, 1.0]
    out = np.zeros((2, topology.bins), np.float32)
    out[0, 49], out[1, 58] = 1.0, 1.0  # 527 Hz and 624 Hz
    weights = [(into, np.float32([0.5, -0.5])), (out, np.zeros(topology.bins, np.float32))]
    fitted = SimpleNamespace(folder="halves", topology=topology, decoder=weights)
    heard, *_ = analyse_mesh(fitted, 4, [0.0, 0.0], [1.0, 1.0], 0)
    assert heard.reshape(4, 4).tolist() == [[0, 0, 3, 3]] * 4


def test_a_mesh_of_many_points_is_decoded_in_little_memory():
    decoder = harmonic_decoder(latents=8, octaves=(4,))
    tracemalloc.start()
    classes, *_ = analyse_mesh(playing(decoder), 3, np.zeros(8), np.ones(8), 2, 4)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    whole = len(classes) * decoder.topology.bins * 4
    assert len(classes) == 6561 > 10 * ROWS_AT_ONCE and set(classes) == {2}
    assert peak < 0.75 * whole


def test_the_fast_pass_is_the_reference(known):
    from manned.model.forward import forward

    rng = np.random.default_rng(0)
    for kind in ("relu", "square"):
        for bottleneck in ("sigmoid", "leaky_relu", "linear"):
            topology = Topology(widths=(20, 10), output=kind, bottleneck_activation=bottleneck)
            for layers in (topology.encoder_layers(), topology.decoder_layers()):
                sizes = [((inputs, outputs), outputs) for inputs, outputs, _ in layers]
                weights = [tuple(rng.normal(size=size).astype(np.float32) for size in pair) for pair in sizes]
                inputs = rng.normal(size=(30, layers[0][0])).astype(np.float32)
                expected = forward(layers, weights, topology.alpha, inputs)
                np.testing.assert_allclose(run(layers, weights, topology.alpha, inputs), expected, rtol=1e-4, atol=1e-4)


def test_the_default_mesh_has_ten_thousand_points_at_most():
    lengths = {latents: default_length(latents) for latents in range(1, 65)}
    assert (lengths[1], lengths[2], lengths[3], lengths[8], lengths[13], lengths[14]) == (10_000, 100, 21, 3, 2, 1)
    assert all(length**latents <= 10_000 for latents, length in lengths.items())


def test_a_mesh_beyond_measure_is_refused(known):
    with pytest.raises(TrainingError, match="8000 points along each of 2 latents has 6.4e"):
        analyse_mesh(known, 8000, np.zeros(2), np.ones(2), 0, 4)


def test_without_a_skip_no_class_can_be_asked_for():
    fitted = SimpleNamespace(folder="plain", topology=Topology(skip=False))
    with pytest.raises(TrainingError, match="without a skip"):
        analyse_mesh(fitted, 2, np.zeros(2), np.ones(2), 0)
