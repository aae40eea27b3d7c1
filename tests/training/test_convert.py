"""Decoders that an old Keras saved, as the paper's published code does."""

import json
import warnings
import zipfile

import h5py
import numpy as np
import pytest

from manned.errors import ModelError
from manned.model.decoder_file import load_decoder, save_decoder
from manned.model.forward import decode, forward
from training.convert import import_decoder
from training.network.backend import keras


def save_by_old_keras(folder):
    """Layer by layer what the published training script does; tf_keras is the last of the old Keras."""
    from tf_keras.layers import Dense, Input, LeakyReLU
    from tf_keras.models import Model
    from tf_keras.regularizers import l2

    for inputs, path in ((2 + 12, "skip"), (8, "plain")):
        first = values = Input(shape=(inputs,))
        for width in (16, 32, 64):
            values = LeakyReLU(alpha=0.1)(Dense(width, activation=None, kernel_regularizer=l2(1e-7))(values))
        model = Model(first, Dense(2049, activation="relu", kernel_regularizer=l2(1e-7))(values))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that HDF5 is a format of old
            model.save(f"{folder}/{path}.h5")
        points = np.random.default_rng(1).random((50, inputs)).astype(np.float32)
        np.savez(f"{folder}/{path}.npz", points=points, frames=model.predict(points, verbose=0))


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Folder of two decoders, each with what its Keras made of 50 points."""
    folder = tmp_path_factory.mktemp("keras")
    save_by_old_keras(folder)
    return folder


@pytest.mark.parametrize(("name", "latents", "skip"), [("skip", 2, True), ("plain", 8, False)])
def test_it_says_what_old_keras_said(saved, name, latents, skip):
    decoder = import_decoder(saved / f"{name}.h5", name)
    topology = decoder.topology
    assert (topology.bottleneck, topology.skip, topology.alpha) == (latents, skip, 0.1)
    assert (topology.widths, topology.n_fft, topology.hop) == ((64, 32, 16), 4096, 1024)
    with np.load(saved / f"{name}.npz") as theirs:
        ours = forward(topology.decoder_layers(), decoder.weights, topology.alpha, theirs["points"])
        assert theirs["frames"].max() > 0.01
        np.testing.assert_allclose(ours, theirs["frames"], atol=1e-5)


def save_by_keras_3(folder):
    layers = keras.layers
    values = first = keras.Input(shape=(2 + 12,))
    for width in (16, 32):
        values = layers.LeakyReLU(negative_slope=0.1)(layers.Dense(width)(values))
    models = {"functional": keras.Model(first, layers.Dense(2049, activation="relu")(values))}
    models["by_name"] = keras.Sequential(
        [keras.Input(shape=(2 + 12,))]
        + [layers.Dense(width, activation="leaky_relu") for width in (16, 32)]
        + [layers.Dense(2049, activation="relu", name="frame")]
    )
    models["apart"] = keras.Sequential([
        layers.Dense(16, name="z"), layers.Activation("leaky_relu"), layers.Dropout(0.1),
        layers.Dense(32, name="a"), layers.ReLU(negative_slope=0.2), layers.Dense(2049), layers.ReLU(),
    ])  # fmt: skip
    models["as_object"] = keras.Sequential([
        layers.Dense(16, activation=layers.LeakyReLU(negative_slope=0.3)), layers.GaussianNoise(0.1),
        layers.Dense(32, activation=layers.LeakyReLU(negative_slope=0.3)),
        layers.Dense(2049, activation=keras.activations.relu),
    ])  # fmt: skip
    points = np.random.default_rng(1).random((50, 14)).astype(np.float32)
    for name, model in models.items():
        model.build((None, 14))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.save(f"{folder}/{name}.h5")
        model.save(f"{folder}/{name}.keras")
        np.savez(f"{folder}/{name}.npz", points=points, frames=model.predict(points, verbose=0))


@pytest.fixture(scope="module")
def saved_by_keras_3(tmp_path_factory):
    """Decoders that the Keras of today saved, with what it made of 50 points."""
    folder = tmp_path_factory.mktemp("keras-3")
    save_by_keras_3(folder)
    return folder


def as_it_is(path):
    """Saved by Keras 3."""


def bare_list(path):
    """Have a Sequential model described as Keras 2.1 did: a list of layers without an input."""
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        layers = [layer for layer in config["config"]["layers"] if layer["class_name"] != "InputLayer"]
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": layers})


def keras_1(path):
    """The same as Keras 1 did it: weights called W and b, and other words."""
    bare_list(path)
    with h5py.File(path, "r+") as file:
        for name, group in file["model_weights"].items():
            found = [np.asarray(group[key]) for key in group.attrs.get("weight_names", ())]
            for key in [*group]:
                del group[key]
            names = [f"{name}_{word}".encode() for word in "Wb"][: len(found)]
            for key, tensor in zip(names, found):
                group[key.decode()] = tensor
            group.attrs["weight_names"] = np.array(names) if names else []
        model = json.loads(file.attrs["model_config"])
        for layer in model["config"]:
            layer["config"] = {
                "name": layer["config"]["name"], "output_dim": layer["config"]["units"], "input_dim": None,
                "activation": layer["config"]["activation"], "W_regularizer": None, "bias": True, "init": "he_normal",
            }  # fmt: skip
        file.attrs["model_config"] = json.dumps(model).encode()


@pytest.mark.parametrize(
    ("file", "alpha", "older"),
    [
        ("functional.h5", 0.1, as_it_is), ("functional.keras", 0.1, as_it_is),
        ("by_name.h5", 0.2, as_it_is), ("by_name.keras", 0.2, as_it_is),
        ("apart.h5", 0.2, as_it_is), ("apart.keras", 0.2, as_it_is), ("apart.h5", 0.2, bare_list),
        ("as_object.h5", 0.3, as_it_is), ("as_object.keras", 0.3, as_it_is),
        ("by_name.h5", 0.2, bare_list), ("by_name.h5", 0.2, keras_1),
    ],
)  # fmt: skip
def test_it_says_what_keras_3_said(saved_by_keras_3, tmp_path, file, alpha, older):
    path = tmp_path / file
    path.write_bytes((saved_by_keras_3 / file).read_bytes())
    older(path)
    decoder = import_decoder(path, "theirs")
    topology = decoder.topology
    assert (topology.bottleneck, topology.skip, topology.bins, topology.alpha) == (2, True, 2049, alpha)
    with np.load((saved_by_keras_3 / file).with_suffix(".npz")) as theirs:
        ours = forward(topology.decoder_layers(), decoder.weights, topology.alpha, theirs["points"])
        assert theirs["frames"].max() > 0.01
        np.testing.assert_allclose(ours, theirs["frames"], atol=1e-5)


def test_a_damaged_archive_is_refused(saved_by_keras_3, tmp_path):
    content = (saved_by_keras_3 / "by_name.keras").read_bytes()
    path = tmp_path / "a.keras"
    for damaged in (content[:2000], content[:-3000] + bytes(3000), content[2000:], content.replace(b"Dense", b"Densx")):
        path.write_bytes(damaged)
        with pytest.raises(ModelError, match="a.keras: "):
            import_decoder(path, "a")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(ModelError, match="a.keras: cannot be read as a Keras model .KeyError"):
        import_decoder(path, "a")


def test_the_decoder_file_plays(saved, tmp_path):
    save_decoder(import_decoder(saved / "skip.h5", "theirs"), tmp_path / "theirs.safetensors", np.float32)
    loaded = load_decoder(tmp_path / "theirs.safetensors")
    exact = forward(loaded.topology.decoder_layers(), loaded.weights, 0.1, loaded.inputs([0.2, 0.7], 9))
    assert np.array_equal(decode(loaded, [0.2, 0.7], 9), exact) and exact.max() > 0


def test_how_many_inputs_are_latents_can_be_said(saved):
    assert import_decoder(saved / "skip.h5", "wide", latents=14).topology.skip is False
    with pytest.raises(ModelError, match="14 inputs, allowed are 3 latents alone or with 12 pitch classes"):
        import_decoder(saved / "skip.h5", "three", latents=3)


def test_unbounded_latents_need_a_range(saved):
    with pytest.raises(ModelError, match="need their range"):
        import_decoder(saved / "plain.h5", "plain", bottleneck_activation="leaky_relu")
    decoder = import_decoder(saved / "plain.h5", "plain", bottleneck_activation="leaky_relu", latent_range=(-3, 3))
    assert decoder.latent_range.tolist() == [[-3, 3]] * 8


def change(path, edit):
    """Edit the description of the layers of a saved model."""
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        edit(config["config"]["layers"])
        file.attrs["model_config"] = json.dumps(config)


def another_source(layers):
    layers[-1]["inbound_nodes"][0].append([layers[0]["config"]["name"], 0, 0, {}])


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (lambda layers: layers[2].update(class_name="Lambda"), "is a Lambda, allowed are Dense"),
        (
            lambda layers: layers[-1]["config"].update(activation="sigmoid"),
            "leaky_relu, leaky_relu, leaky_relu, sigmoid",
        ),
        (lambda layers: layers[2]["config"].update(alpha=0.3), "slopes are .0.1, 0.3."),
        (lambda layers: layers[1]["config"].update(name="nowhere"), "takes dense|KeyError"),
        (another_source, "allowed is a chain"),
        (lambda layers: layers.pop(3), "takes|shapes"),
        (lambda layers: layers[1].pop("config"), "KeyError"),
    ],
)
def test_another_network_is_refused(saved, tmp_path, edit, named):
    path = tmp_path / "other.h5"
    path.write_bytes((saved / "plain.h5").read_bytes())
    change(path, edit)
    with pytest.raises(ModelError, match=f"other.h5: .*({named})"):
        import_decoder(path, "other")


@pytest.mark.parametrize("content", [b"", b"not HDF5", None])
def test_a_damaged_file_is_refused(saved, tmp_path, content):
    path = tmp_path / "damaged.h5"
    path.write_bytes((saved / "plain.h5").read_bytes()[:3000] if content is None else content)
    with pytest.raises(ModelError, match="damaged.h5: cannot be read"):
        import_decoder(path, "damaged")


def test_nan_weights_and_files_without_layers_are_refused(saved, tmp_path):
    path = tmp_path / "edited.h5"
    path.write_bytes((saved / "plain.h5").read_bytes())
    with h5py.File(path, "r+") as file:
        name = next(name for name in file["model_weights"] if name.startswith("dense"))
        file["model_weights"][name][name]["bias:0"][0] = np.nan
    with pytest.raises(ModelError, match=f"{name} holds NaN"):
        import_decoder(path, "edited")
    with h5py.File(path, "r+") as file:
        del file.attrs["model_config"]
    with pytest.raises(ModelError, match="holds no layers"):
        import_decoder(path, "edited")
