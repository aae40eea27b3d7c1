"""Unheard frames: how near each kind comes to patches that atlas never heard

Frames of the patches that the fit of atlas kept apart, at notes that its training
patches play too, are told by each decoder's encoder and drawn by the decoder
(`training.measure.timbre`).  harm is the mean difference in dB over the harmonics
that the source has within 50 dB of its strongest; ERB the RMS difference over 40
bands of the ear, floor −70 dB; LSD the RMS difference over bins, floor −60 dB; MSE
the mean squared difference of magnitudes, the loudest bin of each frame 1.  Lower is
better throughout.  The analysis alone, no network between, is the best that a frame
of harmonics and noise can tell; the lookup answers with the nearest training frame of
the same note, by the distance of magnitudes to the power of 0.3.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np

from training.corpus.corpus import INFO
from training.corpus.harmonic.corpus import HarmonicCorpus
from training.measure.timbre import rivals
from training.measure.timbre.unheard import compare, unheard_rows

from ..section import Section
from .shipped import HARMONIC_NAME, SPECTRUM_NAME, Shipped, shipped

HARM_DB, ERB_DB = 2.5, 5.0
FIGURES = {"harm_db": "harm, dB", "erb_db": "ERB, dB", "lsd_db": "LSD, dB", "mse": "MSE × 10⁻⁴"}
NAMES = {"analysis": "the analysis alone", "harmonic": HARMONIC_NAME, "spectrum": SPECTRUM_NAME, "lookup": "the lookup"}


def measure(corpus: Path) -> Section:
    """Compare on a corpus; without one, tell what was measured when the decoder was made."""
    section = Section()
    both = shipped()
    if (corpus / INFO).exists():
        _compare(section, both, HarmonicCorpus(corpus))
    else:
        measured = both.harmonic.info["measured"]
        section.text(
            f"Measured when {HARMONIC_NAME} was made and kept in its file, without {SPECTRUM_NAME}: the corpus is "
            f"missing here, `make decoder` leaves it in `{corpus}`. {measured['unheard_frames']} frames of "
            f"{measured['unheard_patches']} patches."
        )
        _table(section, measured["nearness"])
        _promise(section, measured["nearness"]["harmonic"])
    return section


def _compare(section: Section, both: Shipped, corpus: HarmonicCorpus) -> None:
    rows = unheard_rows(corpus)
    compared = rivals.around(both.harmonic, both.harmonic_encoder)
    found = {name: asdict(near) for name, near in compare(corpus, compared, rows).items()}
    section.text(f"All {len(rows)} frames of {len(np.unique(corpus.clips[rows]))} patches, C1 to C8.")
    _table(section, found)
    _promise(section, found["harmonic"])
    octaves = both.spectrum.octaves
    rows = rows[np.isin(corpus.notes[rows] // 12 - 1, octaves)]
    compared["spectrum"] = rivals.spectrum(both.spectrum, both.spectrum_encoder)
    found = {name: asdict(near) for name, near in compare(corpus, compared, rows).items()}
    section.text(
        f"The {len(rows)} of them in octaves {octaves[0]} to {octaves[-1]}, which {SPECTRUM_NAME} draws; it is told "
        "the note that was played."
    )
    _table(section, found)
    origins, sets = both.spectrum.info["corpus"]["origins"], both.spectrum.info["corpus"]["sets"]
    patches = " and ".join(f"{origin['clips']} of {name}" for name, origin in origins.items())
    section.text(
        f"{SPECTRUM_NAME} knows {sum(each['clips'] for each in sets.values())} patches, {patches}, of which it was "
        f"trained on {sets['train']['clips']}, and some of the patches that "
        f"{HARMONIC_NAME} never heard are among them: one of its kind that heard none would come less near."
    )


def _table(section: Section, found: dict[str, dict[str, float]]) -> None:
    section.table(
        ("less is nearer", *FIGURES.values()),
        [
            (
                NAMES[name],
                *(f"{found[name][figure] * (1e4 if figure == 'mse' else 1.0):.2f}" for figure in FIGURES),
            )
            for name in NAMES
            if name in found
        ],
    )


def _promise(section: Section, found: dict[str, float]) -> None:
    for figure, name, most in (("harm_db", "harmonics", HARM_DB), ("erb_db", "bands of the ear", ERB_DB)):
        value = found[figure]
        section.promise(f"unheard frames, {name}", f"≤ {most} dB", f"{value:.2f} dB", value <= most)
