"""The decoder file: safetensors weights and the metadata that makes them playable.

Nothing in the file can be executed.  Tensors are ``decoder.{k}.weight`` with shape
(inputs, outputs) and ``decoder.{k}.bias`` with shape (outputs,), k counting from
the bottleneck; float16 or float32.  ``map.landmarks`` may be there too, the map of
`manned.model.timbre_map`.  One metadata entry, ``manned``, holds JSON.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from ..errors import ModelError
from ..files import PathLike
from .analysis import normalise
from .card import card
from .forward import forward
from .tensors import as_float32, named, opened, read_layers, telling, write_tensors
from .timbre_map import MAX_LANDMARKS, TimbreMap
from .topology import OCTAVES, Topology

FORMAT = 1
KIND = "spectrum"
"""Of the models whose decoder draws a magnitude spectrum; their files do not name it."""

SUFFIX = ".safetensors"
LANDMARKS = "map.landmarks"


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
    timbres : TimbreMap or None
        Where the training frames lie in the space of its latents.
    """

    name: str
    topology: Topology
    weights: list[tuple[np.ndarray, np.ndarray]]
    latent_range: np.ndarray = None  # type: ignore[assignment]  # known when the topology is
    octave: int = 4
    info: dict = field(default_factory=dict)
    timbres: TimbreMap | None = None

    kind = KIND
    chart = None
    """Decoders of this kind have no map on a plane."""

    def __post_init__(self):
        if self.latent_range is None:
            self.latent_range = np.tile([0.0, 1.0], (self.topology.bottleneck, 1))
        self.latent_range = np.asarray(self.latent_range, dtype=np.float32)

    def inputs(self, latents: ArrayLike, pitch_class: int, octave: int | None = None) -> np.ndarray:
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
        return named("decoder", self.weights)

    def digest(self) -> str:
        """SHA-256 of topology and weights: what an encoder file names to say which decoder it belongs to."""
        digest = hashlib.sha256(json.dumps(self.topology.as_dict(), sort_keys=True).encode())
        for name, value in self.tensors().items():
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(value, dtype="<f4").tobytes())
        return digest.hexdigest()

    @property
    def latent_count(self) -> int:
        """How many faders it has."""
        return self.topology.bottleneck

    @property
    def octaves(self) -> tuple[int, ...]:
        """Octaves that it was conditioned on; empty when it knows of none."""
        return self.topology.octaves

    @property
    def samplerate(self) -> int:
        """Hertz, of the sounds that its frames are of."""
        return self.topology.samplerate

    @property
    def latent_names(self) -> tuple[str, ...]:
        """What each fader does; of this kind nothing can be said."""
        return ("",) * self.latent_count

    def spectra(self, controls: np.ndarray, pitch_class: int, octave: int | None = None) -> np.ndarray:
        """Magnitudes [shape=(n, bins)] at a note, the highest of each frame 1, of values 0–1 [shape=(n, latents)]."""
        inputs = np.stack([self.inputs(point, pitch_class, octave) for point in controls])
        return normalise(forward(self.topology.decoder_layers(), self.weights, self.topology.alpha, inputs))

    def facts(self) -> dict[str, str | int | float]:
        """What people ask of a model."""
        octaves = {"octaves": " ".join(map(str, self.octaves))} if self.octaves else {}
        return facts_of(self.name, self.kind, self.latent_names, self.info) | octaves

    def arrays(self) -> list[np.ndarray]:
        """All numbers that make its sound, and its map."""
        landmarks = [] if self.timbres is None else [self.timbres.landmarks]
        layers = [part for layer in self.weights for part in layer]
        return [self.latent_range, np.array(self.octave), *layers, *landmarks]

    def octave_index(self, octave: int | None) -> int:
        """Index into ``topology.octaves`` of the nearest octave (0 when there are none)."""
        octaves = self.topology.octaves
        if not octaves:
            return 0
        wanted = self.octave if octave is None else octave
        return min(range(len(octaves)), key=lambda index: abs(octaves[index] - wanted))


