"""The command ``manned-train corpus``."""

from __future__ import annotations

from pathlib import Path

import click

from training.kinds import HARMONIC, KINDS, SPECTRUM

from .options import given

_OF_HARMONIC = ("output", "kind", "frames_per_note", "validation", "test", "seed", "jobs")


@click.command()
@click.argument("recordings", nargs=-1, required=True, type=click.Path())
@click.option("-o", "--output", required=True, type=click.Path(), help="Folder for the corpus; must not exist yet.")
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    default=SPECTRUM,
    show_default=True,
    help="Of the model: spectrum draws what a window shows, harmonic is told the pitch.",
)
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
    metavar="NAME",
    help="RECORDINGS is the folder of this sample library, as it was downloaded: tu-note-violin.",
)
@click.option(
    "--microphone",
    metavar="NAME",
    help="Which of those that the library was recorded with; by default its first.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Processes that render a source list, and analyse for --kind harmonic.",
)
@click.pass_context
def corpus(
    context: click.Context, recordings: tuple[str, ...], output: str, kind: str, labels: str,
    frames_per_note: int | None, validation: float, test: float, seed: int, silence: float,
    passage: float, strict: bool, library: str | None, microphone: str | None, jobs: int,
) -> None:  # fmt: skip
    """Gather RECORDINGS into a corpus to learn from.

    RECORDINGS are audio files of nearly any format and sample rate, or folders
    of them. Silence is left out, loudness evened out. Whole clips are kept
    apart for validation and test, so that what is measured was never heard.

    A folder may hold a notes.csv with the columns file,clip,start_s,end_s,note
    (note: a MIDI number; clip: what belongs together, such as a patch). Then
    only the notes listed there are used. A further column, set, may say which
    clips are for train, validation and test.

    A source list says what to render first: a TOML file, or the name of one
    that comes with the program, such as one-octave (manned-train sounds lists).
    Its sounds go into the folder one-octave-sounds beside OUTPUT.

    A corpus of the kind harmonic is made of one folder with a notes.csv, or of
    one source list, such as timbre. Stopped, the same command goes on. Programs of
    FluidR3 that General MIDI notes are measured by go into a set of their own.
    """
    if kind == HARMONIC:
        options = given(context, kind, _OF_HARMONIC)
        shares = (options.get("validation"), options.get("test"))
        click.echo(_build_harmonic(recordings, output, frames_per_note, seed, jobs, shares))
        return

    from training.corpus.build import build_corpus
    from training.corpus.recordings import find_recordings
    from training.corpus.sources.table import find_library

    find = find_library(library, microphone) if library else find_recordings

    built = build_corpus(
        [_rendered(name, output, jobs) for name in recordings],
        output,
        find=find,
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


def _rendered(name: str, output: str, jobs: int) -> Path:
    """A folder of sounds: what was named, or what a source list of that name renders beside the output."""
    from training.corpus.sounds.render import render
    from training.corpus.sounds.source_list import find_source_list, is_source_list, read_source_list

    if not is_source_list(name):
        return Path(name)
    folder = Path(output).parent / f"{find_source_list(name).stem}-sounds"
    render(read_source_list(name), folder, jobs)
    return folder


def _build_harmonic(
    recordings: tuple[str, ...],
    output: str,
    frames_per_note: int | None,
    seed: int,
    jobs: int,
    shares: tuple[float | None, float | None],
) -> str:
    """Build a corpus of the kind harmonic; what it holds, in words."""
    from manned.errors import CorpusError
    from manned.files import shown
    from training.corpus.corpus import INFO
    from training.corpus.harmonic.corpus import SHARES, build
    from training.measure.timbre.general_midi import APART

    if len(recordings) != 1:
        raise CorpusError(
            f"{len(recordings)} recordings: a corpus of the kind {HARMONIC} is made of one folder with a notes.csv, "
            "or of one source list"
        )
    validation, test = (standard if share is None else share for share, standard in zip(shares, SHARES, strict=True))
    if validation + test >= 1.0:
        raise CorpusError(f"--validation {validation} and --test {test}: allowed are shares of less than 1 together")
    if (Path(output) / INFO).exists():
        raise CorpusError(f"corpus {shown(output)}: exists already, delete it or choose another name")
    sounds = _rendered(recordings[0], output, jobs)
    return build(sounds, Path(output), frames_per_note or 8, seed, jobs, APART, (validation, test)).summary()
