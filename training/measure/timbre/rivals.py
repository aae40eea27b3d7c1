"""What a harmonic decoder is compared with on frames that no fit has seen.

Each rival answers rows of a corpus with normalised magnitude frames [shape=(n, 2049)]: the analysis itself, which
nothing through a network can beat; the nearest training frame of the same note; a decoder of either kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from manned.model import analysis
from manned.model.decoder_file import Decoder
from manned.model.encoder_file import Encoder
from manned.model.forward import forward
from manned.model.harmonic.analysis import Frames
from manned.model.harmonic.decoder_file import HarmonicDecoder, HarmonicEncoder
from manned.model.harmonic.spectrum import magnitudes
from training.corpus.harmonic.corpus import HarmonicCorpus

Rival = Callable[[HarmonicCorpus, np.ndarray], np.ndarray]

_COMPRESSED = 0.3  # power of magnitudes by which frames are near


def around(decoder: HarmonicDecoder, encoder: HarmonicEncoder) -> dict[str, Rival]:
    """A harmonic decoder between what it cannot beat and what it must: the analysis and the lookup."""
    return {"analysis": ceiling, "harmonic": harmonic(decoder, encoder), "lookup": lookup}


def ceiling(corpus: HarmonicCorpus, rows: np.ndarray) -> np.ndarray:
    """The analysis and back, without a network."""
    return drawn(corpus.frames[rows])


def drawn(frames: Frames) -> np.ndarray:
    """Normalised magnitudes of harmonic frames."""
    return analysis.normalise(magnitudes(frames.harmonics_db, frames.bands_db, frames.f0_hz, frames.inharmonicity))


def lookup(corpus: HarmonicCorpus, rows: np.ndarray) -> np.ndarray:
    """The nearest training frame of the same note, by the distance of compressed magnitudes; silence where none is."""
    spectra = corpus.spectra
    training = corpus.rows("train")
    result = np.zeros((len(rows), spectra.shape[1]), dtype=np.float32)
    for note in np.unique(corpus.notes[rows]):
        asked = np.flatnonzero(corpus.notes[rows] == note)
        known = training[corpus.notes[training] == note]
        if not len(known):
            continue
        known_frames = spectra[known].astype(np.float32)
        shelf = known_frames**_COMPRESSED
        wanted = spectra[rows[asked]].astype(np.float32) ** _COMPRESSED
        apart = np.sum(shelf**2, axis=1) - 2.0 * wanted @ shelf.T
        result[asked] = known_frames[np.argmin(apart, axis=1)]
    return result


def harmonic(decoder: HarmonicDecoder, encoder: HarmonicEncoder) -> Rival:
    """A harmonic decoder and its encoder, through the faders that can be played."""

    def answer(corpus: HarmonicCorpus, rows: np.ndarray) -> np.ndarray:
        frames = corpus.frames[rows]
        return drawn(through(decoder, encoder, frames))

    return answer


def through(decoder: HarmonicDecoder, encoder: HarmonicEncoder, frames: Frames) -> Frames:
    """Frames as a decoder plays them at the faders that its encoder finds."""
    latents = encoder.latents(frames.harmonics_db, frames.bands_db, frames.f0_hz, frames.inharmonicity)
    return replace(sounded(decoder, decoder.latents.controls(latents), frames.f0_hz), level_db=frames.level_db)


def sounded(decoder: HarmonicDecoder, controls: np.ndarray, f0_hz: np.ndarray) -> Frames:
    """Frames, at 0 dB, of a decoder's control values [shape=(n, latents)] at pitches in Hertz [shape=(n,)]."""
    harmonics_db, bands_db, stiffness = decoder.frames(controls, f0_hz)
    return Frames(harmonics_db, bands_db, f0_hz, stiffness, np.zeros(len(f0_hz)))


def spectrum(decoder: Decoder, encoder: Encoder) -> Rival:
    """A decoder of the paper's kind and its encoder, told the note that was played, through its faders."""

    def answer(corpus: HarmonicCorpus, rows: np.ndarray) -> np.ndarray:
        topology = decoder.topology
        notes = corpus.notes[rows].astype(np.int64)
        octaves = None
        if topology.octaves:
            octaves = [topology.octaves[decoder.octave_index(note // 12 - 1)] for note in notes]
        conditions = analysis.condition(notes % 12, octaves, topology.octaves)
        latents = encoder.latents(corpus.spectra[rows].astype(np.float32), conditions)
        low, high = decoder.latent_range.T
        inputs = np.concatenate([np.clip(latents, low, high), conditions], axis=1)
        return analysis.normalise(
            forward(topology.decoder_layers(), decoder.weights, topology.alpha, inputs.astype(np.float32))
        )

    return answer
