"""A decoder and its rivals on frames of patches that no fit has seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from manned.model.harmonic import ear
from training.corpus.harmonic.corpus import HarmonicCorpus

from .rivals import Rival

_FRAMES = 2500


@dataclass(frozen=True)
class Nearness:
    """How near one rival comes, means over frames; see `ear`.

    Attributes
    ----------
    harm_db, erb_db, lsd_db : float
    mse : float
        Mean squared difference of normalised magnitudes.
    """

    harm_db: float
    erb_db: float
    lsd_db: float
    mse: float


def unheard_rows(corpus: HarmonicCorpus, frames: int = _FRAMES, seed: int = 0) -> np.ndarray:
    """Rows of test and validation patches, of notes that training patches play too, drawn when there are many."""
    rows = np.concatenate([corpus.rows("test"), corpus.rows("validation")])
    rows = rows[np.isin(corpus.notes[rows], corpus.notes[corpus.rows("train")])]
    return np.sort(np.random.default_rng(seed).permutation(rows)[:frames])


def compare(corpus: HarmonicCorpus, rivals: dict[str, Rival], rows: np.ndarray) -> dict[str, Nearness]:
    """Measure every rival on the same rows of a corpus."""
    source = corpus.spectra[rows].astype(np.float32)
    f0_hz, inharmonicity = corpus.frames.f0_hz[rows], corpus.frames.inharmonicity[rows]
    result = {}
    for name, rival in rivals.items():
        answer = rival(corpus, rows)
        figures = (
            ear.harm(source, answer, f0_hz, inharmonicity),
            ear.erb(source, answer),
            ear.lsd(source, answer),
            np.mean((source - answer) ** 2, axis=1),
        )
        result[name] = Nearness(*(float(np.mean(figure)) for figure in figures))
    return result
