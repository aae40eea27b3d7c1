"""From a harmonic fit to the decoder file that is played, and the encoder file beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from manned.model.harmonic.decoder_file import HarmonicDecoder, HarmonicEncoder, save_decoder, save_encoder
from training.corpus.harmonic.corpus import HarmonicCorpus
from training.measure.landmarks import timbre_map
from training.network.fit_folder import read_evaluation
from training.network.harmonic.assemble import assemble
from training.network.harmonic.fit_folder import HarmonicFit


def export(
    fitted: HarmonicFit,
    corpus: HarmonicCorpus,
    path: Path,
    name: str,
    licence: str = "",
    dtype: type = np.float16,
) -> tuple[HarmonicDecoder, HarmonicEncoder]:
    """Write the decoder and the encoder of a fit; what was measured of these weights goes into its ``info``.

    Parameters
    ----------
    fitted : HarmonicFit
    corpus : HarmonicCorpus
        The one it was trained on.
    path : Path
        Of the decoder file.
    name : str
        What the decoder is called in the instrument.
    licence : str
        For those who are given it.
    dtype : np.float16 or np.float32

    Raises
    ------
    TrainingError
        When the corpus is not the one of the fit, the weights do not fit the dtype, or what was measured cannot be
        read.
    """
    measured = read_evaluation(fitted.folder, fitted.step, lambda measures: measures["steps"][0])
    decoder, encoder = assemble(fitted, corpus, name, licence, dtype, measured)
    write(decoder, encoder, corpus, path, dtype)
    return decoder, encoder


def write(
    decoder: HarmonicDecoder, encoder: HarmonicEncoder, corpus: HarmonicCorpus, path: Path, dtype: type = np.float16
) -> None:
    """Give a decoder the map of its corpus's timbres, and write it and its encoder."""
    frames = corpus.frames[corpus.rows("train")]
    latents = encoder.latents(frames.harmonics_db, frames.bands_db, frames.f0_hz, frames.inharmonicity)
    span = np.tile([0.0, 1.0], (decoder.topology.latents, 1))
    decoder.timbres = timbre_map(decoder.latents.controls(latents), span)
    save_decoder(decoder, path, dtype)
    save_encoder(encoder, path, dtype)
