"""The command ``manned-train learn``."""

from __future__ import annotations

import click


@click.command()
@click.argument("recordings", nargs=-1, required=True, type=click.Path())
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="NAME",
    help="What the decoder is called; a path such as here/mine.safetensors puts it there instead of your model folder.",
)
@click.option("--from", "start", metavar="MODEL", help="Start from this decoder and keep its latents and octaves.")
@click.option("--latents", type=click.IntRange(1, 64), default=2, show_default=True, help="Faders, without --from.")
@click.option(
    "--steps", type=click.IntRange(1), default=1200, show_default=True, help="Fewer are sooner done, more learn more."
)
@click.option("--licence", default="", help="Licence of the decoder, kept in the file.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another number, another network.")  # fmt: skip
def learn(
    recordings: tuple[str, ...], output: str, start: str | None, latents: int, steps: int, licence: str, seed: int
) -> None:
    """Learn from RECORDINGS and write a decoder, all in one go.

    RECORDINGS are audio files or folders of them, best a few minutes of single
    notes. Afterwards `manned run --model NAME` plays what was learned.
    """
    from pathlib import Path

    from manned.config import load_config
    from manned.errors import TrainingError
    from manned.files import has_suffix, shown
    from manned.model.decoder_file import SUFFIX
    from manned.model.harmonic.decoder_file import HarmonicDecoder

    library = load_config().library
    home = library.decoder_folders[0]
    path = Path(output)
    if not has_suffix(path, SUFFIX):
        path = path.with_name(path.name + SUFFIX)
    if path.parent == Path("."):
        path = home / path
    decoder = library.read_decoder(start) if start else None
    if isinstance(decoder, HarmonicDecoder):
        raise TrainingError(f"model {start}: is of the kind harmonic, learn starts from models of the kind spectrum")

    from training.learn import learn as run
    from training.measure.report import report

    learned = run(
        recordings, path, start=decoder, latents=latents, steps=steps, licence=licence, seed=seed, log=click.echo
    )
    click.echo(report(learned.info["test"]))
    click.echo(
        f"{shown(path)}: written. Play it: manned run --model {path.stem if path.parent == home else shown(path)}"
    )
