"""The loop of the paper's program: Keras' ``predict`` for each frame, random phases, inverse transform, overlap-add."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from manned.library import SHIPPED
from manned.model.decoder_file import load_decoder

from .player import Held, main

WINDOW, HOP = 4096, 1024
LEVEL = 0.02


def decoder(samplerate: int) -> Callable[[Held], np.ndarray]:
    """A decoder of the paper's kind, atlas-spectrum, as a network of Keras on one core."""
    import tensorflow

    tensorflow.config.threading.set_intra_op_parallelism_threads(1)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    from training.network.backend import keras
    from training.network.network import Autoencoder

    shipped = load_decoder(SHIPPED / "atlas-spectrum.safetensors")
    network = Autoencoder(shipped.topology)
    for layer, (weight, bias) in zip(network.decoder_stack, shipped.weights):
        layer.set_weights([weight, bias])
    latents = shipped.latent_count
    given = [keras.Input((latents,)), keras.Input((shipped.topology.conditions,))]
    model = keras.Model(given, network.decode(*given))
    window, random = np.hanning(WINDOW).astype(np.float32), np.random.default_rng(0)
    overlap = np.zeros(WINDOW, np.float32)

    def decode(held: Held) -> np.ndarray:
        inputs = shipped.inputs([held.timbre] * shipped.latent_count, held.key % 12, held.key // 12 - 1)[None]
        magnitudes = model.predict([inputs[:, :latents], inputs[:, latents:]], verbose=cast(Any, 0))[0]
        phases = np.exp(2j * np.pi * random.random(len(magnitudes)))
        overlap[:-HOP], overlap[-HOP:] = overlap[HOP:].copy(), 0.0
        overlap[:] += LEVEL * window * np.fft.irfft(magnitudes * phases, WINDOW).astype(np.float32) * WINDOW / 2
        return overlap[:HOP].copy()

    return decode


if __name__ == "__main__":
    main("keras", decoder)
