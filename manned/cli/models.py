"""``manned models``: the decoders that can be played."""

from __future__ import annotations

import click

from ..errors import MannedError
from ..files import shown
from .options import config_options, configured


@click.command()
@config_options
def models(config_file: str | None, overrides: tuple[str, ...]) -> None:
    """List the decoders that can be played; a star marks what `manned run` would take."""
    config = configured(config_file, overrides)
    for name in config.library.decoders():
        try:
            decoder = config.library.read_decoder(name)
        except MannedError as error:
            click.echo(f"  {name:20} cannot be used: {shown(str(error))}")
            continue
        mark = "*" if name == config.model.name else " "
        facts = [decoder.kind, f"{decoder.latent_count} latents"]
        if octaves := decoder.octaves:
            facts.append(f"octaves {octaves[0]} to {octaves[-1]}")
        if licence := decoder.info.get("licence"):
            facts.append(f"licence {licence}")
        click.echo(f"{mark} {name:20} {', '.join(facts)}")
