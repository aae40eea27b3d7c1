"""``manned gestures``: the gestures that notes can replay."""

from __future__ import annotations

import click

from ..errors import MannedError
from ..files import shown
from .options import config_options, configured


@click.command()
@config_options
def gestures(config_file: str | None, overrides: tuple[str, ...]) -> None:
    """List the gestures that notes can replay: yours, then those that came with the program."""
    from ..model.pitch import note_text

    library = configured(config_file, overrides).library
    for name in library.gestures():
        try:
            gesture = library.read_gesture(name)
        except MannedError as error:
            click.echo(f"  {name:20} cannot be used: {shown(str(error))}")
            continue
        facts = [
            f"model {gesture.model}",
            f"{gesture.latents.shape[1]} latents",
            f"{gesture.seconds:.2f} s",
            note_text(gesture.note),
            f"loop {gesture.loop[0]:.2f}–{gesture.loop[1]:.2f} s",
            *(f"{key} {gesture.info[key]}" for key in ("author", "licence") if key in gesture.info),
        ]
        click.echo(f"  {name:20} {', '.join(facts)}")
