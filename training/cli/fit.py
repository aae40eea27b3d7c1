"""The command ``manned-train fit``."""

from __future__ import annotations

from typing import Any

import click

from training.kinds import HARMONIC, kind_of

from .options import given

_OF_HARMONIC = ("latents", "learning_rate", "batch", "steps", "seed")


def _octaves(context: click.Context, parameter: click.Parameter, text: str | None) -> tuple[int, ...]:
    """``2-6`` or ``3,4,5`` as a tuple of octaves."""
    if not text:
        return ()
    try:
        if "-" in text:
            first, last = map(int, text.split("-"))
            octaves = range(first, last + 1)
        else:
            octaves = sorted(set(map(int, text.split(","))))
    except ValueError:
        octaves = []
    if not octaves:
        raise click.BadParameter(f"found {text!r}, allowed is a range such as 2-6 or a list such as 3,4,5")
    return tuple(octaves)


@click.command()
@click.argument("corpus", type=click.Path())
@click.option("-o", "--output", required=True, type=click.Path(), help="Folder for the fit.")
@click.option(
    "--latents", type=click.IntRange(1, 64), default=2, show_default=True, help="Faders through the space of timbres."
)
@click.option(
    "--bottleneck",
    type=click.Choice(["sigmoid", "leaky_relu", "linear"]),
    help="Sigmoid, the default, keeps the space of timbres bounded and evenly filled; linear is what --beta needs.",
)
@click.option(
    "--augmentation",
    type=click.Choice(["none", "difference", "chroma"]),
    default="chroma",
    show_default=True,
    help="What the encoder gets beside the sound itself.",
)
@click.option("--skip/--no-skip", default=True, show_default=True, help="Let the pitch class steer the decoder.")
@click.option("--skip-every-layer", is_flag=True, help="Let it steer every layer of the decoder, not the first alone.")
@click.option("--octaves", callback=_octaves, help="Octaves that steer the decoder too, as 2-6 or 3,4,5.")
@click.option(
    "--square-output",
    is_flag=True,
    help="Square the output instead of cutting it at zero: smaller error, cleaner tones.",
)
@click.option("--start", type=click.Path(), metavar="FIT", help="Begin with the weights of this fit.")
@click.option(
    "--learning-rate", type=click.FloatRange(0, min_open=True), default=5e-4, show_default=True, help="Size of a step."
)
@click.option("--cosine", is_flag=True, help="Let the steps become smaller to the end: same error in less time.")
@click.option("--batch", type=click.IntRange(1), default=200, show_default=True, help="Frames a step.")
@click.option(
    "--epochs", type=click.IntRange(1), default=300, show_default=True, help="Times through all training frames."
)
@click.option("--steps", type=click.IntRange(1), help="Stop after so many steps, whatever --epochs says.")
@click.option(
    "--consistency",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="Teach every point of the space to sound its pitch class; 1e-4 is a good value.",
)
@click.option(
    "--harmonicity",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="Teach every point to sound one note of its class, not a lump of noise in it; 1e-4 is a good value.",
)
@click.option(
    "--evenness",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="Teach every point to keep its colour from key to key; needs --octaves. 1e-4 is a good value.",
)
@click.option(
    "--compressed",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="Teach quiet partials too, by the square roots of the magnitudes; 1 is a good value.",
)
@click.option(
    "--transpose",
    is_flag=True,
    help="Teach pitch classes (and octaves) that CORPUS lacks by transposing the nearest ones.",
)
@click.option(
    "--beta",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="Train a β-VAE: how dearly it pays for what its faders say of the sound; 1 is the plain VAE, 0.01 a start.",
)
@click.option(
    "--beta-warmup",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Share of the run in which β rises from 0; it keeps some faders from falling silent.",
)
@click.option("--mixed-bfloat16", is_flag=True, help="Faster on processors with AMX or AVX-512 BF16.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another number, another network.")
@click.pass_context
def fit(
    context: click.Context, corpus: str, output: str, latents: int, bottleneck: str | None, augmentation: str,
    skip: bool, skip_every_layer: bool, start: str | None, octaves: tuple[int, ...], square_output: bool, **recipe: Any,
) -> None:  # fmt: skip
    """Train a network on CORPUS.

    Without options it is trained as in the paper. Stop it with Ctrl-C whenever
    you like; the same command goes on where it stopped.

    A CORPUS of the kind harmonic knows --latents, --learning-rate, --batch,
    --steps and --seed; without them it is 16 latents, 2e-3, 500 frames, 24000 steps.
    """
    from manned.files import shown
    from training.corpus.corpus import INFO

    if kind_of(corpus, INFO) == HARMONIC:
        options = given(context, HARMONIC, ("output", *_OF_HARMONIC))
        _harmonic(corpus, output, {name: options[name] for name in _OF_HARMONIC if name in options}, recipe["seed"])
        return

    from manned.model.topology import Topology
    from training.corpus.corpus import Corpus

    opened = Corpus(corpus)

    from training.network.fit import fit as run_fit
    from training.network.fit_folder import Fitted
    from training.network.recipe import Recipe
    from training.network.throughput import report as throughput

    topology = Topology(
        bottleneck=latents,
        bottleneck_activation=bottleneck or ("linear" if recipe["beta"] else "sigmoid"),
        augmentation=augmentation,
        skip=skip,
        skip_every_layer=skip_every_layer,
        octaves=octaves,
        output="square" if square_output else "relu",
    )
    best = run_fit(opened, output, topology, Recipe(**recipe), Fitted(start) if start else None)
    click.echo(
        f"{shown(output)}: best at epoch {best['epoch']}, mean squared error {best['train_mse']:.3e} on training "
        f"frames, {best['validation_mse']:.3e} on validation frames"
    )
    click.echo(throughput(output))


def _harmonic(corpus: str, output: str, options: dict[str, Any], seed: int) -> None:
    from pathlib import Path

    from manned.files import shown
    from manned.model.harmonic.topology import HarmonicTopology
    from training.corpus.harmonic.corpus import HarmonicCorpus

    opened = HarmonicCorpus(corpus)

    from manned.errors import TrainingError
    from training.network.backend import BACKEND

    if BACKEND != "tensorflow":
        raise TrainingError(f"KERAS_BACKEND is {BACKEND!r}, the kind {HARMONIC} is trained on tensorflow only")
    latents = options.pop("latents", HarmonicTopology.latents)
    topology = HarmonicTopology(latents=latents)

    from training.network.harmonic.fit import HarmonicRecipe
    from training.network.harmonic.fit import fit as run

    fitted = run(opened, Path(output), topology, HarmonicRecipe(**{**options, "seed": seed}))
    last = fitted.log[-1]
    click.echo(
        f"{shown(output)}: {fitted.step} steps in {last['seconds']:.0f} s, loss {last['loss']:.3f} on training frames, "
        f"{last['validation_loss']:.3f} on validation frames"
    )
