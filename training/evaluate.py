"""What a fit is worth: error on unseen clips, and what its latent space sounds like.

Three measures: the mean squared error on the test set (Tables I–IV of the
paper); the share of points on a mesh through the latent space that sound the
pitch class asked for (Table V); and how much of their energy lies on the
harmonics of one note of that class, because a class can also be hit by noise.
"""

from __future__ import annotations

import itertools
from functools import lru_cache

import numpy as np
from tqdm import tqdm

from manned.errors import TrainingError
from manned.model import analysis
from manned.model.forward import forward
from manned.model.pitch import CLASS_NAMES, note_to_hz
from manned.model.topology import CLASSES

from .corpus import Corpus
from .store import Fitted

MESH_POINTS = 10_000
_BATCH = 1000
_LOBE_BINS = 1.5


def evaluate(fitted: Fitted, corpus: Corpus, mesh_length: int | None = None) -> dict:
    """Measure a fit.

    Parameters
    ----------
    fitted : Fitted
    corpus : Corpus
        Its test set is used.
    mesh_length : int, optional
        Points along each latent (paper: 350, 50 and 5 for 2, 3 and 8 latents);
        by default as many as keep the mesh near ten thousand points.

    Returns
    -------
    dict
        ``step`` whose weights these are, ``test_frames``, ``test_mse``,
        ``test_mse_per_class`` (None where there is no frame); with a skip also ``mesh``: ``length`` and for every octave
        (or one row) and class ``match`` and ``harmonic_share``, and their means.
    """
    measures = {"step": fitted.facts["step"], **reconstruction(fitted, corpus)}
    if fitted.topology.skip:
        low, high = latent_range(fitted, corpus).T
        if mesh_length is None:
            mesh_length = max(2, int(MESH_POINTS ** (1 / fitted.topology.bottleneck) + 1e-9))
        measures["mesh"] = sample_mesh(fitted, mesh_length, low, high)
    return measures


def reconstruction(fitted: Fitted, corpus: Corpus) -> dict:
    """Mean squared error on the test set, overall and for each pitch class."""
    topology = fitted.topology
    rows = corpus.rows("test", topology.octaves)
    if not len(rows):
        raise TrainingError(f"corpus {corpus.folder}: its test set holds no frame of this network's octaves")
    errors = []
    for chunk in _chunks(rows):
        frames, conditions = corpus.batch(chunk, topology.octaves)
        frames = frames.astype(np.float32)
        latents = encode(fitted, frames, conditions)
        errors.append(np.mean(np.square(decode(fitted, latents, conditions) - frames), axis=1, dtype=np.float64))
    errors = np.concatenate(errors)
    classes = corpus.classes[rows]
    return {
        "test_frames": len(rows),
        "test_mse": float(errors.mean()),
        "test_mse_per_class": [
            float(errors[classes == c].mean()) if (classes == c).any() else None for c in range(CLASSES)
        ],
    }


def encode(fitted: Fitted, frames: np.ndarray, conditions: np.ndarray) -> np.ndarray:
    """Latents [shape=(n, bottleneck)] of frames and their condition vectors."""
    topology = fitted.topology
    inputs = analysis.encoder_input(topology, frames, conditions)
    return forward(topology.encoder_layers(), fitted.encoder, topology.alpha, inputs)


def decode(fitted: Fitted, latents: np.ndarray, conditions: np.ndarray) -> np.ndarray:
    """Frames [shape=(n, bins)] of latents [shape=(n, bottleneck)] and condition vectors."""
    topology = fitted.topology
    inputs = np.concatenate([latents, conditions], axis=1) if topology.skip else latents
    return forward(topology.decoder_layers(), fitted.decoder, topology.alpha, inputs)


def embedding(fitted: Fitted, corpus: Corpus) -> np.ndarray:
    """Latents [shape=(n, bottleneck)] of the training set."""
    octaves = fitted.topology.octaves
    latents = []
    for rows in _chunks(corpus.rows("train", octaves)):
        frames, conditions = corpus.batch(rows, octaves)
        latents.append(encode(fitted, frames.astype(np.float32), conditions))
    return np.concatenate(latents)


def latent_range(fitted: Fitted, corpus: Corpus) -> np.ndarray:
    """Span of each latent worth playing [shape=(bottleneck, 2)].

    (0, 1) for a sigmoid bottleneck; the 1st to 99th percentile of the training
    embedding for LeakyReLU, which is not bounded (section V-A).
    """
    if fitted.topology.bottleneck_activation == "sigmoid":
        return np.tile(np.array([0.0, 1.0], dtype=np.float32), (fitted.topology.bottleneck, 1))
    return np.percentile(embedding(fitted, corpus), [1, 99], axis=0).T.astype(np.float32)


