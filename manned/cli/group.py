"""The command ``manned`` itself: which commands there are, and how errors are told."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from .. import __version__
from ..errors import MannedError
from ..files import shown
from ..service.signals import as_usual
from .devices import devices
from .encode import encode
from .gestures import gestures
from .listen import listen
from .models import models
from .page import page
from .presets import presets
from .render import render
from .run import run
from .send import send
from .status import status

OWN_OPTIONS = ("--help", "-h", "--version")
"""Options of the program itself; any other belongs to ``run``."""


class Commands(click.Group):
    """Commands of which ``run`` is the one that need not be typed; errors are one sentence and an exit code."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # Where a shell completes, nothing was typed yet: it may become any command.
        if (not args and not ctx.resilient_parsing) or (
            args and args[0].startswith("-") and args[0] not in OWN_OPTIONS
        ):
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands, and behind a dash the options of ``run`` too."""
        own = super().shell_complete(ctx, incomplete)
        if not incomplete.startswith("-"):
            return own
        known = {item.value for item in own}
        more = run.shell_complete(click.Context(run, ctx, "run"), incomplete)
        return own + [item for item in more if item.value not in known]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was typed; only ``run`` goes on as a program that starts."""
        found = super().resolve_command(ctx, args)
        if found[1] is not run:
            as_usual()
        return found

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except MannedError as error:
            click.echo(shown(f"manned: {error}"), err=True)
            ctx.exit(error.exit_code)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="manned", message="%(prog)s %(version)s")
def main() -> None:
    """A neural timbre synthesizer, played by OSC and MIDI.

    Plain `manned` starts the instrument: it loads a decoder, takes the best audio output there is and plays what
    controllers ask for until Ctrl+C.

    \b
    Examples:
      manned                                     start with everything at its default
      manned send /gate 1                        turn the drone on
      manned send /latents 0.2 0.8               move through the timbres
      manned send /mnote 60 100                  play middle C
      manned listen /latent                      print what is set, by whatever controller
      manned render tune.mid -o tune.wav         a MIDI file to a sound file
      manned page                                play and look in a browser
      manned run --device JACK --record take.wav play through JACK and keep what is heard
    """


for command in (run, render, encode, devices, models, gestures, presets, send, listen, status, page):
    main.add_command(command)
