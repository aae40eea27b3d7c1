"""Decoder and encoder files of the kind harmonic come back as they were written, or not at all."""

import json

import numpy as np
import pytest
import safetensors.numpy

from manned.errors import ModelError
from manned.model import decoder_file as spectrum_file
from manned.model.encoder_file import encoder_path
from manned.model.harmonic.chart import Chart
from manned.model.harmonic.decoder_file import (
    HarmonicDecoder,
    HarmonicEncoder,
    load_decoder,
    load_encoder,
    save_decoder,
    save_encoder,
)
from manned.model.harmonic.latents import Latents
from manned.model.harmonic.scale import HARMONICS
from manned.model.harmonic.topology import HarmonicTopology
from manned.model.timbre_map import TimbreMap

TOPOLOGY = HarmonicTopology(latents=3, encoder_widths=(8,), decoder_widths=(8, 9))


def weights(layers):
    rng = np.random.default_rng(0)
    pairs = [(rng.standard_normal((inputs, outputs)), rng.standard_normal(outputs)) for inputs, outputs, _ in layers]
    return [tuple(part.astype(np.float16).astype(np.float32) for part in pair) for pair in pairs]


@pytest.fixture
def decoder():
    rng = np.random.default_rng(1)
    return HarmonicDecoder(
        "small",
        TOPOLOGY,
        weights(TOPOLOGY.decoder_layers()),
        Latents.of(rng.standard_normal((500, 3)), ("brightness", "noise", "")),
        Chart(np.full((4, 5, 3), 0.5, np.float32), np.ones((4, 5), np.float32)),
        TimbreMap(np.full((6, 3), 0.25, np.float32), 0.5),
        {"licence": "MIT"},
    )


@pytest.fixture
def path(decoder, tmp_path):
    return save_decoder(decoder, tmp_path / "small.safetensors")


def rewritten(path, change_metadata=None, change_tensors=None):
    with safetensors.safe_open(path, framework="numpy") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        metadata = json.loads(file.metadata()["manned"])
    (change_metadata or (lambda values: None))(metadata)
    (change_tensors or (lambda values: None))(tensors)
    safetensors.numpy.save_file(tensors, path, metadata={"manned": json.dumps(metadata)})
    return path


def test_a_decoder_plays_the_same_after_it_was_written_and_read(decoder, path):
    read = load_decoder(path)
    controls, f0_hz = np.random.default_rng(2).random((20, 3)), np.geomspace(30.0, 4000.0, 20)
    for wanted, found in zip(decoder.frames(controls, f0_hz), read.frames(controls, f0_hz)):
        assert np.array_equal(wanted, found)
    assert read.latents.names == ("brightness", "noise", "")
    assert read.info == decoder.info and read.digest() == decoder.digest()
    assert np.array_equal(read.chart.points, decoder.chart.points)
    assert np.array_equal(read.timbres.landmarks, decoder.timbres.landmarks)


def test_every_frame_has_the_power_of_one_at_every_key_of_the_range(decoder):
    f0_hz = np.geomspace(16.4, 8372.0, 40)  # C0 to C9
    harmonics, bands, stiffness = decoder.frames(np.random.default_rng(0).random((40, 3)), f0_hz)
    power = np.sum(10.0 ** (np.concatenate([harmonics, bands], axis=1) / 10.0), axis=1)
    assert power == pytest.approx(1.0, abs=1e-3)
    assert harmonics.shape == (40, HARMONICS) and np.all(stiffness >= 0.0)


def test_an_encoder_belongs_to_its_decoder(decoder, path):
    encoder = HarmonicEncoder(TOPOLOGY, weights(TOPOLOGY.encoder_layers()), decoder.digest())
    save_encoder(encoder, path)
    read = load_encoder(path, load_decoder(path))
    frame = np.full((1, 128), -30.0), np.full((1, 64), -40.0), np.array([220.0]), np.zeros(1)
    assert np.array_equal(read.latents(*frame), encoder.latents(*frame))
    save_encoder(HarmonicEncoder(TOPOLOGY, encoder.weights, "of another"), path)
    with pytest.raises(ModelError, match="belongs to another decoder"):
        load_encoder(path, decoder)


