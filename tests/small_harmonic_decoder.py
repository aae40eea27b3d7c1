"""A model of the kind harmonic, of seeded weights: small, and no music."""

from pathlib import Path

import numpy as np

from manned.model.harmonic.decoder_file import HarmonicDecoder, HarmonicEncoder, save_decoder, save_encoder
from manned.model.harmonic.latents import Latents
from manned.model.harmonic.topology import HarmonicTopology


def small_harmonic_model(name: str) -> tuple[HarmonicDecoder, HarmonicEncoder]:
    """A decoder of two latents and its encoder."""
    rng = np.random.default_rng(0)
    topology = HarmonicTopology(latents=2, encoder_widths=(4,), decoder_widths=(4,))
    decoder_weights, encoder_weights = (
        [
            (rng.standard_normal((inputs, outputs)).astype(np.float32), np.zeros(outputs, np.float32))
            for inputs, outputs, _ in layers
        ]
        for layers in (topology.decoder_layers(), topology.encoder_layers())
    )
    latents = Latents.of(rng.standard_normal((100, 2)), ("brightness", "noise"))
    decoder = HarmonicDecoder(name, topology, decoder_weights, latents)
    return decoder, HarmonicEncoder(topology, encoder_weights, decoder.digest())


def small_harmonic_decoder_file(folder: Path, name: str) -> Path:
    """Write its decoder into a folder, and the encoder beside it."""
    decoder, encoder = small_harmonic_model(name)
    path = save_decoder(decoder, folder / f"{name}.safetensors", np.float32)
    save_encoder(encoder, path, np.float32)
    return path
