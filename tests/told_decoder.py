"""A decoder of the kind harmonic that says what it is told to: every point of it is the same frame."""

import numpy as np

from manned.model.harmonic.decoder_file import HarmonicDecoder
from manned.model.harmonic.latents import Latents
from manned.model.harmonic.scale import BANDS, FLOOR_DB, HARMONICS
from manned.model.harmonic.topology import STIFFEST, HarmonicTopology

NOTHING_DB = np.full(BANDS, FLOOR_DB)
SAW_DB = -20.0 * np.log10(np.arange(1, HARMONICS + 1))


def told_decoder(harmonics_db=SAW_DB, bands_db=NOTHING_DB, stiffness=0.0, name="told"):
    """Levels that miss are nothing."""
    topology = HarmonicTopology(latents=2, encoder_widths=(4,), decoder_widths=(4,))
    weights = [
        (np.zeros((inputs, outputs), np.float32), np.zeros(outputs, np.float32))
        for inputs, outputs, _ in topology.decoder_layers()
    ]
    levels = np.full(HARMONICS + BANDS, FLOOR_DB)
    levels[: len(harmonics_db)] = harmonics_db
    levels[HARMONICS:] = bands_db
    weights[-1][1][:] = np.append(1.0 - levels / FLOOR_DB, np.sqrt(stiffness / STIFFEST))
    latents = Latents.of(np.random.default_rng(0).standard_normal((100, 2)), ("brightness", ""))
    return HarmonicDecoder(name, topology, weights, latents)


def random_told_decoder(seed=0, latents=5):
    """Seeded weights: every point and every pitch is another frame."""
    rng = np.random.default_rng(seed)
    topology = HarmonicTopology(latents=latents, encoder_widths=(8,), decoder_widths=(48, 33))
    weights = [
        (
            (rng.standard_normal((inputs, outputs)) / np.sqrt(inputs)).astype(np.float32),
            rng.uniform(0.0, 0.6, outputs).astype(np.float32),
        )
        for inputs, outputs, _ in topology.decoder_layers()
    ]
    faders = Latents.of(rng.standard_normal((500, latents)), ("brightness",) + ("",) * (latents - 1))
    return HarmonicDecoder("random", topology, weights, faders)
