"""A decoder whose frames are known: written, not trained.

Every pitch class and octave gives the harmonics of its note; latent 1 brings in the upper ones.
"""

from __future__ import annotations

import functools

import numpy as np

from manned.model.decoder_file import Decoder
from manned.model.pitch import note_to_hz
from manned.model.topology import Topology

OCTAVES = (2, 3, 4, 5, 6)


@functools.lru_cache(1000)  # each decoder draws 120 of them, a tenth of a second, and thousands of tests have one
def harmonic_frame(frequency_hz: float, harmonics: range, n_fft: int = 4096, samplerate: int = 44100) -> np.ndarray:
    """Hann-windowed magnitudes of harmonics with amplitudes 1/h, those above 16 kHz left out; not normalised."""
    n = np.arange(n_fft)
    signal = np.zeros(n_fft)
    for h in harmonics:
        if h * frequency_hz < 16000:
            signal += np.cos(2 * np.pi * h * frequency_hz * n / samplerate + h * h) / h
    window = 0.5 - 0.5 * np.cos(2 * np.pi * n / n_fft)
    frame = np.abs(np.fft.rfft(signal * window)) / (n_fft / 4)
    frame.flags.writeable = False
    return frame


def harmonic_decoder(detune_cents: float = 0.0, latents: int = 2, octaves=OCTAVES, lower=range(1, 4)) -> Decoder:
    """Decoder with one hidden unit per class and octave (harmonics 1–3) and one more that latent 1 opens (4–20).

    ``detune_cents`` puts what it draws beside the note it is asked for; ``lower`` are other harmonics than 1–3.
    """
    notes = [(pitch_class, octave) for octave in octaves for pitch_class in range(12)]
    topology = Topology(widths=(2 * len(notes),), bottleneck=latents, octaves=octaves, alpha=0.0)
    into = np.zeros((topology.decoder_inputs, 2 * len(notes)), dtype=np.float32)
    out = np.zeros((2 * len(notes), topology.bins), dtype=np.float32)
    for unit, (pitch_class, octave) in enumerate(notes):
        for column in (unit, len(notes) + unit):
            into[latents + pitch_class, column] = 4.0
            into[latents + 12 + octaves.index(octave), column] = 4.0
        into[0, len(notes) + unit] = 1.0
        frequency = note_to_hz(pitch_class + 12 * (octave + 1) + detune_cents / 100)
        out[unit] = harmonic_frame(frequency, lower)
        out[len(notes) + unit] = harmonic_frame(frequency, range(4, 21))
    bias = np.repeat(np.float32([-7.0, -8.0]), len(notes))
    weights = [(into, bias), (out, np.zeros(topology.bins, dtype=np.float32))]
    return Decoder("harmonic", topology, weights)


def random_decoder(seed: int = 0, **topology) -> Decoder:
    """Decoder of any topology with seeded random weights."""
    topology = Topology(**topology)
    rng = np.random.default_rng(seed)
    weights = [
        (rng.standard_normal((i, o)).astype(np.float32) / np.sqrt(i), rng.standard_normal(o).astype(np.float32) * 0.1)
        for i, o, _ in topology.decoder_layers()
    ]
    return Decoder("random", topology, weights)
