"""The decoder and encoder files of the kind ``harmonic``: safetensors, nothing in them can be executed.

A decoder file holds ``decoder.{k}.weight`` and ``.bias``, ``latents.quantiles``, and where the decoder has
them ``chart.points``, ``chart.counts`` and ``map.landmarks``; its one metadata entry, ``manned``, is JSON.
The encoder lies beside it, as `manned.model.encoder_file.encoder_path` says, and names its decoder's digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np

from ...errors import ModelError
from ...files import PathLike
from ..analysis import normalise
from ..decoder_file import LANDMARKS, facts_of, read_map
from ..encoder_file import encoder_path, require_encoder
from ..pitch import note_to_hz
from ..tensors import as_float32, named, opened, read_layers, telling, write_tensors
from ..timbre_map import TimbreMap
from . import forward
from .chart import LARGEST_SIDE, Chart
from .latents import POINTS, Latents
from .scale import SAMPLERATE
from .spectrum import magnitudes
from .topology import KIND, HarmonicTopology, frame_input

FORMAT = 2
QUANTILES, CHART_POINTS, CHART_COUNTS = "latents.quantiles", "chart.points", "chart.counts"
_MIDDLE_OCTAVE = 4
_DECODER_ENTRY, _ENCODER_ENTRY = "manned", "manned-encoder"


@dataclass
class HarmonicDecoder:
    """A decoder in memory.

    Attributes
    ----------
    name : str
    topology : HarmonicTopology
    weights : list of (np.ndarray [shape=(inputs, outputs)], np.ndarray [shape=(outputs,)])
        float32, one pair per layer of ``topology.decoder_layers()``.
    latents : Latents
        What its faders mean.
    chart : Chart or None
    timbres : TimbreMap or None
        Where the training frames lie in the space of its controls.
    info : dict
        Free facts for people: corpus, licence, training settings, what was measured.
    """

    name: str
    topology: HarmonicTopology
    weights: forward.Weights
    latents: Latents
    chart: Chart | None = None
    timbres: TimbreMap | None = None
    info: dict = field(default_factory=dict)

    kind = KIND
    octaves: ClassVar[tuple[int, ...]] = ()
    """Any pitch is as good as any other."""

    def frames(self, controls: np.ndarray, f0_hz: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Harmonics and bands in dB and stiffness, see `forward.decode`, of control values at pitches.

        Parameters
        ----------
        controls : np.ndarray [shape=(n, latents)], 0..1
        f0_hz : np.ndarray [shape=(n,)]
        """
        return forward.decode(self.topology, self.weights, self.latents.values(controls), f0_hz)

    @property
    def latent_count(self) -> int:
        """How many faders it has."""
        return self.topology.latents

    @property
    def samplerate(self) -> int:
        """Hertz, of the frames that `spectra` gives."""
        return SAMPLERATE

    @property
    def latent_names(self) -> tuple[str, ...]:
        """What each fader does, such as ``brightness``; empty where nothing can be said."""
        return self.latents.names

    def spectra(self, controls: np.ndarray, pitch_class: int, octave: int | None = None) -> np.ndarray:
        """Magnitudes [shape=(n, bins)] at a note, the highest of each frame 1, of values 0–1 [shape=(n, latents)]."""
        note = pitch_class + 12 * ((_MIDDLE_OCTAVE if octave is None else octave) + 1)
        f0_hz = np.full(len(controls), note_to_hz(note))
        harmonics, bands, stiffness = self.frames(controls, f0_hz)
        return normalise(magnitudes(harmonics, bands, f0_hz, stiffness))

    def facts(self) -> dict[str, str | int | float]:
        """What people ask of a model."""
        return facts_of(self.name, self.kind, self.latent_names, self.info)

    def arrays(self) -> list[np.ndarray]:
        """All numbers that make its sound, and its map and chart."""
        landmarks = [] if self.timbres is None else [self.timbres.landmarks]
        chart = [] if self.chart is None else [self.chart.points]
        return [self.latents.quantiles, *(part for layer in self.weights for part in layer), *landmarks, *chart]

    def tensors(self) -> dict[str, np.ndarray]:
        """The weights by their names in the file."""
        return named("decoder", self.weights)

    def digest(self) -> str:
        """SHA-256 of topology, weights and faders: what an encoder file names to say which decoder it belongs to."""
        digest = hashlib.sha256(json.dumps(self.topology.as_dict(), sort_keys=True).encode())
        for name, value in {**self.tensors(), QUANTILES: self.latents.quantiles}.items():
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(value, dtype="<f4").tobytes())
        return digest.hexdigest()


@dataclass
class HarmonicEncoder:
    """The other half: from frames to control values.

    Attributes
    ----------
    topology : HarmonicTopology
    weights : list of (np.ndarray [shape=(inputs, outputs)], np.ndarray [shape=(outputs,)])
    decoder : str
        `HarmonicDecoder.digest` of the decoder that it belongs to.
    """

    topology: HarmonicTopology
    weights: forward.Weights
    decoder: str

    def latents(
        self, harmonics_db: np.ndarray, bands_db: np.ndarray, f0_hz: np.ndarray, inharmonicity: np.ndarray
    ) -> np.ndarray:
        """The network's latents [shape=(n, latents)] of parts of `analysis.Frames`; `Latents.controls` makes faders."""
        return forward.encode(self.topology, self.weights, frame_input(harmonics_db, bands_db, inharmonicity), f0_hz)


