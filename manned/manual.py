"""Manual pages, made from what ``--help`` says: ``python -m manned.manual FOLDER``.

Each command has a page of its own, ``manned-send`` for ``manned send``.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from . import __version__
from .cli import main as program

SECTION = 1
PREFORMATTED = "\b"
"""Where click's help begins a paragraph that is kept line by line."""

_SPECIAL = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga"}

FILES = (
    ("/etc/manned/manned.toml", "Settings of the system."),
    ("$XDG_CONFIG_HOME/manned/manned.toml", "Your settings; ~/.config where the variable is not set."),
    ("$XDG_STATE_HOME/manned", "What is kept: presets, gestures; ~/.local/state where the variable is not set."),
)
EXIT_STATUS = (
    ("0", "All is well, or it was stopped by a signal."),
    ("1", "Something needed is missing, or the instrument answered with an error."),
    ("69", "The port of OSC is somebody else's."),
    ("75", "To be started again, after the loss of a sound server."),
    ("78", "A setting is wrong."),
)


def pages(command: click.Command = program, name: str = "manned") -> Iterator[tuple[str, str]]:
    """Yield the file name and the text of each page, in the language of man."""
    context = click.Context(command, info_name=name)
    yield f"{name.replace(' ', '-')}.{SECTION}", _page(command, context, name)
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            yield from pages(command.commands[below], f"{name} {below}")


def _page(command: click.Command, context: click.Context, name: str) -> str:
    summary, *text = _paragraphs(command.help or "")
    title = name.replace(" ", "-")
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [
        f'.TH "{title.upper()}" {SECTION} "" "manned {__version__}" "manned"',
        ".SH NAME",
        f"{_plain(title)} \\- {_plain(_first_sentence(summary))}",
        ".SH SYNOPSIS",
        f"\\fB{_plain(name)}\\fR {_plain(usage)}",
        ".SH DESCRIPTION",
    ]
    for paragraph in (summary, *text):
        lines += _paragraph(paragraph)
    lines += [".SH OPTIONS", *_options(command, context)]
    if isinstance(command, click.Group):
        lines.append(".SH COMMANDS")
        for below in command.list_commands(context):
            member = command.commands[below]
            lines += [
                ".TP",
                f"\\fB{_plain(name)}\\-{_plain(below)}\\fR({SECTION})",
                _plain(member.get_short_help_str(200)),
            ]
        for heading, rows in (("FILES", FILES), ("EXIT STATUS", EXIT_STATUS)):
            lines.append(f".SH {heading}")
            for term, meaning in rows:
                lines += [".TP", f"\\fB{_plain(term)}\\fR", _plain(meaning)]
    else:
        lines += [".SH SEE ALSO", f"\\fBmanned\\fR({SECTION})"]
    return "\n".join(lines) + "\n"


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context) if isinstance(parameter, click.Option) else None
        if record is not None:
            yield from (".TP", f"\\fB{_plain(record[0])}\\fR", _plain(" ".join(record[1].split())))


def _paragraphs(text: str) -> list[str]:
    return [paragraph for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(text)) if paragraph.strip()]


def _paragraph(text: str) -> list[str]:
    """One paragraph of a help; one that begins with `PREFORMATTED` keeps its lines, below its own first one."""
    first, *lines = text.splitlines()
    if first.strip() != PREFORMATTED:
        return [".PP", _plain(" ".join(text.split()))]
    return [".PP", _plain(lines[0]), ".RS", ".nf", *map(_plain, lines[1:]), ".fi", ".RE"]


def _first_sentence(text: str) -> str:
    return re.split(r"[.:;](?:\s|$)", " ".join(text.split()), maxsplit=1)[0]


def _plain(text: str) -> str:
    """A text that means nothing special to man; what is between backticks is bold."""
    text = "".join(_SPECIAL.get(letter, letter if letter.isascii() else f"\\[u{ord(letter):04X}]") for letter in text)
    text = re.sub(r"\\\(ga(.*?)\\\(ga", r"\\fB\1\\fR", text)
    return "\\&" + text if text.startswith(".") else text


def write(folder: Path) -> None:
    """Write all pages into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
