"""Writes ``configs/manned.toml``: every setting with its meaning, range and default, commented out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields

from ..table.parameters import ROWS
from .sections import SECTIONS
from .setting import Setting, literal

HEAD = """\
# Settings of manned. Every line here is a default: uncomment what you change.
# Read in this order, later ones win: /etc/manned/manned.toml, ~/.config/manned/manned.toml,
# the file of --config, environment variables such as MANNED_OSC_PORT, and --set osc.port=9000.
"""

START = """
# Parameter values at start. What is shown of latent 1, macro 1 and LFO 1 is there for the others too.
[start]
"""


def default_file() -> str:
    """The text of ``configs/manned.toml``."""
    parts = [HEAD]
    for section, keys in SECTIONS.items():
        if section == "log":
            parts += [START, *_start_values()]
        parts.append(f"\n# {keys.__doc__}\n[{section}]\n")
        parts += [_key(section, key.name, key.metadata["setting"]) for key in fields(keys)]
    return "".join(parts)


def _key(section: str, name: str, row: Setting) -> str:
    if isinstance(row.default, dict):
        lines = [f"#{key} = {literal(value)}\n" for key, value in row.default.items()]
        return f"\n# {row.description}\n[{section}.{name}]\n" + "".join(lines)
    goes_without_saying = row.kind in (str, bool) and not row.choices
    allowed = "" if goes_without_saying else f"# Allowed: {row.allowed_text()}.\n"
    return f"\n# {row.description}\n{allowed}#{name} = {literal(row.default)}\n"


def _start_values() -> Iterator[str]:
    for row in ROWS:
        name = row.name.format(i=1, k=1, e=1, m=1)
        key = json.dumps(name) if "/" in name else name
        yield f"\n# {row.description}\n# Allowed: {row.setting_text()}.\n#{key} = {literal(row.default)}\n"
