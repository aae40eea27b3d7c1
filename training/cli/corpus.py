"""The command ``manned-train corpus``."""

from __future__ import annotations

import click


@click.command()
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
    metavar="NAME",
    help="RECORDINGS is the folder of this sample library, as it was downloaded: tu-note-violin.",
)
@click.option(
    "--microphone",
    metavar="NAME",
    help="Which of those that the library was recorded with; by default its first.",
)
@click.option(
    "--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes that render a source list."
)
def corpus(
    recordings: tuple[str, ...], output: str, labels: str, frames_per_note: int | None, validation: float, test: float,
    seed: int, silence: float, passage: float, strict: bool, library: str | None, microphone: str | None, jobs: int,
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
    """
    from pathlib import Path

    from training.corpus.build import build_corpus
    from training.corpus.recordings import find_recordings
    from training.corpus.sounds.render import render
    from training.corpus.sounds.source_list import find_source_list, is_source_list, read_source_list
    from training.corpus.sources.table import find_library

    find = find_library(library, microphone) if library else find_recordings

    def rendered(name: str) -> Path:
        folder = Path(output).parent / f"{find_source_list(name).stem}-sounds"
        render(read_source_list(name), folder, jobs)
        return folder

    built = build_corpus(
        [rendered(name) if is_source_list(name) else name for name in recordings],
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
