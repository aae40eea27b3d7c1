"""Which ports are read, and which output belongs to an input, by their names."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence

CLIENT = "manned-midi"
VIRTUAL_PORT = "manned"
THROUGH = "through"
_WILDCARD = re.compile(r"[*?]")
_ENDS = re.compile(r"\b(capture|playback|in|out|input|output)\b|\d+:\d+$")
"""Words and numbers in which the two ports of a device differ."""


def wanted(name: str, patterns: Sequence[str]) -> bool:
    """Whether one of the patterns asks for a port.

    ``*`` and ``?`` stand for any text and any character, upper and lower case
    are the same; a pattern without them matches any name that contains it.  Our
    own ports are never asked for, and those that echo what programs send
    (``Midi Through``) only by a pattern that says "through".
    """
    name = name.lower()
    if name.startswith(CLIENT):
        return False
    patterns = [pattern.lower().replace("[", "[[]") for pattern in patterns]
    if THROUGH in name:
        patterns = [pattern for pattern in patterns if THROUGH in pattern]
    patterns = [pattern if _WILDCARD.search(pattern) else f"*{pattern}*" for pattern in patterns]
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def counterpart(name: str, outputs: Sequence[str]) -> str | None:
    """The output port that belongs to an input port: of the same name, but for words such as "capture"; or None."""
    if name in outputs:
        return name
    same = [other for other in outputs if _plain(other) == _plain(name)]
    return same[0] if len(same) == 1 else None


def _plain(name: str) -> str:
    return " ".join(_ENDS.sub("", name.lower()).split())
