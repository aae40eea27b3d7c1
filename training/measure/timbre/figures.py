"""What a fit of the kind ``harmonic`` looks like, as pictures for musicians."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from training.measure.picture import names_of, save
from training.network.harmonic.assemble import assemble
from training.network.harmonic.fit_folder import HarmonicFit

from .chart_figure import chart_figure
from .evenness_figure import evenness_figure
from .faders_figure import faders_figure
from .losses_figure import losses_figure
from .reconstructions_figure import reconstructions_figure
from .unheard import unheard_rows


def draw(fits: list[HarmonicFit], folder: str | os.PathLike[str], kind: str = "svg") -> Iterator[Path]:
    """Draw all that can be drawn of some fits, on the corpora they were trained on.

    Parameters
    ----------
    fits : list of HarmonicFit
    folder : path
    kind : {'svg', 'png'}

    Yields
    ------
    Path
        Of each picture, when it is written. There are no reconstructions of a fit whose corpus keeps no patch apart
        that plays notes of training patches.
    """
    folder = Path(folder)
    names = names_of([fitted.folder for fitted in fits])
    # Opened twice, for the corpora of several fits need not fit into memory together.
    validated = [fitted.open_corpus().patches("validation") > 0 for fitted in fits]
    yield save(losses_figure(list(zip(names, fits, validated))), folder / f"losses.{kind}")
    for name, fitted in zip(names, fits):
        corpus = fitted.open_corpus()
        decoder, encoder = assemble(fitted, corpus, name)
        if decoder.chart is not None:
            yield save(chart_figure(decoder, decoder.chart), folder / f"chart-{name}.{kind}")
            yield save(evenness_figure(decoder, decoder.chart), folder / f"evenness-{name}.{kind}")
        yield save(faders_figure(decoder), folder / f"faders-{name}.{kind}")
        rows = unheard_rows(corpus)
        if len(rows):
            figure = reconstructions_figure(decoder, encoder, corpus, rows)
            yield save(figure, folder / f"reconstructions-{name}.{kind}")