def sample_mesh(fitted: Fitted, length: int, low, high) -> dict:
    """Decode a mesh through the latent space for every class and octave, and hear what sounds.

    Parameters
    ----------
    fitted : Fitted
        With a skip, else the class cannot be asked for.
    length : int
        Points along each latent, from ``low`` to ``high`` [shape=(bottleneck,)].

    Returns
    -------
    dict
        ``length``, ``match`` and ``harmonic_share`` (means), ``octaves`` and the
        tables ``matches`` and ``harmonic_shares``, one row an octave, one column a class.
    """
    topology = fitted.topology
    axes = [np.linspace(a, b, length, dtype=np.float32) for a, b in zip(low, high)]
    octaves = topology.octaves or (None,)
    matches = np.zeros((len(octaves), CLASSES))
    shares = np.zeros((len(octaves), CLASSES))
    total = length**topology.bottleneck
    cases = list(itertools.product(enumerate(octaves), range(CLASSES)))
    for (row, octave), pitch_class in tqdm(cases, desc="sampling", unit="mesh", disable=None):
        points = itertools.product(*axes)
        for chunk in iter(lambda: list(itertools.islice(points, _BATCH)), []):
            wanted = np.full(len(chunk), pitch_class)
            conditions = analysis.condition(wanted, np.full(len(chunk), octave or 0), topology.octaves)
            frames = decode(fitted, np.array(chunk, dtype=np.float32), conditions)
            matches[row, pitch_class] += np.sum(analysis.pitch_classes(frames, topology.samplerate) == pitch_class)
            shares[row, pitch_class] += np.sum(harmonic_share(frames, wanted, octave, topology.samplerate))
    return {
        "length": length,
        "match": float(matches.mean() / total),
        "harmonic_share": float(shares.mean() / total),
        "octaves": list(topology.octaves),
        "matches": (matches / total).tolist(),
        "harmonic_shares": (shares / total).tolist(),
    }


def harmonic_share(frames: np.ndarray, classes: np.ndarray, octave: int | None, samplerate: int = 44100) -> np.ndarray:
    """Share of each frame's power within 1.5 bins of a harmonic of one note of its class.

    The note is the one of the octave asked for; without octaves, of the octave
    that `manned.model.analysis.estimate_octaves` hears.

    Parameters
    ----------
    frames : np.ndarray [shape=(n, bins)]
        Magnitudes.
    classes : np.ndarray [shape=(n,)], 0–11
    octave : int or None

    Returns
    -------
    np.ndarray [shape=(n,)], 0–1
        0 for an empty frame.
    """
    if octave is None:
        octaves = analysis.estimate_octaves(frames, classes, samplerate=samplerate)
    else:
        octaves = np.full(len(frames), octave)
    power = np.square(frames)
    total = power.sum(axis=1)
    on_harmonics = np.zeros(len(frames), dtype=power.dtype)
    notes = 12 * (octaves + 1) + classes
    for note in np.unique(notes):
        rows = notes == note
        on_harmonics[rows] = power[rows] @ _harmonic_mask(int(note), samplerate, 2 * (frames.shape[1] - 1))
    return np.divide(on_harmonics, total, out=np.zeros_like(total), where=total > 0)


@lru_cache(maxsize=128)
def _harmonic_mask(note: int, samplerate: int, n_fft: int) -> np.ndarray:
    fundamental = note_to_hz(note) * n_fft / samplerate
    bins = np.arange(n_fft // 2 + 1)
    nearest = np.maximum(np.round(bins / fundamental), 1.0) * fundamental
    return (np.abs(bins - nearest) <= _LOBE_BINS).astype(np.float32)


def report(measures: dict) -> str:
    """The measures as tables for people."""
    heading = " " * 22 + "".join(f"{name:>7}" for name in CLASS_NAMES)
    lines = [
        f"test set: {measures['test_frames']} frames, mean squared error {measures['test_mse']:.3e}",
        heading,
        _table_row("error × 10⁻⁴", measures["test_mse_per_class"], lambda value: f"{value * 1e4:7.2f}"),
    ]
    mesh = measures.get("mesh")
    if mesh:
        lines.append(
            f"mesh of {mesh['length']} points a latent: {mesh['match']:.3f} sound the class asked for, "
            f"{mesh['harmonic_share']:.3f} of the energy lies on its harmonics"
        )
        lines.append(heading)
        for title, table in (("class matches", "matches"), ("on harmonics", "harmonic_shares")):
            for octave, values in zip(mesh["octaves"] or [None], mesh[table]):
                name = title if octave is None else f"{title}, octave {octave}"
                lines.append(_table_row(name, values, lambda value: f"{value:7.3f}"))
    return "\n".join(lines)


def _table_row(name, values, text) -> str:
    return f"{name:<22}" + "".join("      –" if value is None else text(value) for value in values)


def _chunks(rows: np.ndarray):
    return (rows[first : first + _BATCH] for first in range(0, len(rows), _BATCH))
