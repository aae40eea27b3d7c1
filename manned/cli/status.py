"""``manned status``: how a running instrument is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import click

from ..errors import MannedError
from ..files import shown
from .options import server_options, server_place
from .text import value_text

GROUPS = (
    ("Program", ("version", "uptime", "model", "latents", "scale", "keyboard")),
    ("Sound", ("audio", "device", "samplerate", "channels", "latency", "engine_latency", "realtime_", "recording")),
    ("Load", ("voices", "load_", "peak", "clock", "blocks")),
    ("Trouble", ("late_", "overruns", "device_", "dropped_", "recording_failed", "recording_lost")),
    ("OSC", ("osc_", "scheduled")),
    ("Web", ("web_",)),
    ("MIDI", ("midi_",)),
)
"""A heading, and how the names below it begin; what begins with more letters of one belongs there."""

OTHERS = "More"
SWITCHES = ("realtime_", "recording_failed", "midi_running")
"""What is told as 0 or 1 and means no or yes."""

UNITS = (("_ms", "ms"), ("_s", "s"), ("samplerate", "Hz"))
WATCH_S = 1.0


@click.command()
@click.option("--watch", is_flag=True, help="Tell it anew each second, until Ctrl+C.")
@server_options
def status(watch: bool, host: str | None, port: int | None, config_file: str | None, timeout: float) -> None:
    """Say how the running manned is: device, load, voices, model and what went wrong since its start.

    \b
    Examples:
      manned status
      manned status --watch
    """
    place = server_place(config_file, host, port)
    if not watch:
        click.echo(_report(place, timeout))
        return
    try:
        while True:
            try:
                report = _report(place, timeout)
            except MannedError as error:
                report = shown(str(error))
            click.clear()  # on a terminal only
            click.echo(report)
            time.sleep(WATCH_S)
    except KeyboardInterrupt:
        pass


def _report(place: tuple[str, int], timeout: float) -> str:
    """All that ``/status`` tells, in groups."""
    from ..control.osc.client import send as send_message

    rows: dict[str, list[tuple[str, str]]] = {title: [] for title, _ in GROUPS} | {OTHERS: []}
    for answer in send_message(*place, "/status", (), timeout):
        for name, value in zip(answer.arguments[::2], answer.arguments[1::2]):
            rows[_group(str(name))].append(_row(str(name), value))
    width = max((len(name) for members in rows.values() for name, _ in members), default=0)
    lines = []
    for title, members in rows.items():
        lines += [title, *(f"  {name:{width}}  {text}" for name, text in members)] if members else []
    return "\n".join(lines)


def _group(name: str) -> str:
    """The heading of a name."""
    found = [(len(begin), title) for title, begins in GROUPS for begin in begins if name.startswith(begin)]
    return max(found)[1] if found else OTHERS


def _row(name: str, value: Any) -> tuple[str, str]:
    """A name and value of ``/status`` for people: units behind the value, loads in percent, yes and no."""
    text = value_text(value) if value != "" else "–"
    if name.startswith("load_"):
        text = f"{100 * value:.1f} %"
    elif _starts(name, SWITCHES) or isinstance(value, bool):
        text = "yes" if value else "no"
    for suffix, unit in UNITS:
        if name.endswith(suffix):
            text = f"{text} {unit}"
            name = name.removesuffix(suffix) if suffix.startswith("_") else name
            break
    return name.replace("_", " "), text


def _starts(name: str, begins: Sequence[str]) -> bool:
    return any(name.startswith(begin) for begin in begins)
