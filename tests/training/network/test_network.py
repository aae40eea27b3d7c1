"""Keras and the NumPy reference are one network, for every topology."""

import itertools

import numpy as np
import pytest

from manned.model import analysis
from manned.model.decoder_file import Decoder, load_decoder, save_decoder
from manned.model.forward import decode, forward
from manned.model.topology import AUGMENTATIONS, BOTTLENECK_ACTIVATIONS, OUTPUTS, Topology
from training.network.network import Autoencoder, ops

PAPER_WIDTHS = Topology().widths
EVERY_KIND = [
    Topology(
        widths=(64, 16), bottleneck=3, bottleneck_activation=activation, augmentation=augmentation,
        skip=skip, octaves=octaves, output=output,
    )
    for activation, augmentation, skip, octaves, output in itertools.product(
        BOTTLENECK_ACTIVATIONS, AUGMENTATIONS, (False, True), ((), (3, 4, 5)), OUTPUTS
    )
]  # fmt: skip
EVERY_LAYER_TOLD = [
    Topology(widths=(64, 16), bottleneck=3, skip_every_layer=True, octaves=octaves) for octaves in ((), (3, 4, 5))
]
PAPER_SIZED = [Topology(bottleneck=bottleneck, widths=PAPER_WIDTHS) for bottleneck in (2, 3, 8)]


def describe(topology):
    return "-".join(
        [str(topology.bottleneck), topology.bottleneck_activation, topology.augmentation]
        + ["skip"] * topology.skip + ["every_layer"] * topology.skip_every_layer
        + ["octaves"] * bool(topology.octaves) + [topology.output]
    )  # fmt: skip


def pairs(network, part, layers):
    weights = network.weights_by_name()
    return [(weights[f"{part}.{k}.weight"], weights[f"{part}.{k}.bias"]) for k in range(len(layers))]


def random_network(topology) -> Autoencoder:
    """A network with biases too, which Keras starts at zero."""
    network = Autoencoder(topology)
    rng = np.random.default_rng(0)
    weights = network.weights_by_name()
    for name, value in weights.items():
        if name.endswith("bias"):
            weights[name] = 0.1 * rng.normal(size=value.shape).astype(np.float32)
    network.set_weights_by_name(weights)
    return network


@pytest.mark.parametrize("topology", EVERY_KIND + EVERY_LAYER_TOLD + PAPER_SIZED, ids=describe)
def test_keras_and_numpy_agree(topology, tmp_path):
    rng = np.random.default_rng(1)
    network = random_network(topology)
    encoder = pairs(network, "encoder", topology.encoder_layers())
    decoder = pairs(network, "decoder", topology.decoder_layers())
    assert [weight.shape for weight, _ in encoder] == [layer[:2] for layer in topology.encoder_layers()]
    assert [weight.shape for weight, _ in decoder] == [layer[:2] for layer in topology.decoder_layers()]

    frames = rng.random((6, topology.bins), dtype=np.float32)
    classes = rng.integers(0, 12, 6)
    octaves = rng.choice(topology.octaves, 6) if topology.octaves else np.full(6, 4)
    conditions = analysis.condition(classes, octaves, topology.octaves)
    latents = ops.convert_to_numpy(network.encode(frames, conditions))
    reference = forward(
        topology.encoder_layers(), encoder, topology.alpha, analysis.encoder_input(topology, frames, conditions)
    )
    assert np.abs(latents - reference).max() < 1e-5

    points = rng.random((6, topology.bottleneck), dtype=np.float32)
    decoded = ops.convert_to_numpy(network.decode(points, conditions))
    assert decoded.min() >= 0.0 and decoded.max() > 0.0
    path = save_decoder(Decoder("any", topology, decoder), tmp_path / "any.safetensors", np.float32)
    stored = load_decoder(path)
    for point, pitch_class, octave, frame in zip(points, classes, octaves, decoded):
        assert np.abs(decode(stored, point, pitch_class, octave) - frame).max() < 1e-5


def test_only_wide_layers_compute_in_bfloat16_and_all_weights_stay_float32():
    network = Autoencoder(Topology(), mixed_bfloat16=True)
    computing = [layer.compute_dtype for layer in network.decoder_stack]
    assert computing == ["float32"] * 4 + ["bfloat16"] * 4
    assert {value.dtype for value in network.weights_by_name().values()} == {np.dtype(np.float32)}
