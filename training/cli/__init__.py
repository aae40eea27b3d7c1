"""``manned-train``: from recordings to a decoder that the instrument plays.

Each command is a file of its own; its heavy imports wait until it runs.
"""

from __future__ import annotations

import signal
import sys
from importlib import import_module

import click

from manned.errors import MannedError
from manned.files import shown

_AGAIN_S = 0.1

SECTIONS = {
    "Your own decoder": {
        "learn": "learn:learn",
        "corpus": "corpus:corpus",
        "fit": "fit:fit",
        "evaluate": "evaluate:evaluate",
        "figures": "figures:figures",
        "export": "export:export",
        "import": "import_:import_",
        "hear": "hear:hear",
    },
    "Sounds to learn from": {"sounds": "sounds:sounds"},
    "The paper": {"reproduce": "reproduce:reproduce"},
}
"""Commands by section of the help, each with its module in this package and its name there."""


class _Commands(click.Group):
    """Commands whose modules are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the help."""
        return [name for section in SECTIONS.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name, imported now; None when there is none."""
        for section in SECTIONS.values():
            if cmd_name in section:
                module, attribute = section[cmd_name].split(":")
                return getattr(import_module(f"{__name__}.{module}"), attribute)
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections of the help."""
        width = formatter.width - 6 - max(map(len, self.list_commands(ctx)))
        for title, section in SECTIONS.items():
            found = {name: self.get_command(ctx, name) for name in section}
            with formatter.section(title):
                formatter.write_dl(
                    [(name, command.get_short_help_str(width)) for name, command in found.items() if command]
                )


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def commands() -> None:
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


def main() -> None:
    """Run the command line; an error is one sentence on stderr and its exit code."""
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, _end)
    try:
        commands(prog_name="manned-train")
    except MannedError as error:
        click.echo(shown(f"manned-train: {error}"), err=True)
        sys.exit(error.exit_code)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _end(*_: object) -> None:
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
