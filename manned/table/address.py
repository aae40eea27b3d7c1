"""From names to OSC addresses and back: the one place that knows how the two hang together.

One part plays today and its addresses stand at the root.  Several parts would have
a prefix each, ``/part/{n}``, which these two functions put in front and take off.
"""

from __future__ import annotations

ROOT = "/"


def address_of(name: str) -> str:
    """The OSC address of a parameter or a command, e.g. ``/env/attack`` of ``env/attack``."""
    return ROOT + name


def name_of(address: str) -> str:
    """The name that an OSC address has in the table."""
    return address[len(ROOT) :]
