"""A decoder file of the kind harmonic, of seeded weights: well formed, and nothing the instrument plays."""

from pathlib import Path

import numpy as np

from manned.model.harmonic.decoder_file import HarmonicDecoder, save_decoder
from manned.model.harmonic.latents import Latents
from manned.model.harmonic.topology import HarmonicTopology


def small_harmonic_decoder_file(folder: Path, name: str) -> Path:
    """Write it into a folder."""
    rng = np.random.default_rng(0)
    topology = HarmonicTopology(latents=2, encoder_widths=(4,), decoder_widths=(4,))
    weights = [
        (rng.standard_normal((inputs, outputs)).astype(np.float32), np.zeros(outputs, np.float32))
        for inputs, outputs, _ in topology.decoder_layers()
    ]
    latents = Latents.of(rng.standard_normal((100, 2)), ("brightness", "noise"))
    return save_decoder(HarmonicDecoder(name, topology, weights, latents), folder / f"{name}.safetensors")