def save_decoder(decoder: HarmonicDecoder, path: PathLike, dtype: type = np.float16) -> Path:
    """Write a decoder file; it appears whole or not at all."""
    tensors = {name: np.ascontiguousarray(value, dtype=dtype) for name, value in decoder.tensors().items()}
    tensors[QUANTILES] = np.ascontiguousarray(decoder.latents.quantiles, dtype=np.float32)
    metadata = {
        "format": FORMAT,
        "name": decoder.name,
        "topology": decoder.topology.as_dict(),
        "latents": list(decoder.latents.names),
        "info": decoder.info,
    }
    if decoder.chart is not None:
        tensors[CHART_POINTS] = np.ascontiguousarray(decoder.chart.points, dtype=np.float16)
        tensors[CHART_COUNTS] = np.ascontiguousarray(decoder.chart.counts, dtype=np.float32)
    if decoder.timbres is not None:
        tensors[LANDMARKS] = np.ascontiguousarray(decoder.timbres.landmarks, dtype=np.float16)
        metadata["map"] = {"spacing": decoder.timbres.spacing}
    return write_tensors(path, tensors, _DECODER_ENTRY, metadata)


def load_decoder(path: PathLike) -> HarmonicDecoder:
    """Read and check a decoder file.

    Raises
    ------
    ModelError
        When the file is missing, corrupt, truncated, of another kind, format or shape, or holds NaN or
        infinite numbers.
    """
    path = Path(path)
    where = f"decoder {path}"
    with opened(path, "decoder") as file:
        metadata = _header(file, where, _DECODER_ENTRY)
        with telling(where):
            topology = HarmonicTopology.from_dict(metadata["topology"])
            decoder = HarmonicDecoder(
                str(metadata["name"]),
                topology,
                read_layers(file, where, "decoder", topology.decoder_layers()),
                Latents(
                    _tensor(file, where, QUANTILES, lambda shape: shape == (topology.latents, POINTS)),
                    tuple(map(str, metadata["latents"])),
                ),
                info=dict(metadata["info"]),
            )
            names = file.keys()
            if CHART_POINTS in names:
                points = _tensor(file, where, CHART_POINTS, lambda shape: _is_chart(shape, topology.latents))
                counts = _tensor(file, where, CHART_COUNTS, lambda shape: shape == points.shape[:2])
                decoder.chart = Chart(np.clip(points, 0.0, 1.0), counts)
            if LANDMARKS in names:
                decoder.timbres = read_map(file, where, metadata["map"]["spacing"], topology.latents)
    return decoder


def save_encoder(encoder: HarmonicEncoder, decoder_path: PathLike, dtype: type = np.float16) -> Path:
    """Write the encoder file that belongs beside a decoder file."""
    tensors = {
        name: np.ascontiguousarray(value, dtype=dtype) for name, value in named("encoder", encoder.weights).items()
    }
    metadata = {"format": FORMAT, "topology": encoder.topology.as_dict(), "decoder": encoder.decoder}
    return write_tensors(encoder_path(decoder_path), tensors, _ENCODER_ENTRY, metadata)


def load_encoder(decoder_path: PathLike, decoder: HarmonicDecoder) -> HarmonicEncoder:
    """Read and check the encoder beside a decoder file; a `ModelError` when it is another's, or cannot be read."""
    path = encoder_path(decoder_path)
    where = f"encoder {path}"
    require_encoder(path, decoder.name, "manned-train export")
    with opened(path, "encoder") as file:
        metadata = _header(file, where, _ENCODER_ENTRY)
        with telling(where):
            topology = HarmonicTopology.from_dict(metadata["topology"])
            if metadata["decoder"] != decoder.digest() or topology != decoder.topology:
                raise ModelError(f"{where}: belongs to another decoder than {decoder_path}; export both from one fit")
            weights = read_layers(file, where, "encoder", topology.encoder_layers())
    return HarmonicEncoder(topology, weights, decoder.digest())


def _header(file, where: str, entry: str) -> dict:
    header = (file.metadata() or {}).get(entry)
    if header is None:
        raise ModelError(f"{where}: not a file of manned's (its metadata has no {entry!r} entry)")
    with telling(where):
        metadata = json.loads(header)
        if metadata.get("format") != FORMAT:
            raise ModelError(f"format {metadata.get('format')!r}, a model of the kind harmonic has format {FORMAT}")
    return metadata


def _tensor(file, where: str, name: str, fits: Callable[[tuple[int, ...]], bool]) -> np.ndarray:
    if name not in file.keys():
        raise ModelError(f"{where}: tensor {name} is missing")
    shape = tuple(file.get_slice(name).get_shape())
    if not fits(shape):
        raise ModelError(f"{where}: tensor {name} has shape {shape}, which does not fit its topology")
    return as_float32(file.get_tensor(name), where, name)


def _is_chart(shape: tuple[int, ...], latents: int) -> bool:
    return len(shape) == 3 and shape[2] == latents and all(2 <= side <= LARGEST_SIDE for side in shape[:2])
