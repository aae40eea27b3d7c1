"""From names to OSC addresses and back: the one place that knows how the two hang together.

One part plays today and its addresses stand at the root.  Several parts would have
a prefix each, ``/part/{n}``, which these two functions put in front and take off.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

ROOT = "/"


def address_of(name: str) -> str:
    """The OSC address of a parameter or a command, e.g. ``/env/attack`` of ``env/attack``."""
    return ROOT + name


def name_of(address: str) -> str:
    """The name that an OSC address has in the table."""
    return address[len(ROOT) :]


def plain_name(text: str) -> str:
    """The name that somebody means who writes an address, with or without its first slash."""
    return text.removeprefix(ROOT)


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a sentence that names the known address nearest to an unknown name; empty if none is near."""
    # Comparing takes time that grows with the address, and no known one is long.
    found = difflib.get_close_matches(address_of(name), map(address_of, known), 1) if len(name) < 32 else []
    return f"; the nearest is {found[0]}" if found else ""
