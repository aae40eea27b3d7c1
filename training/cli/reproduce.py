"""The command ``manned-train reproduce``: the paper's side of training."""

from __future__ import annotations

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
def reproduce(
    names: tuple[str, ...], output: str, work: str, recipes: tuple[str, ...], epochs: int | None, share: float | None,
    mixed_bfloat16: bool, jobs: int, scheduler: str | None, threads: int | None,
) -> None:  # fmt: skip
    """Make tables and figures of the paper again: NAMES are table1 to table5, figure2 to figure5, collapse, or all.

    A single model of theirs will do too; a name that is none lists them.

    Sounds, corpora and fits that are missing are made, by the paper's recipe
    and by better ones, and measured. The page of results sets the paper's
    numbers beside ours. Stop it with Ctrl-C whenever you like; the same command
    goes on where it stopped.
    """
    from manned.files import shown
    from training.paper.reproduce import reproduce as run

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
        log=click.echo,
    )
    click.echo(f"{shown(page)}: written")
