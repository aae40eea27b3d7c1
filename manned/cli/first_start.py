"""How far compiling the engine is, which only the first start of a version does: on a terminal, to systemd."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TextIO

STEPS = 348
"""Functions that are compiled in all. It is no promise: telling ends when the engine is there."""

EVERY_S = 0.2
WIDTH = 30
ENGINE, NATIVE = "manned.engine.engine", "manned.engine.native"


def tell_compiling(stream: TextIO | None = None, status: Callable[[str], object] | None = None) -> None:
    """Tell how far compiling is, from now until the engine is there.

    It watches from a thread of its own, so the engine knows nothing of it.

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
    """Yield how many functions were compiled, now and again; nothing when they are only loaded."""
    waited = threading.Event()
    while not waited.wait(EVERY_S) and not _is_there():
        count = getattr(sys.modules.get(NATIVE), "compiled", 0)
        if count:
            yield count


def progress(count: int) -> str:
    """The line, when so many functions are compiled."""
    part = min(count, STEPS)
    bar = "#" * (WIDTH * part // STEPS)
    return f"compiling the engine, once: [{bar:-<{WIDTH}}] {part:3} of {STEPS}"


def sentence(count: int) -> str:
    """The same for those who show one sentence."""
    return f"compiling the engine, step {min(count + 1, STEPS)} of {STEPS}; this is the first start"


def _is_there() -> bool:
    return hasattr(sys.modules.get(ENGINE), "Engine")
