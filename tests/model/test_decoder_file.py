"""The decoder file: what is written is read back, and anything else is refused with one sentence."""

import json

import numpy as np
import pytest
import safetensors.numpy

from manned.errors import ModelError
from manned.model.decoder_file import Decoder, load_decoder, save_decoder
from manned.model.forward import decode
from manned.model.timbre_map import TimbreMap
from manned.model.topology import Topology

TOPOLOGY = Topology(widths=(32, 8), bottleneck=3, octaves=(3, 4, 5), output="square")


@pytest.fixture
def decoder():
    rng = np.random.default_rng(0)
    weights = [
        (
            rng.normal(size=(inputs, outputs)).astype(np.float32) / inputs**0.5,
            rng.normal(size=outputs).astype(np.float32),
        )
        for inputs, outputs, _ in TOPOLOGY.decoder_layers()
    ]
    return Decoder(
        "bells", TOPOLOGY, weights, latent_range=[[0, 1], [-2, 3], [0, 9]], octave=5, info={"licence": "CC0"}
    )


@pytest.fixture
def path(decoder, tmp_path):
    return save_decoder(decoder, tmp_path / "bells.safetensors", np.float32)


def rewrite(path, change):
    """Write the decoder again with its tensors and metadata changed by ``change(tensors, metadata)``."""
    tensors = safetensors.numpy.load_file(path)
    with safetensors.safe_open(path, framework="numpy") as file:
        metadata = json.loads(file.metadata()["manned"])
    change(tensors, metadata)
    safetensors.numpy.save_file(tensors, path, metadata={"manned": json.dumps(metadata)})


def refusal(path):
    """The sentence with which a file is refused; it names the file and is one line."""
    with pytest.raises(ModelError) as caught:
        load_decoder(path)
    sentence = str(caught.value)
    assert str(path) in sentence and "\n" not in sentence
    return sentence


def test_a_decoder_survives_the_file(decoder, path):
    loaded = load_decoder(path)
    assert (loaded.name, loaded.topology, loaded.octave, loaded.info) == ("bells", TOPOLOGY, 5, {"licence": "CC0"})
    assert np.array_equal(loaded.latent_range, decoder.latent_range)
    for stored, given in zip(loaded.weights, decoder.weights):
        assert np.array_equal(stored[0], given[0]) and np.array_equal(stored[1], given[1])


def test_float16_halves_the_file_and_hardly_moves_the_output(decoder, path, tmp_path):
    half = save_decoder(decoder, tmp_path / "half.safetensors", np.float16)
    assert half.stat().st_size < 0.55 * path.stat().st_size
    exact, rounded = (decode(load_decoder(file), [0.2, 0.5, 0.9], 7, 4) for file in (path, half))
    assert exact.max() > 1.0
    np.testing.assert_allclose(rounded, exact, atol=2e-3 * exact.max())


def test_control_values_are_mapped_to_the_latent_range(decoder):
    inputs = decoder.inputs([0.5, 0.0, 1.0], pitch_class=9, octave=5)
    assert inputs[:3].tolist() == [0.5, -2.0, 9.0]
    assert np.flatnonzero(inputs[3:]).tolist() == [9, 12 + 2]


@pytest.mark.parametrize(("octave", "nearest"), [(0, 0), (3, 0), (4, 1), (9, 2), (None, 2)])
def test_an_octave_it_was_not_trained_on_is_taken_to_the_nearest(decoder, octave, nearest):
    assert decoder.octave_index(octave) == nearest


def test_a_missing_file_is_named(tmp_path):
    assert "no such file" in refusal(tmp_path / "nothing.safetensors")


@pytest.mark.parametrize("content", [b"", b"RIFF....WAVEfmt ", b"\xff" * 5000], ids=["empty", "a sound", "noise"])
def test_what_is_not_safetensors_is_refused(tmp_path, content):
    path = tmp_path / "other.safetensors"
    path.write_bytes(content)
    assert "cannot be read" in refusal(path)


