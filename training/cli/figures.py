"""The command ``manned-train figures``."""

from __future__ import annotations

import click

from training.kinds import HARMONIC, kind_of

from .options import given


@click.command()
@click.argument("fits", metavar="FIT...", nargs=-1, required=True, type=click.Path())
@click.option("-o", "--output", required=True, type=click.Path(), help="Folder for the pictures.")
@click.option("--format", "kind", type=click.Choice(["svg", "png"]), default="svg", show_default=True)
@click.option(
    "--mesh",
    type=click.IntRange(2),
    help="Points along each latent; by default the paper's 350 for the map of two latents, "
    "and about ten thousand points in all for more.",
)
@click.pass_context
def figures(context: click.Context, fits: tuple[str, ...], output: str, kind: str, mesh: int | None) -> None:
    """Draw what every FIT learned.

    Its losses, where the training sounds lie in its space of timbres, which
    pitch class that space sounds when each is asked for, and sounds it never
    heard beside what it made of them. Several fits share the first two pictures.

    Of fits of the kind harmonic: losses, the chart, what each fader changes,
    timbres from key to key, and patches they never heard. Several fits share
    the losses.
    """
    from pathlib import Path

    from manned.errors import TrainingError
    from manned.files import shown
    from training.measure.figures import draw
    from training.measure.timbre.figures import draw as draw_harmonic
    from training.network.fit_folder import SETTINGS, Fitted
    from training.network.harmonic.fit_folder import load

    harmonic = [fit for fit in fits if kind_of(fit, SETTINGS) == HARMONIC]
    if harmonic:
        given(context, HARMONIC, ("output", "kind"))
    opened = [load(Path(fit)) for fit in harmonic]
    others = [Fitted(fit) for fit in fits if fit not in harmonic]
    if opened and others:
        raise TrainingError(
            f"fits of two kinds: {shown(opened[0].folder)} is of the kind {HARMONIC}, {shown(others[0].folder)} is "
            "not; draw the fits of each kind by themselves"
        )
    for path in draw_harmonic(opened, output, kind) if opened else draw(others, output, kind, mesh):
        click.echo(shown(path))
