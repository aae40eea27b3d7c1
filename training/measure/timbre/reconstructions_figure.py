"""A picture of sounds that a decoder never heard, beside what it made of them."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from manned.model.harmonic import ear
from manned.model.harmonic.decoder_file import HarmonicDecoder, HarmonicEncoder
from manned.model.harmonic.scale import band_centres_hz
from manned.model.pitch import class_and_octave, note_name
from training.corpus.harmonic.corpus import HarmonicCorpus

from . import rivals
from .chart_figure import short_name
from .panels import LOWEST_DB, hertz, panels

_SHOWN, _COLUMNS = 12, 3


def reconstructions_figure(
    decoder: HarmonicDecoder, encoder: HarmonicEncoder, corpus: HarmonicCorpus, rows: np.ndarray
) -> Figure:
    """A dozen patches as the ear has them, from the nearest to the farthest: the sound, its analysis, the decoder.

    Parameters
    ----------
    decoder : HarmonicDecoder
    encoder : HarmonicEncoder
        Its own.
    corpus : HarmonicCorpus
    rows : np.ndarray [shape=(n,)], int
        Frames to choose from, see `training.measure.timbre.unheard.unheard_rows`; of each patch its middle one is
        shown.
    """
    source = corpus.spectra[rows].astype(np.float32)
    answer = rivals.harmonic(decoder, encoder)(corpus, rows)
    erb_db = ear.erb(source, answer)
    chosen = _spread(erb_db, corpus.clips[rows])
    source, answer, rows, erb_db = source[chosen], answer[chosen], rows[chosen], erb_db[chosen]
    harm_db = ear.harm(source, answer, corpus.frames.f0_hz[rows], corpus.frames.inharmonicity[rows])
    lines = [ear.erb_levels(frames) for frames in (source, rivals.ceiling(corpus, rows), answer)]
    title = "Patches it never heard, from the nearest to the farthest"
    figure, axes = panels(len(rows), _COLUMNS, (3.6, 2.1), title, "frequency in Hz", "level in dB")
    centres = band_centres_hz(ear.ERB_BANDS)
    for number, (axis, row) in enumerate(zip(axes, rows)):
        sound, analysis, decoded = (levels[number] for levels in lines)
        axis.fill_between(centres, LOWEST_DB, sound, color="0.8", linewidth=0, label="sound")
        axis.plot(centres, analysis, color="0.25", linewidth=0.9, linestyle=":", label="analysis")
        axis.plot(centres, decoded, color="C0", linewidth=1.2, label="decoder")
        name = short_name(corpus.info["clips"][corpus.clips[row]]["name"])
        note = note_name(*class_and_octave(corpus.notes[row]))
        measured = f"harm {harm_db[number]:.1f} dB, ERB {erb_db[number]:.1f} dB"
        axis.set_title(f"{name}, {note}\n{measured}", fontsize=9, parse_math=False)
        hertz(axis, "x")
        axis.set_ylim(LOWEST_DB, 10.0)
        axis.grid(True, color="0.92")
        axis.set_axisbelow(True)
    axes[0].legend(fontsize=8, frameon=False, loc="upper right")
    return figure


def _spread(errors: np.ndarray, patches: np.ndarray) -> np.ndarray:
    """Indices of the middle frame of up to a dozen patches, by rising error [shape=(n,)]."""
    order = np.argsort(errors, kind="stable")
    middle = np.array([own[len(own) // 2] for patch in np.unique(patches) for own in [order[patches[order] == patch]]])
    middle = middle[np.argsort(errors[middle], kind="stable")]
    return middle[np.unique(np.round(np.linspace(0, len(middle) - 1, _SHOWN)).astype(int))]
