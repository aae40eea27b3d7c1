"""The commands ``manned-train sounds``."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def sounds() -> None:
    """Training sounds from synthesizers that Debian packages."""


@sounds.command("render")
@click.argument("source_list", metavar="LIST")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the sounds, notes.csv and SOURCES.json.",
)
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(min=1), help="Processes at the same time.")
def render_command(source_list: str, output: Path, jobs: int) -> None:
    """Render LIST, a source list: a TOML file or a name such as one-octave; or go on with it."""
    from manned.files import shown
    from training.corpus.sounds.render import render
    from training.corpus.sounds.source_list import read_source_list

    rows = render(read_source_list(source_list), output, jobs)
    clips = len({row["clip"] for row in rows})
    click.echo(f"{shown(output)}: {clips} clips, {len(rows)} notes in tune, listed in notes.csv")


@sounds.command("lists")
def lists_command() -> None:
    """Name the source lists that come with the program, and their files."""
    from manned.files import shown
    from training.corpus.sounds.source_list import find_source_list, shipped

    for name in shipped():
        click.echo(f"{name}: {shown(find_source_list(name))}")


@sounds.command("sources")
def sources_command() -> None:
    """List where sounds can come from: how many patches, under which licence, or what is missing."""
    from manned.errors import CorpusError
    from training.corpus.sources.table import SYNTHESIZERS

    for name, source in SYNTHESIZERS.items():
        try:
            found = f"{len(source.patches())} patches"
        except CorpusError as error:
            found = str(error)
        click.echo(f"{name}: {found}\n  {source.LICENCE}")
