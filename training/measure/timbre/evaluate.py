"""Measures of a harmonic fit on patches that it never heard, and of what its faders hold."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from manned.encode.notes import semitones
from manned.errors import CorpusError
from manned.files import shown
from manned.model.harmonic.decoder_file import HarmonicDecoder
from manned.model.kinds import AnyDecoder
from manned.model.pitch import class_and_octave
from training.corpus.harmonic.corpus import HarmonicCorpus
from training.network.harmonic.assemble import assemble
from training.network.harmonic.fit_folder import HarmonicFit

from . import rivals, space
from .unheard import compare, unheard_rows

_FIGURES = {"harm_db": "harm dB", "erb_db": "ERB dB", "lsd_db": "LSD dB", "mse": "MSE × 10⁻⁴"}


def evaluate(fitted: HarmonicFit, corpus: HarmonicCorpus, points: int | None = None) -> dict[str, Any]:
    """Compare a fit with a lookup and with the analysis alone, and listen to its faders.

    Parameters
    ----------
    fitted : HarmonicFit
    corpus : HarmonicCorpus
        The one it was trained on.
    points : int, optional
        Of the faders' space that are heard; `space.POINTS` by default.

    Raises
    ------
    CorpusError
        When no patch was kept apart whose notes training patches play too.
    """
    rows = unheard_rows(corpus)
    if not len(rows):
        raise CorpusError(
            f"corpus {shown(corpus.folder)}: no patch is kept apart that plays notes of training patches; "
            "build it with larger --validation and --test"
        )
    decoder, encoder = assemble(fitted, corpus, "evaluated")
    compared = rivals.around(decoder, encoder)
    return {
        "kind": "harmonic",
        "steps": [fitted.step, fitted.settings["recipe"]["steps"]],
        "train_patches": corpus.patches("train"),
        "train_frames": len(corpus.rows("train")),
        "unheard_patches": len(np.unique(corpus.clips[rows])),
        "unheard_frames": len(rows),
        "nearness": {name: asdict(found) for name, found in compare(corpus, compared, rows).items()},
        "space": asdict(space.measure(player(decoder), decoder.topology.latents, points=points or space.POINTS)),
        "latents": list(decoder.latents.names),
        "correlation": decoder.info["correlation"],
        "chart_occupied": decoder.chart.occupied if decoder.chart else None,
    }


def player(decoder: AnyDecoder) -> space.Player:
    """A decoder of either kind as `space` plays it; one of the paper's kind draws the nearest note."""

    def play(controls: np.ndarray, f0_hz: np.ndarray) -> np.ndarray:
        if isinstance(decoder, HarmonicDecoder):
            return rivals.drawn(rivals.sounded(decoder, controls, f0_hz))
        notes = np.round(semitones(f0_hz)).astype(int)
        frames = np.zeros((len(notes), decoder.topology.bins), np.float32)
        for note in np.unique(notes):
            rows = notes == note
            frames[rows] = decoder.spectra(controls[rows], *class_and_octave(note))
        return frames

    return play


def report(measures: dict[str, Any]) -> str:
    """What `evaluate` measured, as text."""
    held, steps = measures["space"], measures["steps"]
    lines = [
        f"trained on {measures['train_frames']} frames of {measures['train_patches']} patches, "
        f"{steps[0]} of {steps[1]} steps",
        f"{measures['unheard_frames']} frames of {measures['unheard_patches']} patches it never heard, less is nearer:",
        " " * 12 + "".join(f"{title:>12}" for title in _FIGURES.values()),
    ]
    for name, found in measures["nearness"].items():
        values = [found[figure] * (1e4 if figure == "mse" else 1.0) for figure in _FIGURES]
        lines.append(f"{name:<12}" + "".join(f"{value:12.2f}" for value in values))
    dimensions = " / ".join(f"{value:.1f}" for value in held["dimensions"])
    named = ", ".join(f"{number} {name}" for number, name in enumerate(measures["latents"], 1) if name)
    lines += [
        "",
        f"faders: {len(measures['latents'])}, of them named: {named or 'none'}; "
        f"largest correlation of two {measures['correlation']:.2f}",
        f"effective dimensions of random faders at C3 / C4 / C5: {dimensions}",
        f"change of colour from C4 to C♯4: {held['evenness_db']:.2f} dB",
        f"points with partials of another note: {held['foreign']:.1%}",
        f"partials of the purest 5 %: {held['purest_partials']:.0f}; "
        f"energy beside harmonics of the roughest 5 %: {held['roughest_beside']:.0%}",
        f"points of the chart where training frames lie: {measures['chart_occupied']:.0%}",
    ]
    return "\n".join(lines)
