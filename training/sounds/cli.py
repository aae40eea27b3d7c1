"""The command ``manned-train sounds``."""

from pathlib import Path

import click

from manned.errors import CorpusError
from training.sounds.recipe import read
from training.sounds.render import SOURCES, render


@click.group()
def sounds():
    """Training sounds from synthesizers that Debian packages."""


@sounds.command("render")
@click.argument("recipe", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the sounds, notes.csv and SOURCES.json.",
)
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(min=1), help="Processes at the same time.")
def render_command(recipe: Path, output: Path, jobs: int):
    """Render RECIPE, a TOML file such as configs/corpora/shipped.toml, or go on with it."""
    rows = render(read(recipe), output, jobs)
    clips = len({row["clip"] for row in rows})
    click.echo(f"{output}: {clips} clips, {len(rows)} notes in tune, listed in notes.csv")


@sounds.command("sources")
def sources_command():
    """List where sounds can come from: how many patches, under which licence, or what is missing."""
    for name, source in SOURCES.items():
        try:
            found = f"{len(source.patches())} patches"
        except CorpusError as error:
            found = str(error)
        click.echo(f"{name}: {found}\n  {source.LICENCE}")
