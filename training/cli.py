"""``manned-train``: from recordings to a decoder that the instrument plays."""

from __future__ import annotations

import signal
import sys
from importlib import import_module

import click

from manned.errors import MannedError

_AGAIN_S = 0.1


class _Commands(click.Group):
    """Commands whose modules are imported when they are asked for."""

    elsewhere = {
        "sounds": "training.sounds.cli:sounds",
        "reproduce": "training.commands:reproduce",
        "import": "training.commands:import_",
        "learn": "training.commands:learn",
    }

    def list_commands(self, context):
        return [*self.elsewhere, *super().list_commands(context)]

    def get_command(self, context, name):
        if name in self.elsewhere:
            module, attribute = self.elsewhere[name].split(":")
            return getattr(import_module(module), attribute)
        return super().get_command(context, name)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def commands():
    """Make your own decoder from your own recordings.

    In one go: manned-train learn my-recordings/ -o mine. Or in four steps, each a
    command: gather recordings into a corpus, fit a network to it, evaluate what
    it learned, export the decoder file that manned plays.

    \b
      manned-train corpus my-recordings/ -o corpus
      manned-train fit corpus -o fit
      manned-train evaluate fit
      manned-train export fit -o mine.safetensors
    """


@commands.command()
@click.argument("recordings", nargs=-1, required=True, type=click.Path())
@click.option("-o", "--output", required=True, type=click.Path(), help="Folder for the corpus; must not exist yet.")
@click.option(
    "--labels",
    type=click.Choice(["measured", "notes"]),
    default="measured",
    show_default=True,
    help="Where the pitch comes from: measured from the sound, or the notes.csv beside it.",
)
@click.option(
    "--frames-per-note",
    type=click.IntRange(1),
    help="Keep only so many moments of each note, evenly spread (with notes.csv).",
)
@click.option(
    "--validation",
    type=click.FloatRange(0),
    default=0.0625,
    show_default=True,
    help="Clips kept apart to choose the best epoch: a share below 1, a number from 1.",
)
@click.option(
    "--test",
    type=click.FloatRange(0),
    default=0.0625,
    show_default=True,
    help="Clips kept apart to measure the result: a share below 1, a number from 1.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Another number, another choice of clips.")
@click.option(
    "--silence",
    type=float,
    default=-60.0,
    show_default=True,
    help="Leave out moments quieter than this many dB below full scale.",
)
@click.option(
    "--passage",
    type=click.FloatRange(min=0.1),
    default=30.0,
    show_default=True,
    help="Cut long recordings into clips of so many seconds.",
)
@click.option("--strict", is_flag=True, help="Stop at a file that cannot be read, instead of skipping it.")
@click.option(
    "--library",
    type=click.Choice(["tu-note-violin"]),
    help="RECORDINGS is the folder of this sample library, as it was downloaded.",
)
@click.option(
    "--microphone",
    type=click.Choice(["DPA", "BuK"]),
    default="DPA",
    show_default=True,
    help="Of the two in the TU-Note Violin Sample Library.",
)
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes that render a recipe.")
def corpus(
    recordings, output, labels, frames_per_note, validation, test, seed, silence, passage, strict,
    library, microphone, jobs,
):  # fmt: skip
    """Gather RECORDINGS into a corpus to learn from.

    RECORDINGS are audio files (wav, flac, ogg, mp3; any sample rate) or folders
    of them. Silence is left out, loudness evened out. Whole clips are kept
    apart for validation and test, so that what is measured was never heard.

    A folder may hold a notes.csv with the columns file,clip,start_s,end_s,note
    (note: a MIDI number; clip: what belongs together, such as a patch). Then
    only the notes listed there are used. A further column, set, may say which
    clips are for train, validation and test.

    A recipe such as configs/corpora/one-octave.toml is rendered first, into
    the folder one-octave-sounds beside OUTPUT.
    """
    from functools import partial
    from pathlib import Path

    from . import violin
    from .corpus import build_corpus
    from .recordings import find_recordings

    if any(recording.endswith(".toml") for recording in recordings):
        from .sounds.recipe import read
        from .sounds.render import render

        def sounds_of(recipe):
            folder = Path(output).parent / f"{Path(recipe).stem}-sounds"
            render(read(Path(recipe)), folder, jobs)
            return folder

        recordings = [sounds_of(path) if path.endswith(".toml") else path for path in recordings]
    built = build_corpus(
        recordings,
        output,
        find=partial(violin.find_recordings, microphone=microphone) if library else find_recordings,
        labels=labels,
        frames_per_note=frames_per_note,
        validation=validation,
        test=test,
        seed=seed,
        silence_db=silence,
        passage_s=passage,
        strict=strict,
    )
    click.echo(built.summary())


def _octaves(context, parameter, text):
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
        octaves = ()
    if not octaves:
        raise click.BadParameter(f"found {text!r}, allowed is a range such as 2-6 or a list such as 3,4,5")
    return tuple(octaves)


