"""The two decoders that come with the program, one of each kind."""

from __future__ import annotations

from typing import NamedTuple

from manned.library import Library
from manned.model.decoder_file import Decoder
from manned.model.encoder_file import Encoder
from manned.model.harmonic.decoder_file import HarmonicDecoder, HarmonicEncoder

HARMONIC_NAME, SPECTRUM_NAME = "atlas", "atlas-spectrum"


class Shipped(NamedTuple):
    """Both decoders and their encoders: of the kind harmonic, and of the paper's."""

    harmonic: HarmonicDecoder
    harmonic_encoder: HarmonicEncoder
    spectrum: Decoder
    spectrum_encoder: Encoder


def shipped() -> Shipped:
    """Read them, those of the program and no others of their names."""
    library = Library()
    harmonic, harmonic_encoder = library.read_encoder(HARMONIC_NAME)
    spectrum, spectrum_encoder = library.read_encoder(SPECTRUM_NAME)
    assert isinstance(harmonic, HarmonicDecoder) and isinstance(harmonic_encoder, HarmonicEncoder)
    assert isinstance(spectrum, Decoder) and isinstance(spectrum_encoder, Encoder)
    return Shipped(harmonic, harmonic_encoder, spectrum, spectrum_encoder)
