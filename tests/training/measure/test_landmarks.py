"""The map of trained timbres shows where training frames lie, and the exported encoder finds them there."""

import numpy as np
import pytest

from manned.model.decoder_file import load_decoder
from manned.model.encoder_file import load_encoder
from training.export import export, export_encoder
from training.measure.embedding import embedding
from training.measure.landmarks import timbre_map
from training.network.fit import fit
from training.network.fit_folder import Fitted
from training.network.recipe import Recipe

UNIT = np.float32([[0, 1], [0, 1]])


def ring(count=6000, seed=0):
    """Points on a ring about the middle of the unit square."""
    rng = np.random.default_rng(seed)
    angles, radii = rng.uniform(0, 2 * np.pi, count), rng.normal(0.35, 0.01, count)
    return np.stack([0.5 + radii * np.cos(angles), 0.5 + radii * np.sin(angles)], axis=1)


def test_training_frames_lie_inside_and_empty_space_outside():
    timbres = timbre_map(ring(), UNIT)
    assert 0.97 < timbres.inside(ring(seed=1)).mean() < 0.995
    assert not timbres.inside([[0.5, 0.5], [0.0, 0.0], [0.5, 0.7]]).any()
    assert timbres.spacing < 0.05


def test_landmarks_are_told_in_what_the_faders_reach():
    span = np.float32([[-2, 2], [10, 30]])
    scaled = timbre_map(ring() * [4, 20] + [-2, 10], span)
    assert scaled.inside(ring(seed=1)).mean() > 0.97
    beyond = np.concatenate([ring(), np.full((100, 2), 3.0)])
    assert timbre_map(beyond, UNIT).landmarks.max() <= 1.0


def test_the_same_embedding_gives_the_same_map():
    first, second = timbre_map(ring(), UNIT), timbre_map(ring(), UNIT)
    assert np.array_equal(first.landmarks, second.landmarks) and first.spacing == second.spacing


def test_too_few_frames_give_no_map():
    assert timbre_map(ring(15), UNIT) is None


@pytest.fixture(scope="module")
def exported(corpus, topology, tmp_path_factory):
    """A fit, and the path of its decoder beside its encoder."""
    folder = tmp_path_factory.mktemp("exported")
    fit(corpus, folder / "fit", topology, Recipe(batch=50, steps=60))
    fitted = Fitted(folder / "fit")
    decoder = export(fitted, corpus, folder / "mine.safetensors", "mine", dtype=np.float32)
    export_encoder(fitted, decoder, folder / "mine.safetensors", np.float32)
    return fitted, folder / "mine.safetensors"


def test_an_exported_decoder_carries_the_map(exported, corpus):
    decoder = load_decoder(exported[1])
    latents = embedding(exported[0], corpus)
    low, high = decoder.latent_range.T
    assert len(decoder.timbres.landmarks) == len(latents) // 16
    assert decoder.timbres.inside((latents - low) / (high - low)).mean() > 0.95


def test_the_exported_encoder_says_the_latents_of_the_fit(exported, corpus, topology):
    encoder = load_encoder(exported[1], load_decoder(exported[1]))
    frames, conditions = corpus.batch(corpus.rows("train", topology.octaves), topology.octaves)
    latents = encoder.latents(frames.astype(np.float32), conditions)
    np.testing.assert_allclose(latents, embedding(exported[0], corpus), atol=1e-5)
