"""``manned send``: one OSC message to a running instrument."""

from __future__ import annotations

import sys

import click

from . import complete
from .options import server_options, server_place
from .text import value_text


@click.command(context_settings={"ignore_unknown_options": True})
@server_options
@click.argument("address", shell_complete=complete.addresses)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, shell_complete=complete.arguments)
def send(
    address: str,
    arguments: tuple[str, ...],
    host: str | None,
    port: int | None,
    config_file: str | None,
    timeout: float,
) -> None:
    """Send one OSC message to a running manned and print what it answers.

    Numbers are sent as numbers, true and false as such, the rest as text. What stands in double quotes of its own is
    text in any case. An address without arguments asks for its value.

    \b
    Examples:
      manned send /gate 1
      manned send /chroma F#
      manned send /bend -0.5
      manned send /env/release
      manned send /preset/save '"7"'
    """
    from ..control.osc.client import send as send_message

    failed = False
    for answer in send_message(*server_place(config_file, host, port), address, arguments, timeout):
        if answer.address in ("/error", "/fail"):
            failed = True
            click.echo(f"manned: {': '.join(map(value_text, answer.arguments))}", err=True)
        else:
            click.echo(" ".join(map(value_text, (answer.address, *answer.arguments))))
    sys.exit(failed)
