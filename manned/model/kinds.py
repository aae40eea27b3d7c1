"""Decoders of either kind: what every reader and player of them may ask, and how their files are read.

The paper's kind, `manned.model.decoder_file`, draws a magnitude spectrum; the kind of
`manned.model.harmonic` is told the pitch.
"""

from __future__ import annotations

import json
from pathlib import Path

from ..errors import ModelError
from ..files import PathLike
from . import decoder_file, encoder_file
from .decoder_file import KIND as SPECTRUM
from .decoder_file import Decoder
from .encoder_file import Encoder
from .harmonic import decoder_file as harmonic_file
from .harmonic.decoder_file import HarmonicDecoder, HarmonicEncoder
from .harmonic.topology import KIND as HARMONIC
from .tensors import opened, telling

KINDS = (SPECTRUM, HARMONIC)

AnyDecoder = Decoder | HarmonicDecoder
AnyEncoder = Encoder | HarmonicEncoder


def load_decoder(path: PathLike) -> AnyDecoder:
    """Read and check a decoder file of either kind; raises `ModelError`."""
    if _kind(Path(path)) == HARMONIC:
        return harmonic_file.load_decoder(path)
    return decoder_file.load_decoder(path)


def load_model(path: PathLike) -> tuple[AnyDecoder, AnyEncoder]:
    """Read and check a decoder file of either kind and the encoder that lies beside it; raises `ModelError`."""
    decoder = load_decoder(path)
    if isinstance(decoder, HarmonicDecoder):
        return decoder, harmonic_file.load_encoder(path, decoder)
    return decoder, encoder_file.load_encoder(path, decoder)


def _kind(path: Path) -> str:
    """Kind that the header of a file names; `SPECTRUM` when it names none, whose reader then says what is wrong."""
    where = f"decoder {path}"
    with opened(path, "decoder") as file, telling(where):
        header = (file.metadata() or {}).get("manned")
        kind = SPECTRUM if header is None else json.loads(header)["topology"].get("kind", SPECTRUM)
        if kind not in KINDS:
            raise ModelError(f"{where}: is of the kind {str(kind)[:64]!r}, allowed are {' and '.join(KINDS)}")
    return kind
