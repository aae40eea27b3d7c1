"""A line that moves while the engine is compiled, which only the first start of a version does."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import TextIO

STEPS = 329
"""Pieces of compiled code that a whole cache holds. It is no promise: the line ends when the engine is there."""

EVERY_S = 0.2
WIDTH = 30
ENGINE, CACHE = "manned.engine", "manned.engine.cache"
SUFFIX = ".nbc"


def tell_compiling(stream: TextIO | None = None) -> None:
    """Tell how far compiling is, on a terminal, from now until the engine is there.

    It watches from a thread of its own which files come to be, so the engine knows nothing of it.

    Parameters
    ----------
    stream : text stream, optional
        Default ``sys.stderr``.  Nothing is told where it is no terminal: the log has a sentence there.
    """
    # A copy, since the log takes the place of what C libraries write to.
    told = stream or sys.stderr
    if told is not None and told.isatty():
        copy = os.fdopen(os.dup(told.fileno()), "w")
        threading.Thread(target=_tell, args=(copy,), name="first start", daemon=True).start()


def _tell(stream: TextIO) -> None:
    waited, before, told = threading.Event(), None, False
    while not waited.wait(EVERY_S) and not _is_there():
        folder = _folder()
        count = None if folder is None else sum(1 for _ in folder.rglob(f"*{SUFFIX}"))
        # Compiled code that is only loaded brings no new files.
        if count is not None and before is not None and count > before:
            told = True
            stream.write(f"\r{progress(count)}")
            stream.flush()
        before = count if before is None or not told else before
    if told:
        stream.write(f"\r{'the engine is compiled; the next start takes two seconds':{len(progress(0))}}\n")
    stream.close()


def progress(count: int) -> str:
    """The line, when so many pieces are there."""
    part = min(count, STEPS)
    bar = "#" * (WIDTH * part // STEPS)
    return f"compiling the engine, once: [{bar:-<{WIDTH}}] {part:3} of {STEPS}"


def _is_there() -> bool:
    return hasattr(sys.modules.get(ENGINE), "Engine")


def _folder() -> Path | None:
    """The folder that the engine keeps compiled code in, once it has chosen one."""
    cache = sys.modules.get(CACHE)
    chosen = getattr(getattr(cache, "settings", None), "CACHE_DIR", "")
    return Path(chosen) if chosen else None
