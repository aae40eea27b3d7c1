"""The command ``manned-train figures``."""

from __future__ import annotations

import click


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
def figures(fits: tuple[str, ...], output: str, kind: str, mesh: int | None) -> None:
    """Draw what every FIT learned.

    Its losses, where the training sounds lie in its space of timbres, which
    pitch class that space sounds when each is asked for, and sounds it never
    heard beside what it made of them. Several fits share the first two pictures.
    """
    from manned.files import shown
    from training.measure.figures import draw
    from training.network.fit_folder import Fitted

    for path in draw([Fitted(fit) for fit in fits], output, kind, mesh):
        click.echo(shown(path))
