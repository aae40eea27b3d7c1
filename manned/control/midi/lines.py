"""Lines between the daemon and the process that reads MIDI, in that process; `reader` says what they mean."""

from __future__ import annotations

import json
import os
import select
import sys

LONGEST_MESSAGE = 1024
"""Bytes; system exclusive messages that are longer mean nothing here."""
LONGEST_LINE = 1 << 16
_rest = b""


def tell(kind: str, *values: object) -> None:
    """Write one line to the daemon."""
    os.write(sys.stdout.fileno(), json.dumps([kind, *values]).encode() + b"\n")


def hear(seconds: float) -> list[bytes] | None:
    """Lines that the daemon wrote, after a while at most; None as soon as it is gone."""
    global _rest
    if not select.select([sys.stdin], (), (), seconds)[0]:
        return []
    read = os.read(sys.stdin.fileno(), LONGEST_LINE)
    if not read:
        return None
    *lines, _rest = (_rest + read).split(b"\n")
    return lines