@pytest.mark.parametrize("share", [0.001, 0.3, 0.999])
def test_a_truncated_file_is_refused(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert "cannot be read" in refusal(path)


def test_no_damage_to_the_header_escapes_as_another_error(path):
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(300):
        damaged = bytearray(content)
        for position in rng.integers(0, 1200, size=3):
            damaged[position] = rng.integers(0, 256)
        path.write_bytes(damaged)
        try:
            load_decoder(path)
        except ModelError:
            refused += 1
    assert refused > 150


def test_safetensors_of_somebody_else_are_refused(tmp_path):
    path = tmp_path / "foreign.safetensors"
    safetensors.numpy.save_file({"conv.weight": np.zeros((3, 3), np.float32)}, path)
    assert "not a manned decoder" in refusal(path)


def test_a_newer_format_is_refused(path):
    rewrite(path, lambda tensors, metadata: metadata.update(format=99))
    assert "format 99" in refusal(path)


@pytest.mark.parametrize("key", ["name", "topology", "latent_range", "octave", "info"])
def test_metadata_that_lacks_a_key_is_refused(path, key):
    rewrite(path, lambda tensors, metadata: metadata.pop(key))
    assert key in refusal(path)


def test_a_tensor_of_the_wrong_shape_is_refused(path):
    rewrite(path, lambda tensors, _: tensors.update({"decoder.1.weight": np.zeros((8, 31), np.float32)}))
    assert "decoder.1.weight has shape (8, 31)" in refusal(path)


def test_a_missing_tensor_is_named(path):
    rewrite(path, lambda tensors, _: tensors.pop("decoder.2.bias"))
    assert "decoder.2.bias is missing" in refusal(path)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_numbers_are_refused(path, value):
    rewrite(path, lambda tensors, _: np.copyto(tensors["decoder.0.weight"], value))
    assert "decoder.0.weight holds NaN or infinite" in refusal(path)


def test_weights_of_another_number_type_are_refused(path):
    rewrite(path, lambda tensors, _: tensors.update({"decoder.0.bias": np.zeros(8, np.float64)}))
    assert "float64" in refusal(path)


@pytest.mark.parametrize("last", [[[0, float("nan")]], [[-3e38, 3e38]], []])
def test_a_latent_range_that_does_not_fit_is_refused(path, last):
    rewrite(path, lambda tensors, metadata: metadata.update(latent_range=[[0, 1], [0, 1], *last]))
    assert "latent_range" in refusal(path)


@pytest.mark.parametrize("octave", [-2, 11, 1e12, float("inf"), 4.5, "4", None])
def test_an_octave_that_no_note_has_is_refused(path, octave):
    rewrite(path, lambda tensors, metadata: metadata.update(octave=octave))
    assert f"octave is {octave!r}, allowed are -1–10" in refusal(path)


def test_metadata_nested_without_end_is_refused(path):
    tensors = safetensors.numpy.load_file(path)
    safetensors.numpy.save_file(tensors, path, metadata={"manned": "[" * 100_000})
    assert "metadata cannot be read (RecursionError" in refusal(path)


def test_a_network_larger_than_allowed_is_refused(path):
    rewrite(path, lambda tensors, metadata: metadata["topology"].update(widths=[40_000]))
    assert "allowed are 64000000" in refusal(path)


def test_a_file_that_cannot_be_written_leaves_the_old_one(decoder, path):
    before = path.read_bytes()
    decoder.info = {"corpus": object()}
    with pytest.raises(TypeError):
        save_decoder(decoder, path)
    assert path.read_bytes() == before and [file.name for file in path.parent.iterdir()] == [path.name]


# -- the map of its timbres -------------------------------------------------------


@pytest.fixture
def mapped(decoder, tmp_path):
    decoder.timbres = TimbreMap(np.float32([[0.25, 0.5, 0.75], [0.0, 1.0, 0.5]]), 0.125)
    return save_decoder(decoder, tmp_path / "mapped.safetensors")


def test_a_map_survives_the_file(mapped):
    timbres = load_decoder(mapped).timbres
    assert timbres.spacing == 0.125
    assert timbres.landmarks.tolist() == [[0.25, 0.5, 0.75], [0.0, 1.0, 0.5]]


def test_a_decoder_need_not_have_a_map(path):
    assert load_decoder(path).timbres is None


def test_a_map_changes_nothing_of_the_decoder(decoder, path, mapped):
    assert load_decoder(mapped).digest() == load_decoder(save_decoder(decoder, path)).digest()


@pytest.mark.parametrize("landmarks", [np.zeros((2, 2)), np.zeros((0, 3)), np.zeros(3), np.zeros((5000, 3))])
def test_a_map_of_the_wrong_shape_is_refused(mapped, landmarks):
    rewrite(mapped, lambda tensors, _: tensors.update({"map.landmarks": landmarks.astype(np.float16)}))
    assert "map.landmarks has shape" in refusal(mapped)


def test_a_map_that_is_not_finite_is_refused(mapped):
    rewrite(mapped, lambda tensors, _: np.copyto(tensors["map.landmarks"], np.nan))
    assert "map.landmarks holds NaN" in refusal(mapped)


@pytest.mark.parametrize("given", [None, {}, {"spacing": "wide"}, {"spacing": -1}, {"spacing": float("nan")}, [1]])
def test_a_map_without_a_spacing_is_refused(mapped, given):
    rewrite(mapped, lambda tensors, metadata: metadata.update(map=given))
    refusal(mapped)