def test_an_encoder_file_is_missing(decoder, path):
    with pytest.raises(ModelError, match="no such file"):
        load_encoder(path, decoder)
    assert not encoder_path(path).exists()


BAD_METADATA = {
    "another format": (lambda values: values.update(format=1), "format 1"),
    "another kind": (lambda values: values["topology"].update(kind="wavelet"), "kind is 'wavelet'"),
    "no kind": (lambda values: values["topology"].pop("kind"), "kind is None"),
    "an unknown key": (lambda values: values["topology"].update(octaves=3), "unknown key 'octaves'"),
    "too many latents": (lambda values: values["topology"].update(latents=99), "latents is 99"),
    "no topology": (lambda values: values.pop("topology"), "KeyError"),
    "names that do not fit": (lambda values: values.update(latents=["brightness"]), "do not belong together"),
    "no widths": (lambda values: values["topology"].update(decoder_widths=[]), "decoder_widths"),
    "a map without spacing": (lambda values: values["map"].pop("spacing"), "KeyError"),
    "a spacing that is no number": (lambda values: values["map"].update(spacing=float("nan")), "spacing of its map"),
    "too many layers": (lambda values: values["topology"].update(decoder_widths=[4096] * 5), "allowed are 64000000"),
}


@pytest.mark.parametrize("case", BAD_METADATA)
def test_metadata_that_does_not_fit_is_one_sentence_that_names_the_file(path, case):
    change, says = BAD_METADATA[case]
    rewritten(path, change)
    with pytest.raises(ModelError) as error:
        load_decoder(path)
    assert str(path) in str(error.value) and says in str(error.value) and "\n" not in str(error.value)


BAD_TENSORS = {
    "a chart of other latents": (
        lambda values: values.update({"chart.points": np.zeros((4, 5, 2), np.float16)}),
        "chart.points has shape",
    ),
    "a chart without counts": (lambda values: values.pop("chart.counts"), "chart.counts is missing"),
    "no quantiles": (lambda values: values.pop("latents.quantiles"), "latents.quantiles is missing"),
    "quantiles that fall": (
        lambda values: values.update({"latents.quantiles": values["latents.quantiles"][:, ::-1].copy()}),
        "must be finite and rise",
    ),
    "a layer too few": (lambda values: values.pop("decoder.2.bias"), "decoder.2.bias is missing"),
    "weights that are no numbers": (
        lambda values: values.update({"decoder.0.bias": np.full(8, np.nan, np.float16)}),
        "NaN",
    ),
}


@pytest.mark.parametrize("case", BAD_TENSORS)
def test_tensors_that_do_not_fit_are_one_sentence_that_names_the_file(path, case):
    change, says = BAD_TENSORS[case]
    rewritten(path, None, change)
    with pytest.raises(ModelError) as error:
        load_decoder(path)
    assert str(path) in str(error.value) and says in str(error.value)


def test_a_decoder_of_the_papers_kind_is_refused_and_refuses_this_one(path):
    with pytest.raises(ModelError, match="of the kind 'harmonic', allowed here is 'spectrum'"):
        spectrum_file.load_decoder(path)
    with pytest.raises(ModelError, match="format 1"):
        load_decoder(rewritten(path, lambda values: values.update(format=1)))


def test_a_decoder_is_small(tmp_path):
    topology = HarmonicTopology()
    latents = Latents.of(np.random.default_rng(0).standard_normal((500, 16)), ("",) * 16)
    decoder = HarmonicDecoder("full", topology, weights(topology.decoder_layers()), latents)
    assert save_decoder(decoder, tmp_path / "full.safetensors").stat().st_size < 1_000_000
