"""The command ``manned-train export``."""

from __future__ import annotations

import click

from training.kinds import HARMONIC, kind_of

from .options import given


@click.command()
@click.argument("fitted", metavar="FIT", type=click.Path())
@click.option("-o", "--output", required=True, type=click.Path(), help="Decoder file, such as mine.safetensors.")
@click.option("--name", help="What it is called in the instrument; by default the file's name.")
@click.option("--licence", default="", help="Licence of the decoder, kept in the file.")
@click.option("--float32", is_flag=True, help="Store weights in full: twice the size, no rounding.")
@click.option(
    "--reach",
    type=click.Choice(["all", "trained"]),
    default="all",
    show_default=True,
    help="What the faders reach: the whole space, or the part of it where the training sounds lie.",
)
@click.option(
    "--encoder", is_flag=True,
    help="Also write the encoder beside it, mine.encoder.safetensors, which `manned encode` needs.",
)  # fmt: skip
@click.pass_context
def export(
    context: click.Context,
    fitted: str,
    output: str,
    name: str | None,
    licence: str,
    float32: bool,
    reach: str,
    encoder: bool,
) -> None:
    """Write the decoder of FIT as a file that manned plays.

    With it goes a map of where the training sounds lie in its space of timbres.
    A decoder of the kind harmonic has a chart of them, and its encoder is always
    written too.
    """
    from pathlib import Path

    import numpy as np

    from manned.files import shown
    from training.network.fit_folder import SETTINGS

    if kind_of(fitted, SETTINGS) == HARMONIC:
        given(context, HARMONIC, ("output", "name", "licence", "float32", "encoder"))
        _harmonic(fitted, output, name, licence, float32)
        return

    from training.export import export as write
    from training.export import export_encoder
    from training.network.fit_folder import Fitted

    opened = Fitted(fitted)
    path = Path(output)
    dtype = np.float32 if float32 else np.float16
    decoder = write(opened, opened.open_corpus(), path, name or path.stem, licence, dtype, reach)
    rounding = decoder.info["rounding"]
    click.echo(
        f"{shown(path)}: {path.stat().st_size / 1e6:.1f} MB, {rounding['dtype']}; "
        f"rounding moves its output by {rounding['largest']:.1e} at most, mean square {rounding['mean_squared']:.1e}"
    )
    if decoder.info["test"] is None:
        click.echo("It carries no test figures: run manned-train evaluate before export to add them.")
    if encoder:
        beside = export_encoder(opened, decoder, path, dtype)
        click.echo(f"{shown(beside)}: {beside.stat().st_size / 1e6:.1f} MB, {np.dtype(dtype).name}")


def _harmonic(fitted: str, output: str, name: str | None, licence: str, float32: bool) -> None:
    from pathlib import Path

    import numpy as np

    from manned.files import shown
    from manned.model.encoder_file import encoder_path
    from training.harmonic_export import export as write
    from training.network.harmonic.fit_folder import load

    opened, path = load(Path(fitted)), Path(output)
    dtype = np.float32 if float32 else np.float16
    decoder, _ = write(opened, opened.open_corpus(), path, name or path.stem, licence, dtype)
    for each in (path, encoder_path(path)):
        click.echo(f"{shown(each)}: {each.stat().st_size / 1e6:.1f} MB, {np.dtype(dtype).name}")
    named = ", ".join(name for name in decoder.latents.names if name)
    click.echo(f"{decoder.topology.latents} faders, the first: {named}")
    if not decoder.info["measured"]:
        click.echo("It carries no test figures: run manned-train evaluate before export to add them.")
