"""The command ``manned-train learn``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from training.events import LEARNED
from training.kinds import HARMONIC, KINDS, SPECTRUM

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from manned.library import Library


@click.command()
@click.argument("recordings", nargs=-1, required=True, type=click.Path())
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="NAME",
    help="What the decoder is called; a path such as here/mine.safetensors puts it there instead of your model folder.",
)
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    default=HARMONIC,
    show_default=True,
    help="Of the model: harmonic is told the pitch, spectrum draws what a window shows.",
)
@click.option("--from", "start", metavar="MODEL", help="Start from this decoder of the same kind and keep its latents.")
@click.option(
    "--latents", type=click.IntRange(1, 64), help="Faders, without --from.  [default: 6, of the kind spectrum 2]"
)
@click.option(
    "--steps",
    type=click.IntRange(1),
    help="Fewer are sooner done, more learn more.  [default: 1500, of the kind spectrum 1200]",
)
@click.option("--licence", default="", help="Licence of the decoder, kept in the file.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another number, another network.")
@click.option("--events", is_flag=True, help="Print JSON instead, a line an event, for programs; harmonic only.")
def learn(recordings: tuple[str, ...], output: str, kind: str, start: str | None, events: bool, **options: Any) -> None:
    """Learn from RECORDINGS and write a decoder, all in one go.

    RECORDINGS are audio files or folders of them, best a few minutes of single
    notes. What sounds one note at a time is learned, its pitch is heard; a folder
    with a notes.csv says its notes itself. At the end stands a verdict: whether
    it is an instrument, how near it comes, what taught nothing.
    """
    from pathlib import Path

    from manned.config import load_config
    from manned.files import has_suffix, shown
    from manned.model.decoder_file import SUFFIX
    from training.files import refuse_existing

    library = load_config().library
    home = library.decoder_folders[0]
    path = Path(output)
    if not has_suffix(path, SUFFIX):
        path = path.with_name(path.name + SUFFIX)
    if path.parent == Path("."):
        path = home / path
    refuse_existing(path)
    wanted = {name: value for name, value in options.items() if value is not None}
    name = path.stem if path.parent == home else str(path)
    if events and kind != HARMONIC:
        raise click.UsageError(f"--events is for --kind {HARMONIC}")
    if events:
        tell = _Printer()
        _harmonic(recordings, path, library, start, wanted | {"log": lambda _text: None, "listener": tell})
        tell(LEARNED, str(path))
        return
    if kind == SPECTRUM:
        _spectrum(recordings, path, library, start, wanted)
    else:
        _harmonic(recordings, path, library, start, {"log": click.echo, **wanted})
    click.echo(shown(f"{path}: written. Play it: manned run --model {name}"))


class _Printer:
    """Prints events as JSON; those of a stage that say next to nothing new are left out."""

    def __init__(self) -> None:
        self._parts: dict[str, float] = {}

    def __call__(self, name: str, value: Any) -> None:
        if isinstance(value, float):
            value = round(value, 3)
            if self._parts.get(name) == value:
                return
            self._parts[name] = value
        click.echo(json.dumps({name: value}))


def _spectrum(
    recordings: tuple[str, ...], path: Path, library: Library, start: str | None, options: dict[str, Any]
) -> None:
    from manned.model.decoder_file import load_decoder

    decoder = _start(library, start, load_decoder, SPECTRUM, HARMONIC)

    from training.learn import learn as run
    from training.measure.report import report

    learned = run(recordings, path, start=decoder, log=click.echo, **options)
    click.echo(report(learned.info["test"]))


def _harmonic(
    recordings: tuple[str, ...], path: Path, library: Library, start: str | None, options: dict[str, Any]
) -> None:
    import os

    from manned.errors import TrainingError
    from manned.model.harmonic.decoder_file import load_decoder
    from manned.model.harmonic.topology import MOST_LATENTS

    if options.get("latents", 1) > MOST_LATENTS:
        raise click.BadParameter(
            f"{options['latents']} is not in the range 1<=x<={MOST_LATENTS} of the kind {HARMONIC}"
        )
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend != "tensorflow":
        raise TrainingError(f"KERAS_BACKEND is {backend!r}, the kind {HARMONIC} is trained on tensorflow only")
    decoder = _start(library, start, load_decoder, HARMONIC, SPECTRUM)

    from training.harmonic_learn import learn as run

    run(recordings, path, start=decoder, **options)


def _start(library: Library, start: str | None, load: Callable[[Path], Any], kind: str, other: str) -> Any:
    """The decoder to start from, or None; one of another kind is refused."""
    from manned.errors import ModelError
    from manned.files import shown

    if start is None:
        return None
    path = library.find_decoder(start)
    try:
        return load(path)
    except ModelError as error:
        raise ModelError(
            f"--from {shown(start)}: allowed is a decoder of the kind {kind}, or --kind {other} ({error})"
        ) from None
