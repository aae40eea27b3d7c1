"""``manned presets``: the sounds that can be loaded."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ..errors import PresetError
from ..files import shown
from . import complete
from .first_start import tell_compiling
from .options import config_options, configured

if TYPE_CHECKING:
    from ..config import Config
    from ..state.preset import Preset


@click.command()
@click.option(
    "--kind",
    metavar="KIND",
    shell_complete=complete.kinds,
    help="Only those of one kind, or in a folder of that name.",
)
@click.option("--demo", metavar="FILE", type=click.Path(), help="Play a phrase of each into this sound file.")
@config_options
def presets(kind: str | None, demo: str | None, config_file: str | None, overrides: tuple[str, ...]) -> None:
    """List the presets by kind: name, kinds, author, and the model that each was made on.

    \b
    Examples:
      manned presets --kind bells
      manned presets --demo bank.wav             all of them in one file, with the times at which they begin
    """
    from ..state.preset_folder import PresetFolder

    config = configured(config_file, overrides)
    folder = PresetFolder(config.preset_folder, config.factory_folder)
    found, damaged = folder.all(), []
    if kind is None:
        damaged = _damaged(folder, found)
    else:
        names = folder.of_kind(kind)
        found = [preset for preset in found if preset.name in names]
    if demo is not None:
        _demo(found, demo, config)
        return
    groups: dict[str, list[Preset]] = {}
    for preset in found:
        groups.setdefault(preset.folder or next(iter(preset.kinds), "others"), []).append(preset)
    widths = [max([len(cell) for cell in column], default=0) for column in zip(*map(_cells, found))]
    for group, members in groups.items():
        click.echo(group)
        for preset in members:
            click.echo("  " + "  ".join(f"{cell:{width}}" for cell, width in zip(_cells(preset), widths)).rstrip())
    for sentence in damaged:
        click.echo(f"cannot be used: {shown(sentence)}", err=True)
    if not found:
        click.echo("none: /preset/save keeps one")


def _cells(preset: Preset) -> tuple[str, ...]:
    return preset.name, ", ".join(preset.kinds), preset.author, preset.model


def _damaged(folder, found: Sequence[Preset]) -> list[str]:
    """What is wrong with the presets that cannot be read, a sentence each."""
    sentences = []
    for name in sorted(set(folder.names()) - {preset.name for preset in found}):
        try:
            folder.read(name)
        except PresetError as error:
            sentences.append(str(error))
    return sentences


def _demo(found: Sequence[Preset], path: str, config: Config) -> None:
    tell_compiling()
    from ..demo import demo

    with click.progressbar(length=len(found), label="Playing", file=sys.stderr) as bar:
        heard = demo(found, path, config, lambda done: bar.update(done - bar.pos))
    for start_s, _, preset in heard:
        click.echo(f"{int(start_s // 60)}:{start_s % 60:06.3f}  {preset.name}")
