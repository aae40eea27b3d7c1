"""The command ``manned-train import``."""

from __future__ import annotations

import click


@click.command("import")
@click.argument("keras_file", metavar="DECODER", type=click.Path())
@click.option("-o", "--output", required=True, type=click.Path(), help="Decoder file, such as theirs.safetensors.")
@click.option("--name", help="What it is called in the instrument; by default the file's name.")
@click.option(
    "--latents",
    type=click.IntRange(1),
    help="How many of its inputs are latents; guessed when the other 12 are the chroma.",
)
@click.option(
    "--bottleneck",
    type=click.Choice(["sigmoid", "leaky_relu", "linear"]),
    default="sigmoid",
    show_default=True,
    help="How its encoder ends; the file does not say.",
)
@click.option(
    "--range", "latent_range", type=(float, float), help="Span of the latents where no sigmoid bounds them, as -3 3."
)
@click.option("--octave", type=click.IntRange(0, 9), default=4, show_default=True, help="Octave that it speaks in.")
@click.option("--float32", is_flag=True, help="Store weights in full: twice the size, no rounding.")  # fmt: skip
def import_(
    keras_file: str, output: str, name: str | None, latents: int | None, bottleneck: str,
    latent_range: tuple[float, float] | None, octave: int, float32: bool,
) -> None:  # fmt: skip
    """Make a decoder file of DECODER, an .h5 or .keras file as the paper's published code saves it."""
    from pathlib import Path

    import numpy as np

    from manned.files import shown
    from manned.model.decoder_file import save_decoder
    from training.convert import import_decoder

    decoder = import_decoder(
        keras_file, name or Path(output).stem, latents=latents, bottleneck_activation=bottleneck,
        latent_range=latent_range, octave=octave,
    )  # fmt: skip
    save_decoder(decoder, output, np.float32 if float32 else np.float16)
    conditions = " and 12 pitch classes" if decoder.topology.skip else ", no pitch classes"
    click.echo(f"{shown(output)}: {decoder.topology.bottleneck} latents{conditions}, {decoder.topology.bins} bins")
