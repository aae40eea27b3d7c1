"""The native decoder is the network of the reference forward pass, whatever the batch."""

import itertools

import numba as nb
import numpy as np
import pytest
from harmonic_decoder import random_decoder

from manned.engine.decode import MODEL, REQUEST, STRIDE, fill_input, run_layers, set_model, take_spectrum
from manned.model.forward import decode


@nb.njit
def _decode(models, requests, rows):
    model = models[0]
    for row in range(len(requests)):
        fill_input(model, requests[row].question, rows, row)
    half = run_layers(model, rows, len(requests))
    for row in range(len(requests)):
        take_spectrum(model, rows, half, row, requests[row])


def native(decoder, latents, classes, octaves, mixture=None):
    """Spectra [shape=(n, 2049)] of a batch of control values from the engine's own code."""
    model, mail = np.zeros(1, MODEL), np.zeros(len(latents), REQUEST)
    weights = set_model(model[0], decoder)
    for row, values in enumerate(latents):
        question = mail[row]["question"]
        question["latents"][: len(values)] = values
        question["pitch_class"], question["octave"] = classes[row], octaves[row]
        if mixture is not None:
            question["mixture"], question["weights"] = 1, mixture
    _decode(model, mail, np.zeros((2, len(latents) * STRIDE), np.float32))
    assert len(weights)  # they live until here
    return mail["spectrum"]


TOPOLOGIES = [
    {"bottleneck": bottleneck, "bottleneck_activation": activation, "skip": skip, "octaves": octaves, "output": output}
    for bottleneck, activation, skip, octaves, output in itertools.product(
        (2, 3, 8, 5), ("sigmoid", "leaky_relu"), (True, False), ((), (2, 3, 4, 5, 6)), ("relu", "square")
    )
    if skip or not octaves
] + [{"bottleneck": 3, "skip_every_layer": True, "octaves": octaves} for octaves in ((), (2, 3, 4, 5, 6))]


@pytest.mark.parametrize("topology", TOPOLOGIES, ids=lambda t: "-".join(map(str, t.values())))
def test_native_and_reference_spectra_agree(topology):
    decoder = random_decoder(1, **topology)
    if topology.get("bottleneck_activation") == "leaky_relu":
        decoder.latent_range = np.tile(np.float32([-3.0, 5.0]), (topology["bottleneck"], 1))
    rng = np.random.default_rng(2)
    latents = rng.random((6, topology["bottleneck"]))
    classes, octaves = rng.integers(0, 12, 6), rng.integers(1, 8, 6)
    found = native(decoder, latents, classes, octaves)
    wanted = [decode(decoder, z, c, o) for z, c, o in zip(latents, classes, octaves)]
    assert np.abs(found - wanted).max() <= 1e-5 * max(1.0, np.max(wanted))


def test_a_spectrum_has_the_same_bits_in_every_batch():
    decoder = random_decoder(3, bottleneck=3)
    rng = np.random.default_rng(4)
    latents, classes = rng.random((41, 3)), rng.integers(0, 12, 41)
    together = native(decoder, latents, classes, [4] * 41)
    for size in (1, 2, 3, 5, 7):
        part = native(decoder, latents[:size], classes[:size], [4] * size)
        assert np.array_equal(part, together[:size])


def test_weights_gone_wild_give_silence_not_nan():
    decoder = random_decoder(5)
    decoder.weights[-1][0][:] = 1e38
    assert np.isfinite(native(decoder, [[0.5, 0.5]], [0], [4])).all()
