"""The encoder file: the other half of a model, which tells the latents of a recording.

It lies beside its decoder, ``atlas.encoder.safetensors`` beside
``atlas.safetensors``, with tensors ``encoder.{k}.weight`` and ``encoder.{k}.bias``
and one metadata entry, ``manned-encoder``.  It names the digest of its decoder, so
that an encoder of another fit is never taken for it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike

from .. import files
from ..errors import ModelError
from ..files import PathLike
from . import analysis
from .decoder_file import SUFFIX, Decoder
from .forward import forward
from .tensors import named, opened, read_layers, telling, write_tensors
from .topology import Topology

FORMAT = 1
ENCODER_SUFFIX = ".encoder" + SUFFIX
_ENTRY = "manned-encoder"


@dataclass
class Encoder:
    """An encoder in memory.

    Attributes
    ----------
    topology : Topology
        That of its decoder.
    weights : list of (np.ndarray [shape=(inputs, outputs)], np.ndarray [shape=(outputs,)])
        float32, one pair per layer of ``topology.encoder_layers()``.
    decoder : str
        `Decoder.digest` of the decoder that it belongs to.
    """

    topology: Topology
    weights: list[tuple[np.ndarray, np.ndarray]]
    decoder: str

    def latents(self, frames: np.ndarray, conditions: np.ndarray) -> np.ndarray:
        """Latents [shape=(n, bottleneck)] of normalised frames [shape=(n, bins)] and their condition vectors."""
        inputs = analysis.encoder_input(self.topology, frames, conditions)
        return forward(self.topology.encoder_layers(), self.weights, self.topology.alpha, inputs)


def encoder_path(decoder_path: PathLike) -> Path:
    """Where the encoder of a decoder file lies, whose suffixes may be in upper or lower case."""
    path = Path(decoder_path)
    name = files.stem(path, SUFFIX)
    wanted = path.with_name(name + ENCODER_SUFFIX)
    if files.is_file(wanted):
        return wanted
    others = (one for one in files.entries(path.parent) if files.has_suffix(one, ENCODER_SUFFIX))
    return next((one for one in others if files.stem(one, ENCODER_SUFFIX) == name), wanted)


def require_encoder(path: Path, name: str, command: str) -> None:
    """Raise a `ModelError` when a decoder has no encoder at a path; it says which command writes one."""
    if not path.is_file():
        raise ModelError(f"model {name}: has no encoder ({path}: no such file); {command} writes it from the fit")


def save_encoder(encoder: Encoder, path: PathLike, dtype: DTypeLike = np.float16) -> Path:
    """Write an encoder file; it appears whole or not at all."""
    tensors = {
        name: np.ascontiguousarray(value, dtype=dtype) for name, value in named("encoder", encoder.weights).items()
    }
    metadata = {"format": FORMAT, "topology": encoder.topology.as_dict(), "decoder": encoder.decoder}
    return write_tensors(path, tensors, _ENTRY, metadata)


def load_encoder(decoder_path: PathLike, decoder: Decoder) -> Encoder:
    """Read and check the encoder that lies beside a decoder file.

    Raises
    ------
    ModelError
        When it is missing, corrupt, truncated, of another format or shape, not
        finite, or the encoder of another decoder.
    """
    path = encoder_path(decoder_path)
    where = f"encoder {path}"
    require_encoder(path, decoder.name, "manned-train export --encoder")
    with opened(path, "encoder") as file:
        encoder = _from_header(where, (file.metadata() or {}).get(_ENTRY))
        if encoder.decoder != decoder.digest() or encoder.topology != decoder.topology:
            raise ModelError(f"{where}: belongs to another decoder than {decoder_path}; export both from one fit")
        encoder.weights = read_layers(file, where, "encoder", encoder.topology.encoder_layers())
    return encoder


def _from_header(where: str, header: str | None) -> Encoder:
    if header is None:
        raise ModelError(f"{where}: not a manned encoder (its metadata has no {_ENTRY!r} entry)")
    with telling(where):
        metadata = json.loads(header)
        if metadata.get("format") != FORMAT:
            raise ModelError(f"{where}: format {metadata.get('format')!r}, this version reads format {FORMAT}")
        return Encoder(Topology.from_dict(metadata["topology"]), [], str(metadata["decoder"]))
