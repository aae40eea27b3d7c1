"""The decoder file: safetensors weights and the metadata that makes them playable.

Nothing in the file can be executed.  Tensors are ``decoder.{k}.weight`` with shape
(inputs, outputs) and ``decoder.{k}.bias`` with shape (outputs,), k counting from
the bottleneck; float16 or float32.  One metadata entry, ``manned``, holds JSON.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy

from ..errors import ModelError
from .topology import OCTAVES, Topology

FORMAT = 1
SUFFIX = ".safetensors"
MAX_WEIGHTS = 64_000_000


@dataclass
class Decoder:
    """A decoder in memory.

    Attributes
    ----------
    name : str
    topology : Topology
    weights : list of (np.ndarray [shape=(inputs, outputs)], np.ndarray [shape=(outputs,)])
        float32, one pair per layer of ``topology.decoder_layers()``.
    latent_range : np.ndarray [shape=(bottleneck, 2)]
        What a control value of 0 and of 1 means for each latent: (0, 1) for a
        sigmoid bottleneck, the span of the training embedding otherwise.
    octave : int
        Octave that a model without octave condition speaks in.
    info : dict
        Free facts for people: corpus, licence, training settings, test error.
    """

    name: str
    topology: Topology
    weights: list[tuple[np.ndarray, np.ndarray]]
    latent_range: np.ndarray = None
    octave: int = 4
    info: dict = field(default_factory=dict)

    def __post_init__(self):
        if self.latent_range is None:
            self.latent_range = np.tile([0.0, 1.0], (self.topology.bottleneck, 1))
        self.latent_range = np.asarray(self.latent_range, dtype=np.float32)

    def inputs(self, latents, pitch_class: int, octave: int | None = None) -> np.ndarray:
        """The decoder's input for control values: latents mapped to their range, then the condition.

        Parameters
        ----------
        latents : array_like [shape=(bottleneck,)]
            Control values, 0–1.
        pitch_class : int
            0–11.
        octave : int, optional
            Taken to the nearest octave the model was trained on.

        Returns
        -------
        np.ndarray [shape=(decoder_inputs,)], float32
        """
        low, high = self.latent_range.T
        values = low + (high - low) * np.asarray(latents, dtype=np.float32)
        if not self.topology.skip:
            return values.astype(np.float32)
        condition = np.zeros(self.topology.conditions, dtype=np.float32)
        condition[pitch_class] = 1.0
        if self.topology.octaves:
            condition[12 + self.octave_index(octave)] = 1.0
        return np.concatenate([values, condition]).astype(np.float32)

    def tensors(self) -> dict[str, np.ndarray]:
        """The weights by their names in the file."""
        return {
            f"decoder.{k}.{part}": value
            for k, pair in enumerate(self.weights)
            for part, value in zip(("weight", "bias"), pair)
        }

    def octave_index(self, octave: int | None) -> int:
        """Index into ``topology.octaves`` of the nearest octave (0 when there are none)."""
        octaves = self.topology.octaves
        if not octaves:
            return 0
        wanted = self.octave if octave is None else octave
        return min(range(len(octaves)), key=lambda index: abs(octaves[index] - wanted))


def save_decoder(decoder: Decoder, path, dtype=np.float16) -> Path:
    """Write a decoder file; it appears whole or not at all.

    Parameters
    ----------
    path : str or path
    dtype : np.float16 or np.float32
        float16 halves the file; the engine computes in float32 either way.
    """
    path = Path(path)
    tensors = {name: np.ascontiguousarray(value, dtype=dtype) for name, value in decoder.tensors().items()}
    metadata = {
        "format": FORMAT,
        "name": decoder.name,
        "topology": decoder.topology.as_dict(),
        "latent_range": decoder.latent_range.tolist(),
        "octave": decoder.octave,
        "info": decoder.info,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    os.close(handle)
    try:
        safetensors.numpy.save_file(tensors, temporary, metadata={"manned": json.dumps(metadata)})
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    return path


def load_decoder(path) -> Decoder:
    """Read and check a decoder file.

    Raises
    ------
    ModelError
        When the file is missing, corrupt, truncated, of another format or
        shape, or holds NaN or infinite weights.
    """
    path = Path(path)
    if not path.is_file():
        raise ModelError(f"decoder {path}: no such file")
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            header = (file.metadata() or {}).get("manned")
            names = set(file.keys())
            if header is None:
                raise ModelError(f"decoder {path}: not a manned decoder (its metadata has no 'manned' entry)")
            decoder = _from_header(path, header)
            for k, (inputs, outputs, _) in enumerate(decoder.topology.decoder_layers()):
                pair = []
                for part, shape in (("weight", (inputs, outputs)), ("bias", (outputs,))):
                    name = f"decoder.{k}.{part}"
                    if name not in names:
                        raise ModelError(f"decoder {path}: tensor {name} is missing")
                    found = tuple(file.get_slice(name).get_shape())
                    if found != shape:
                        raise ModelError(f"decoder {path}: tensor {name} has shape {found}, its topology asks for {shape}")
                    tensor = file.get_tensor(name)
                    if tensor.dtype not in (np.float16, np.float32):
                        raise ModelError(f"decoder {path}: tensor {name} is {tensor.dtype}, allowed are float16 and float32")
                    tensor = np.ascontiguousarray(tensor, dtype=np.float32)
                    if not np.isfinite(tensor).all():
                        raise ModelError(f"decoder {path}: tensor {name} holds NaN or infinite weights")
                    pair.append(tensor)
                decoder.weights.append(tuple(pair))
    except (safetensors.SafetensorError, OSError, UnicodeDecodeError) as error:
        raise ModelError(f"decoder {path}: cannot be read as safetensors ({error})") from None
    return decoder


def _from_header(path: Path, header: str) -> Decoder:
    try:
        metadata = json.loads(header)
        if metadata.get("format") != FORMAT:
            raise ModelError(f"decoder {path}: format {metadata.get('format')!r}, this version reads format {FORMAT}")
        topology = Topology.from_dict(metadata["topology"])
        decoder = Decoder(
            name=str(metadata["name"]),
            topology=topology,
            weights=[],
            latent_range=np.asarray(metadata["latent_range"], dtype=np.float32),
            octave=metadata["octave"],
            info=dict(metadata["info"]),
        )
    except ModelError as error:
        raise ModelError(f"decoder {path}: {error}" if str(path) not in str(error) else str(error)) from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ModelError(f"decoder {path}: its metadata cannot be read ({type(error).__name__}: {error})") from None
    with np.errstate(over="ignore", invalid="ignore"):
        shape = decoder.latent_range.shape
        fits = shape == (topology.bottleneck, 2) and np.isfinite(np.ptp(decoder.latent_range, axis=1)).all()
    if not fits:
        raise ModelError(
            f"decoder {path}: latent_range has shape {shape} or is not finite, "
            f"allowed is {(topology.bottleneck, 2)}"
        )
    if type(decoder.octave) is not int or decoder.octave not in OCTAVES:
        raise ModelError(f"decoder {path}: octave is {decoder.octave!r}, allowed are {OCTAVES[0]}–{OCTAVES[-1]}")
    count = sum(inputs * outputs for inputs, outputs, _ in topology.decoder_layers())
    if count > MAX_WEIGHTS:
        raise ModelError(f"decoder {path}: {count} weights, allowed are {MAX_WEIGHTS}")
    return decoder
