"""``manned status``: how a running instrument is."""

from __future__ import annotations

from typing import Any

import click

from .options import server_options, server_place
from .text import value_text


@click.command()
@server_options
def status(host: str | None, port: int | None, config_file: str | None, timeout: float) -> None:
    """Say how the running manned is: device, load, voices, model and what went wrong since its start."""
    from ..control.osc.client import send as send_message

    for answer in send_message(*server_place(config_file, host, port), "/status", (), timeout):
        rows = [_row(str(name), value) for name, value in zip(answer.arguments[::2], answer.arguments[1::2])]
        width = max(len(name) for name, _ in rows)
        for name, text in rows:
            click.echo(f"{name:{width}}  {text}")


def _row(name: str, value: Any) -> tuple[str, str]:
    """A name and value of ``/status`` for people: units behind the value, loads in percent."""
    text = value_text(value) if value != "" else "–"
    for suffix, unit in (("_ms", "ms"), ("_s", "s"), ("samplerate", "Hz")):
        if name.endswith(suffix):
            text = f"{text} {unit}"
            name = name.removesuffix(suffix) if suffix.startswith("_") else name
            break
    if name.startswith("load_"):
        text = f"{100 * value:.1f} %"
    return name.replace("_", " "), text
