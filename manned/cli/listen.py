"""``manned listen``: what a running instrument is set to, as it changes."""

from __future__ import annotations

from collections.abc import Sequence

import click

from . import complete
from .options import server_options, server_place
from .text import value_text

PER_SECOND = 10
"""How often levels and notes are told."""

STREAMS = ("/meter", "/voice")


@click.command()
@server_options
@click.argument("addresses", metavar="[ADDRESS]...", nargs=-1, shell_complete=complete.addresses)
def listen(
    addresses: tuple[str, ...], host: str | None, port: int | None, config_file: str | None, timeout: float
) -> None:
    """Print what is set at a running manned, by whatever controller, until Ctrl+C.

    ADDRESSes, or patterns of them, choose what is printed: one means all below it too. /meter and /voice, which
    tell levels and notes, are there only when they are named.

    \b
    Examples:
      manned listen
      manned listen /latent /gate
      manned listen '/env/*' /meter
    """
    from ..control.osc.client import listen as listen_to
    from ..control.osc.packet import write_message

    streams = [stream for stream in STREAMS if stream in addresses]
    everything = not addresses or len(streams) < len(addresses)
    ask = [write_message("/notify", 1)] * everything + [write_message(stream, PER_SECOND) for stream in streams]
    end = [write_message("/notify", 0)] + [write_message(stream, 0) for stream in streams]
    messages = listen_to(*server_place(config_file, host, port), ask, end, timeout)
    try:
        for message in messages:
            if message.address == "/error" or _is_chosen(message.address, addresses):
                click.echo(" ".join(map(value_text, (message.address, *message.arguments))))
    except KeyboardInterrupt:
        pass
    finally:
        messages.close()


def _is_chosen(address: str, addresses: Sequence[str]) -> bool:
    """Whether an address is one of those that were named, lies below one, or none was named."""
    from ..control.osc.patterns import matching

    if not addresses:
        return True
    parts = address.split("/")
    above = {"/".join(parts[: count + 1]) for count in range(1, len(parts))}
    return any(matching(chosen.rstrip("/"), above) for chosen in addresses)
