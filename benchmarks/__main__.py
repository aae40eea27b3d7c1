"""``python -m benchmarks timing`` or ``sound`` measures a page of docs and writes it; names measure some of it."""

from __future__ import annotations

import argparse

from . import sound, timing
from .report import CHILD, measure, measure_here

PAGES = {page.room: page for page in (timing.PAGE, sound.PAGE)}


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    pages = parser.add_subparsers(dest="page", required=True)
    for page in PAGES.values():
        command = pages.add_parser(page.room, help=f"writes docs/{page.file}")
        command.add_argument("names", nargs="*", metavar="name", help=", ".join(page.benchmarks))
        command.add_argument(CHILD, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    page = PAGES[options.page]
    unknown = set(options.names) - set(page.benchmarks)
    if unknown:
        parser.error(f"{', '.join(sorted(unknown))}: no such benchmark, there are {', '.join(page.benchmarks)}")
    if options.in_process:
        measure_here(page, *options.in_process)
    else:
        measure(page, options.names)


if __name__ == "__main__":
    main()
