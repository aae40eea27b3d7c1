"""The command line: ``manned`` and its commands, one file each.

Commands import what they need when they run, so that help and ``manned send``
answer at once.
"""

from __future__ import annotations

from .group import main

__all__ = ["main"]