@commands.command()
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
    help="What the encoder hears beside the sound itself.",
)
@click.option("--skip/--no-skip", default=True, show_default=True, help="Let the pitch class steer the decoder.")
@click.option("--octaves", callback=_octaves, help="Octaves that steer the decoder too, as 2-6 or 3,4,5.")
@click.option(
    "--square-output",
    is_flag=True,
    help="Square the output instead of cutting it at zero: smaller error, cleaner tones.",
)
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
    "--transpose",
    is_flag=True,
    help="Teach pitch classes (and octaves) that CORPUS lacks by transposing the nearest ones.",
)
@click.option(
    "--beta",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="Train a β-VAE: how dearly it pays for what its faders tell of the sound; 1 is the plain VAE, 0.01 a start.",
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
def fit(
    corpus, output, latents, bottleneck, augmentation, skip, octaves, square_output,
    learning_rate, cosine, batch, epochs, steps, consistency, harmonicity, transpose, beta, beta_warmup, mixed_bfloat16, seed,
):  # fmt: skip
    """Train a network on CORPUS.

    Without options it is trained as in the paper. Stop it with Ctrl-C whenever
    you like; the same command goes on where it stopped.
    """
    from manned.model.topology import Topology

    from .corpus import Corpus

    opened = Corpus(corpus)

    from .fit import Recipe
    from .fit import fit as run_fit
    from .throughput import report as throughput

    topology = Topology(
        bottleneck=latents,
        bottleneck_activation=bottleneck or ("linear" if beta else "sigmoid"),
        augmentation=augmentation,
        skip=skip,
        octaves=octaves,
        output="square" if square_output else "relu",
    )
    recipe = Recipe(
        learning_rate=learning_rate,
        cosine=cosine,
        batch=batch,
        epochs=epochs,
        steps=steps,
        consistency=consistency,
        harmonicity=harmonicity,
        transpose=transpose,
        beta=beta,
        beta_warmup=beta_warmup,
        mixed_bfloat16=mixed_bfloat16,
        seed=seed,
    )
    best = run_fit(opened, output, topology, recipe)
    click.echo(
        f"{output}: best at epoch {best['epoch']}, mean squared error {best['train_mse']:.3e} on training frames, "
        f"{best['validation_mse']:.3e} on validation frames"
    )
    click.echo(throughput(output))


@commands.command()
@click.argument("fitted", metavar="FIT", type=click.Path())
@click.option("--corpus", type=click.Path(), help="Measure on this corpus instead of the one it was trained on.")
@click.option(
    "--mesh",
    type=click.IntRange(2),
    help="Points along each latent (the paper: 350, 50 and 5 for 2, 3 and 8 latents); "
    "by default about ten thousand points in all.",
)
def evaluate(fitted, corpus, mesh):
    """Measure what FIT learned: on sounds it never heard, and all through its space of timbres.

    The measures are printed, and kept in evaluation.json in the folder of the fit.
    """
    import json

    from .corpus import Corpus
    from .evaluate import evaluate as measure
    from .report import report
    from .store import EVALUATION, Fitted, write_whole

    opened = Fitted(fitted)
    own = Corpus(corpus) if corpus else Corpus.of(opened)
    measures = measure(opened, own, mesh)
    if corpus is None:
        text = json.dumps(measures, indent=1)
        write_whole(opened.folder / EVALUATION, lambda part: part.write_text(text, encoding="utf-8"))
    click.echo(report(measures))


@commands.command()
@click.argument("fits", metavar="FIT...", nargs=-1, required=True, type=click.Path())
@click.option("-o", "--output", required=True, type=click.Path(), help="Folder for the pictures.")
@click.option("--format", "kind", type=click.Choice(["svg", "png"]), default="svg", show_default=True)
@click.option(
    "--mesh",
    type=click.IntRange(2),
    help="Points along each latent; by default the paper's 350 for the map of two latents, "
    "and about ten thousand points in all for more.",
)
def figures(fits, output, kind, mesh):
    """Draw what every FIT learned.

    Its losses, where the training sounds lie in its space of timbres, which
    pitch class that space sounds when each is asked for, and sounds it never
    heard beside what it made of them. Several fits share the first two pictures.
    """
    from .figures import draw
    from .store import Fitted

    for path in draw([Fitted(fit) for fit in fits], output, kind, mesh):
        click.echo(path)


@commands.command()
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
def export(fitted, output, name, licence, float32, reach, encoder):
    """Write the decoder of FIT as a file that manned plays.

    With it goes a map of where the training sounds lie in its space of timbres.
    """
    from pathlib import Path

    import numpy as np

    from .corpus import Corpus
    from .export import export as write
    from .export import export_encoder
    from .store import Fitted

    opened = Fitted(fitted)
    corpus = Corpus.of(opened)
    dtype = np.float32 if float32 else np.float16
    decoder = write(opened, corpus, output, name or Path(output).stem, licence, dtype, reach)
    rounding = decoder.info["rounding"]
    click.echo(
        f"{output}: {Path(output).stat().st_size / 1e6:.1f} MB, {rounding['dtype']}; "
        f"rounding moves its output by {rounding['largest']:.1e} at most, mean square {rounding['mean_squared']:.1e}"
    )
    if decoder.info["test"] is None:
        click.echo("It carries no test figures: run manned-train evaluate before export to add them.")
    if encoder:
        path = export_encoder(opened, decoder, output, dtype)
        click.echo(f"{path}: {path.stat().st_size / 1e6:.1f} MB, {np.dtype(dtype).name}")


def main():
    """Run the command line; an error is one sentence on stderr and its exit code."""
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, _end)
    try:
        commands(prog_name="manned-train")
    except MannedError as error:
        click.echo(f"manned-train: {error}", err=True)
        sys.exit(error.exit_code)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _end(*_):
    """Ended from outside, a command tidies up as after Ctrl-C.

    Python drops an exception in some places, such as the callbacks of an import's lock; so it is raised again until the
    tidying is under way.
    """
    under_way = sys.exc_info()[1]
    while under_way is not None:
        if isinstance(under_way, SystemExit):
            return
        under_way = under_way.__context__
    signal.setitimer(signal.ITIMER_REAL, _AGAIN_S, _AGAIN_S)
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    main()
