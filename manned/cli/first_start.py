"""How far compiling the engine is, which only the first start of a version does: on a terminal, to systemd."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

STEPS = 329
"""Pieces of compiled code that a whole cache holds. It is no promise: telling ends when the engine is there."""

EVERY_S = 0.2
WIDTH = 30
ENGINE, CACHE = "manned.engine", "manned.engine.cache"
SUFFIX = ".nbc"


def tell_compiling(stream: TextIO | None = None, status: Callable[[str], object] | None = None) -> None:
    """Tell how far compiling is, from now until the engine is there.

    It watches from a thread of its own which files come to be, so the engine knows nothing of it.

    Parameters
    ----------
    stream : text stream, optional
        Default ``sys.stderr``.  Nothing is told where it is no terminal: the log has a sentence there.
    status : callable(str), optional
        Is told each new sentence, such as `ServiceManager.status`.
    """
    # A copy, since the log takes the place of what C libraries write to.
    told = stream or sys.stderr
    copy = os.fdopen(os.dup(told.fileno()), "w") if told is not None and told.isatty() else None
    if copy is not None or status is not None:
        threading.Thread(target=_tell, args=(copy, status), name="first start", daemon=True).start()


def _tell(stream: TextIO | None, status: Callable[[str], object] | None) -> None:
    told = False
    for count in _counts():
        told = True
        if stream is not None:
            stream.write(f"\r{progress(count)}")
            stream.flush()
        if status is not None:
            status(sentence(count))
    if stream is not None:
        if told:
            stream.write(f"\r{'the engine is compiled; the next start takes two seconds':{len(progress(0))}}\n")
        stream.close()


def _counts() -> Iterator[int]:
    """Yield how many pieces are there, now and again, while they become more; nothing when they are only loaded."""
    waited, before, compiles = threading.Event(), None, False
    while not waited.wait(EVERY_S) and not _is_there():
        folder = _folder()
        if folder is None:
            continue
        count = sum(1 for _ in folder.rglob(f"*{SUFFIX}"))
        # Compiled code that is only loaded brings no new files.
        compiles = compiles or count == 0 or (before is not None and count > before)
        before = count
        if compiles and not _is_there():
            yield count


def progress(count: int) -> str:
    """The line, when so many pieces are there."""
    part = min(count, STEPS)
    bar = "#" * (WIDTH * part // STEPS)
    return f"compiling the engine, once: [{bar:-<{WIDTH}}] {part:3} of {STEPS}"


def sentence(count: int) -> str:
    """The same for those who show one sentence."""
    return f"compiling the engine, step {min(count + 1, STEPS)} of {STEPS}; this is the first start"


def _is_there() -> bool:
    return hasattr(sys.modules.get(ENGINE), "Engine")


def _folder() -> Path | None:
    """The folder that the engine keeps compiled code in, once it has chosen one."""
    cache = sys.modules.get(CACHE)
    chosen = getattr(getattr(cache, "settings", None), "CACHE_DIR", "")
    return Path(chosen) if chosen else None