def facts_of(name: str, kind: str, latent_names: Sequence[str], info: dict) -> dict[str, str | int | float]:
    """What people ask of a model of either kind, by name: its latents under ``latent/1`` …, and its `card`."""
    facts: dict[str, str | int | float] = {"name": name, "kind": kind, "latents": len(latent_names)}
    if licence := info.get("licence"):
        facts["licence"] = str(licence)
    facts |= card(info)
    return facts | {f"latent/{number}": name for number, name in enumerate(latent_names, 1) if name}


def save_decoder(decoder: Decoder, path: PathLike, dtype: DTypeLike = np.float16) -> Path:
    """Write a decoder file; it appears whole or not at all.

    Parameters
    ----------
    path : str or path
    dtype : np.float16 or np.float32
        float16 halves the file; the engine computes in float32 either way.
    """
    tensors = {name: np.ascontiguousarray(value, dtype=dtype) for name, value in decoder.tensors().items()}
    metadata = {
        "format": FORMAT,
        "name": decoder.name,
        "topology": decoder.topology.as_dict(),
        "latent_range": decoder.latent_range.tolist(),
        "octave": decoder.octave,
        "info": decoder.info,
    }
    if decoder.timbres is not None:
        tensors[LANDMARKS] = np.ascontiguousarray(decoder.timbres.landmarks, dtype=np.float16)
        metadata["map"] = {"spacing": decoder.timbres.spacing}
    return write_tensors(path, tensors, "manned", metadata)


def load_decoder(path: PathLike) -> Decoder:
    """Read and check a decoder file.

    Raises
    ------
    ModelError
        When the file is missing, corrupt, truncated, of another format or
        shape, or holds NaN or infinite weights.
    """
    path = Path(path)
    where = f"decoder {path}"
    with opened(path, "decoder") as file:
        header = (file.metadata() or {}).get("manned")
        if header is None:
            raise ModelError(f"{where}: not a manned decoder (its metadata has no 'manned' entry)")
        decoder, spacing = _from_header(path, header)
        decoder.weights = read_layers(file, where, "decoder", decoder.topology.decoder_layers())
        if LANDMARKS in file.keys():
            decoder.timbres = read_map(file, where, spacing, decoder.topology.bottleneck)
    return decoder


def read_map(file: Any, where: str, spacing: Any, latents: int) -> TimbreMap:
    """The map of timbres of a file, whose metadata gives its spacing, unchecked; a `ModelError` when it is none."""
    shape = tuple(file.get_slice(LANDMARKS).get_shape())
    if len(shape) != 2 or shape[1] != latents or not 1 <= shape[0] <= MAX_LANDMARKS:
        raise ModelError(
            f"{where}: tensor {LANDMARKS} has shape {shape}, allowed are 1–{MAX_LANDMARKS} points of {latents} latents"
        )
    if type(spacing) not in (int, float) or not 0.0 <= spacing < float("inf"):
        raise ModelError(f"{where}: the spacing of its map is {spacing!r}, allowed is a number from 0")
    return TimbreMap(as_float32(file.get_tensor(LANDMARKS), where, LANDMARKS), float(spacing))


def _from_header(path: Path, header: str) -> tuple[Decoder, object]:
    """The decoder without its weights, and the spacing of its map, unchecked."""
    with telling(f"decoder {path}"):
        metadata = json.loads(header)
        kind = metadata["topology"].get("kind", KIND)
        if kind != KIND:
            raise ModelError(f"decoder {path}: is of the kind {kind!r}, allowed here is {KIND!r}")
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
        spacing = metadata.get("map", {}).get("spacing")
    with np.errstate(over="ignore", invalid="ignore"):
        shape = decoder.latent_range.shape
        fits = shape == (topology.bottleneck, 2) and np.isfinite(np.ptp(decoder.latent_range, axis=1)).all()
    if not fits:
        raise ModelError(
            f"decoder {path}: latent_range has shape {shape} or is not finite, allowed is {(topology.bottleneck, 2)}"
        )
    if type(decoder.octave) is not int or decoder.octave not in OCTAVES:
        raise ModelError(f"decoder {path}: octave is {decoder.octave!r}, allowed are {OCTAVES[0]}–{OCTAVES[-1]}")
    return decoder, spacing
