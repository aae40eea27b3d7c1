"""A decoder made by hand: real, audible, and loaded in no time."""

from pathlib import Path

import numpy as np

from manned.model.decoder_file import Decoder, save_decoder
from manned.model.pitch import note_to_hz
from manned.model.topology import Topology


def small_decoder(name: str = "small") -> Decoder:
    """A tone of twelve harmonics for each class in octave 4; each of the two latents adds a band of breath."""
    topology = Topology(widths=(14,), bottleneck=2)
    bins = np.arange(topology.bins)
    hz = bins * topology.samplerate / topology.n_fft
    output = np.zeros((14, topology.bins), np.float32)
    for latent, centre_hz in enumerate((900.0, 2500.0)):
        output[latent] = 0.02 * np.exp(-(((hz - centre_hz) / 300.0) ** 2))
    for pitch_class in range(12):
        for harmonic in range(1, 13):
            distance = bins - harmonic * note_to_hz(60 + pitch_class) * topology.n_fft / topology.samplerate
            lobe = np.where(np.abs(distance) < 2.0, 0.5 + 0.5 * np.cos(0.5 * np.pi * distance), 0.0)
            output[2 + pitch_class] += lobe / harmonic
    weights = [
        (np.eye(14, dtype=np.float32), np.zeros(14, np.float32)),
        (output, np.zeros(topology.bins, np.float32)),
    ]
    return Decoder(name, topology, weights, info={"licence": "MIT"})


def small_decoder_file(folder: Path, name: str = "small") -> Path:
    """The same as a file in a folder."""
    return save_decoder(small_decoder(name), folder / f"{name}.safetensors")
