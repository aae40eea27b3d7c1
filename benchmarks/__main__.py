"""``python -m benchmarks timing`` (``sound``, ``timbre``, ``bank``, ``peers``) writes a page; names measure some."""

from __future__ import annotations

import argparse

from . import bank, peers, sound, timbre, timing
from .report import CHILD, CORPUS, measure, measure_here

PAGES = {page.room: page for page in (timing.PAGE, sound.PAGE, timbre.PAGE, bank.PAGE, peers.PAGE)}


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    pages = parser.add_subparsers(dest="page", required=True)
    for page in PAGES.values():
        command = pages.add_parser(page.room, help=f"writes docs/{page.file}")
        command.add_argument("names", nargs="*", metavar="name", help=", ".join(page.benchmarks))
        command.add_argument(CHILD, nargs=2, help=argparse.SUPPRESS)
        told = f"corpus to listen to [{page.corpus}]" if page.corpus else argparse.SUPPRESS
        command.add_argument(CORPUS, default=page.corpus, metavar="FOLDER", help=told)
    options = parser.parse_args()
    page = PAGES[options.page]
    unknown = set(options.names) - set(page.benchmarks)
    if unknown:
        parser.error(f"{', '.join(sorted(unknown))}: no such benchmark, there are {', '.join(page.benchmarks)}")
    if options.in_process:
        name, machine = options.in_process
        measure_here(page, name, machine, options.corpus)
    else:
        measure(page, options.names, options.corpus)


if __name__ == "__main__":
    main()
