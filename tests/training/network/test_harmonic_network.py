"""From a harmonic corpus to faders that play: the network, its loss, its fit and its export."""

import shutil

import numpy as np
import pytest
from tones import write_patches

from manned.errors import CorpusError, TrainingError
from manned.model.harmonic import ear, forward
from manned.model.harmonic.analysis import Frames
from manned.model.harmonic.decoder_file import load_decoder, load_encoder
from manned.model.harmonic.scale import BANDS, FLOOR_DB, HARMONICS
from manned.model.harmonic.topology import HarmonicTopology, frame_input, pitch_input
from training.corpus.harmonic.corpus import HarmonicCorpus, build, set_of
from training.harmonic_export import export
from training.measure.timbre import rivals
from training.network.backend import keras
from training.network.fit_folder import pairs
from training.network.harmonic.axes import axes
from training.network.harmonic.fit import HarmonicRecipe, fit
from training.network.harmonic.fit_folder import load
from training.network.harmonic.network import HarmonicAutoencoder
from training.network.harmonic.objective import Targets, loss, targets

NOTES = (40, 52, 60, 67, 76)
TOPOLOGY = HarmonicTopology(latents=4, encoder_widths=(32,), decoder_widths=(32, 32))
RECIPE = HarmonicRecipe(steps=120, batch=64, save_every=60)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> HarmonicCorpus:
    folder = tmp_path_factory.mktemp("harmonic")
    write_patches(folder / "sounds", 6, NOTES)
    return build(folder / "sounds", folder / "corpus", frames_per_note=6)


@pytest.fixture(scope="module")
def fitted(corpus, tmp_path_factory):
    return fit(corpus, tmp_path_factory.mktemp("fits") / "small", TOPOLOGY, RECIPE)


def test_keras_and_the_reference_agree():
    network = HarmonicAutoencoder(TOPOLOGY)
    weights = network.weights_by_name()
    rng = np.random.default_rng(0)
    frames = rng.random((50, TOPOLOGY.outputs)).astype(np.float32)
    f0_hz = np.geomspace(20.0, 8000.0, 50)
    latents = forward.encode(TOPOLOGY, pairs(weights, "encoder", TOPOLOGY.encoder_layers()), frames, f0_hz)
    found = keras.ops.convert_to_numpy(network.encode(frames, pitch_input(f0_hz)))
    assert found == pytest.approx(latents, abs=1e-5)
    output = keras.ops.convert_to_numpy(network.decode(latents, pitch_input(f0_hz)))
    levels = forward.normalised(np.clip(FLOOR_DB * (1.0 - output[:, :-1]), FLOOR_DB, 0.0))
    harmonics, bands, _ = forward.decode(TOPOLOGY, pairs(weights, "decoder", TOPOLOGY.decoder_layers()), latents, f0_hz)
    assert np.concatenate([harmonics, bands], axis=1) / FLOOR_DB == pytest.approx(levels / FLOOR_DB, abs=1e-5)


def test_weights_come_back_by_their_names():
    first, second = HarmonicAutoencoder(TOPOLOGY), HarmonicAutoencoder(TOPOLOGY)
    second.set_weights_by_name(first.weights_by_name())
    assert all(np.array_equal(value, second.weights_by_name()[name]) for name, value in first.weights_by_name().items())


def frames_of(harmonics: dict[int, float], bands_db: float = -80.0, count: int = 2) -> Frames:
    levels = np.full((count, HARMONICS), FLOOR_DB, np.float32)
    for number, level in harmonics.items():
        levels[:, number - 1] = level
    bands = np.full((count, BANDS), bands_db, np.float32)
    return Frames(levels, bands, np.full(count, 220.0), np.zeros(count), np.zeros(count))


def losses(wanted: Frames, found: Frames) -> list[float]:
    batch = targets(wanted)
    output = frame_input(found.harmonics_db, found.bands_db, found.inharmonicity)
    tensors = Targets(*map(keras.ops.convert_to_tensor, vars(batch).values()))
    return [float(part) for part in loss(keras.ops.convert_to_tensor(output), tensors)]


