"""The first start: another process compiles one part of the engine while this one compiles the other.

Compiling is mostly Python, of which a process runs one thread at a time.  What both parts need is
translated twice, yet two processors are done sooner.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import numba

_PROGRAM = """
import gc, os, sys, threading
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(1)), daemon=True).start()
gc.disable()
sys.path[:] = {path!r}
import {module}
"""
"""It ends with whoever started it: then its input does."""


@contextmanager
def compiling_beside(module: str) -> Iterator[None]:
    """Have a process import a module, so that it is compiled and kept; returns when both are done.

    Where there is one processor, or nothing can be kept, there is no such process.  When it fails, nothing is
    lost but time: whoever imports the module compiles it.
    """
    if not numba.config.CACHE_DIR or not sys.executable or len(os.sched_getaffinity(0)) < 2:  # type: ignore[attr-defined]
        yield
        return
    program = _PROGRAM.format(path=sys.path, module=module)
    started = [sys.executable, "-c", program]
    silent = subprocess.DEVNULL
    try:
        process = subprocess.Popen(started, stdin=subprocess.PIPE, stdout=silent, stderr=silent)
    except OSError:
        yield
        return
    try:
        yield
        process.wait()
    finally:
        with suppress(OSError):
            process.stdin.close()  # type: ignore[union-attr]
        process.wait()
