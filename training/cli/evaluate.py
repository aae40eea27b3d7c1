"""The command ``manned-train evaluate``."""

from __future__ import annotations

import click

from training.kinds import HARMONIC, kind_of

from .options import given


@click.command()
@click.argument("fitted", metavar="FIT", type=click.Path())
@click.option("--corpus", type=click.Path(), help="Measure on this corpus instead of the one it was trained on.")
@click.option(
    "--mesh",
    type=click.IntRange(2),
    help="Points along each latent (the paper: 350, 50 and 5 for 2, 3 and 8 latents); "
    "by default about ten thousand points in all.",
)
@click.pass_context
def evaluate(context: click.Context, fitted: str, corpus: str | None, mesh: int | None) -> None:
    """Measure what FIT learned: on sounds it never heard, and all through its space of timbres.

    The measures are printed, and kept in evaluation.json in the folder of the fit.
    A fit of the kind harmonic is measured beside a lookup of its training frames
    and beside the analysis alone.
    """
    from training.network.fit_folder import SETTINGS

    if kind_of(fitted, SETTINGS) == HARMONIC:
        given(context, HARMONIC, ())
        _harmonic(fitted)
        return

    from training.corpus.corpus import Corpus
    from training.files import write_json
    from training.measure.evaluate import evaluate as measure
    from training.measure.report import report
    from training.network.fit_folder import EVALUATION, Fitted

    opened = Fitted(fitted)
    measures = measure(opened, Corpus(corpus) if corpus else opened.open_corpus(), mesh)
    if corpus is None:
        write_json(opened.folder / EVALUATION, measures)
    click.echo(report(measures))


def _harmonic(fitted: str) -> None:
    from pathlib import Path

    from training.files import write_json
    from training.measure.timbre.evaluate import evaluate as measure
    from training.measure.timbre.evaluate import report
    from training.network.fit_folder import EVALUATION
    from training.network.harmonic.fit_folder import load

    opened = load(Path(fitted))
    measures = measure(opened, opened.open_corpus())
    write_json(Path(fitted) / EVALUATION, measures)
    click.echo(report(measures))