def test_the_loss_of_what_is_right_is_nothing():
    same = frames_of({1: -1.0, 2: -8.0})
    assert losses(same, same)[0] == pytest.approx(0.0, abs=0.02)


def test_the_loss_counts_tens_of_decibels_of_a_harmonic():
    found = losses(frames_of({1: -1.0, 2: -8.0}), frames_of({1: -1.0, 2: -18.0}))
    assert found[1] == pytest.approx(1.0 / 2.0, rel=0.05)


def test_far_below_what_is_heard_lower_is_as_good_as_right():
    louder, quieter = (losses(frames_of({1: 0.0, 3: -75.0}), frames_of({1: 0.0, 3: level})) for level in (-30.0, -85.0))
    assert quieter[1] < 0.001 < 0.005 < louder[1]


def test_a_corpus_holds_the_notes_that_were_played(corpus):
    assert set(corpus.notes) == set(NOTES)
    assert len(corpus.frames) == len(corpus.notes) == len(corpus.clips) == len(corpus.seconds)
    expected = 440.0 * 2.0 ** ((corpus.notes.astype(float) - 69.0) / 12.0)
    cents = np.abs(1200.0 * np.log2(corpus.frames.f0_hz / expected))
    assert np.median(cents) < 0.1 and cents.max() < 40.0  # a window half of silence knows its pitch less well


def test_a_corpus_goes_on_where_it_was_stopped_and_is_the_same(corpus):
    again = build(corpus.folder.parent / "sounds", corpus.folder, frames_per_note=6)
    assert again.info["digest"] == corpus.info["digest"]


def test_the_set_of_a_clip_is_its_own():
    names = [f"clip {number}" for number in range(2000)]
    sets = [set_of(name, 1) for name in names]
    assert 0.01 < sets.count("test") / len(sets) < 0.04 and 0.01 < sets.count("validation") / len(sets) < 0.04
    assert set_of("fluidr3/040 Violin", 1, ("fluidr3/040 *",)) == "apart"


def test_sounds_without_notes_are_refused(tmp_path):
    with pytest.raises(CorpusError, match=r"notes\.csv"):
        build(tmp_path, tmp_path / "corpus")


@pytest.mark.parametrize("name", ["corpus.json", "frames.npz", "spectra.npy"])
def test_a_corpus_that_breaks_off_is_refused(corpus, tmp_path, name):
    shutil.copytree(corpus.folder, tmp_path / "copy")
    path = tmp_path / "copy" / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(CorpusError, match="cannot be read"):
        HarmonicCorpus(tmp_path / "copy")


def test_where_no_corpus_can_be_written_it_is_refused(corpus, tmp_path):
    (tmp_path / "taken").touch()
    with pytest.raises(CorpusError, match="taken/corpus: cannot be written"):
        build(corpus.folder.parent / "sounds", tmp_path / "taken" / "corpus")


def test_a_folder_that_is_no_corpus_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="cannot be read"):
        HarmonicCorpus(tmp_path)


def test_training_makes_the_loss_smaller(fitted):
    assert fitted.log[-1]["loss"] < 0.8 * fitted.log[0]["loss"]


def test_a_fit_that_was_stopped_goes_on_as_if_it_had_not_been(corpus, fitted, tmp_path, monkeypatch):
    from training.network.harmonic import fit as module

    class Stopped(Exception):
        pass

    def stops(steps, *told, **more):
        yield from steps[:70]
        raise Stopped

    monkeypatch.setattr(module, "tqdm", stops)
    with pytest.raises(Stopped):
        fit(corpus, tmp_path, TOPOLOGY, RECIPE)
    monkeypatch.undo()
    again = fit(corpus, tmp_path, TOPOLOGY, RECIPE)
    assert again.decoder[0][0] == pytest.approx(fitted.decoder[0][0], abs=1e-6)


