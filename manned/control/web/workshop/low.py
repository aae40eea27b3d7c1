"""``python -m manned.control.web.workshop.low PARENT WORD …``: become another Python program, of the lowest priority.

It gets only the time that nobody else wants, the system ends it first when memory is short, and it ends with the
process that started it, however that ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys

_NICENESS = 19
_PR_SET_PDEATHSIG = 1
_FIRST_TO_END = "1000"


def yield_to_others() -> None:
    """Take the lowest priority there is, for this process and those that it starts."""
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    with contextlib.suppress(AttributeError, OSError):  # Linux alone; it makes reading and writing idle, too
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write(_FIRST_TO_END)


def end_with(parent: int) -> None:
    """Have the system end this process when its parent ends."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)


def main(words: list[str]) -> None:
    """Do as the module says."""
    end_with(int(words[0]))
    yield_to_others()
    os.execv(sys.executable, [sys.executable, *words[1:]])


if __name__ == "__main__":
    main(sys.argv[1:])
