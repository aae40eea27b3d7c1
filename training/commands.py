"""The commands of ``manned-train`` for experiments, other people's decoders, and learning in one line."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("names", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False),
    default="docs/results",
    show_default=True,
    help="Folder of the page.",
)
@click.option(
    "--work",
    type=click.Path(file_okay=False),
    default=".",
    show_default=True,
    help="Folder of the folders corpora and models, where everything made stays.",
)
@click.option(
    "--recipe",
    "recipes",
    multiple=True,
    help="Only by this recipe: paper, better, transposed or many. May be repeated.",
)
@click.option("--epochs", type=click.IntRange(1), help="Train for so many epochs only; the page says so.")
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True),
    help="Train for this share of the epochs only; the page says so.",
)
@click.option(
    "--mixed-bfloat16", is_flag=True,
    help="Faster on processors with AMX or AVX-512 BF16; the page says which results were made so.",
)  # fmt: skip
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Experiments at the same time.")
@click.option(
    "--scheduler", metavar="ADDRESS", help="Dask scheduler whose workers take the experiments, as tcp://host:8786."
)
@click.option(
    "--threads", type=click.IntRange(1),
    help="Threads of each experiment; by default the cores shared out among the jobs, and 1 with --scheduler.",
)  # fmt: skip
def reproduce(names, output, work, recipes, epochs, share, mixed_bfloat16, jobs, scheduler, threads):
    """Make tables and figures of the paper again: NAMES are table1 to table5, figure2 to figure5, collapse, or all.

    A single model of theirs, by its name in configs/experiments/models.toml, will do too.

    Sounds, corpora and fits that are missing are made, by the paper's recipe
    and by better ones, and measured. The page of results sets the paper's
    numbers beside ours. Stop it with Ctrl-C whenever you like; the same command
    goes on where it stopped.
    """
    from .reproduce import reproduce as run

    page = run(
        names,
        work,
        output,
        recipes=recipes,
        epochs=epochs,
        share=share,
        jobs=jobs,
        threads=threads,
        scheduler=scheduler,
        mixed_bfloat16=mixed_bfloat16,
        say=click.echo,
    )
    click.echo(f"{page}: written")


@click.command("import")
@click.argument("keras_file", metavar="DECODER.h5", type=click.Path())
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
def import_(keras_file, output, name, latents, bottleneck, latent_range, octave, float32):
    """Make a decoder file of DECODER.h5, which the paper's published code saved with an old Keras."""
    import numpy as np

    from manned.model.decoder_file import save_decoder

    from .convert import import_decoder

    decoder = import_decoder(
        keras_file, name or Path(output).stem, latents=latents, bottleneck_activation=bottleneck,
        latent_range=latent_range, octave=octave,
    )  # fmt: skip
    save_decoder(decoder, output, np.float32 if float32 else np.float16)
    conditions = " and 12 pitch classes" if decoder.topology.skip else ", no pitch classes"
    click.echo(f"{output}: {decoder.topology.bottleneck} latents{conditions}, {decoder.topology.bins} bins")


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
def learn(recordings, output, start, latents, steps, licence, seed):
    """Learn from RECORDINGS and write a decoder, all in one go.

    RECORDINGS are audio files or folders of them, best a few minutes of single
    notes. Afterwards `manned run --model NAME` plays what was learned.
    """
    from manned.config import load_config
    from manned.model.decoder_file import SUFFIX

    library = load_config().library
    home = library.decoder_folders[0]
    path = Path(output)
    if path.suffix != SUFFIX:
        path = path.with_name(path.name + SUFFIX)
    if path.parent == Path("."):
        path = home / path
    decoder = library.read_decoder(start) if start else None

    from .learn import learn as run
    from .report import report

    learned = run(
        recordings, path, start=decoder, latents=latents, steps=steps, licence=licence, seed=seed, say=click.echo
    )
    click.echo(report(learned.info["test"]))
    click.echo(f"{path}: written. Play it: manned run --model {path.stem if path.parent == home else path}")