def test_a_folder_of_other_settings_is_refused(corpus, fitted, tmp_path):
    fit(corpus, tmp_path, TOPOLOGY, HarmonicRecipe(steps=1, batch=8))
    with pytest.raises(TrainingError, match="was begun with recipe"):
        fit(corpus, tmp_path, TOPOLOGY, HarmonicRecipe(steps=2, batch=8))
    with pytest.raises(TrainingError, match=r"fit\.json"):
        load(tmp_path / "nothing")


@pytest.fixture(scope="module")
def exported(corpus, fitted, tmp_path_factory):
    path = tmp_path_factory.mktemp("decoders") / "small.safetensors"
    export(fitted, corpus, path, "small")
    decoder = load_decoder(path)
    return decoder, load_encoder(path, decoder)


def test_turning_the_latents_changes_no_sound(corpus, fitted):
    frames = corpus.frames
    inputs = frame_input(frames.harmonics_db, frames.bands_db, frames.inharmonicity)
    latents = forward.encode(TOPOLOGY, fitted.encoder, inputs, frames.f0_hz)
    found = axes(TOPOLOGY, fitted.decoder, latents, frames)
    turned = forward.encode(TOPOLOGY, found.encoder(fitted.encoder), inputs, frames.f0_hz)
    ranks = np.argsort(np.argsort(turned, axis=0), axis=0)
    assert np.abs(np.corrcoef(ranks.T) - np.eye(4)).max() < 0.3
    assert turned.std(axis=0) == pytest.approx(np.ones(4), abs=0.02)
    before = forward.decode(TOPOLOGY, fitted.decoder, latents, frames.f0_hz)
    after = forward.decode(TOPOLOGY, found.decoder(fitted.decoder), turned, frames.f0_hz)
    assert after[0] == pytest.approx(before[0], abs=0.05)


def test_the_first_fader_is_brightness(exported):
    decoder, _ = exported
    assert decoder.latents.names[0] == "brightness"
    controls = np.full((9, 4), 0.5)
    controls[:, 0] = np.linspace(0.1, 0.9, 9)
    harmonics, _, _ = decoder.frames(controls, np.full(9, 220.0))
    power = 10.0 ** (harmonics / 10.0)
    centroid = (power @ np.arange(1, HARMONICS + 1)) / power.sum(axis=1)
    assert centroid[-1] > 1.2 * centroid[0]


def test_faders_do_not_go_together_and_the_pad_is_full_of_sounds(exported):
    decoder, _ = exported
    assert decoder.info["correlation"] < 0.3
    assert decoder.chart.counts.sum() > 0
    assert {name for name, _, _ in decoder.info["places"]} == {f"patch {number}" for number in range(6)}


def test_what_is_encoded_is_played_again(corpus, exported):
    rows = np.arange(len(corpus.notes))
    source = corpus.spectra[rows].astype(np.float32)
    f0_hz, stiffness = corpus.frames.f0_hz, corpus.frames.inharmonicity
    best = ear.harm(source, rivals.ceiling(corpus, rows), f0_hz, stiffness)
    through = ear.harm(source, rivals.harmonic(*exported)(corpus, rows), f0_hz, stiffness)
    strangers = ear.harm(source, source[::-1], f0_hz, stiffness)
    assert best.mean() < through.mean() < 0.5 * strangers.mean()


def test_a_lookup_gives_a_training_frame_of_the_note(corpus):
    rows = corpus.rows("train")[:20]
    assert np.array_equal(rivals.lookup(corpus, rows), corpus.spectra[rows].astype(np.float32))


def test_another_corpus_cannot_be_exported(fitted, corpus, tmp_path):
    other = HarmonicCorpus(corpus.folder)
    other.info = {**other.info, "digest": "of another"}
    with pytest.raises(TrainingError, match="not the one"):
        export(fitted, other, tmp_path / "x.safetensors", "x")
