"""What signals do before the program can take them in order."""

from __future__ import annotations

import signal

STOP = (signal.SIGTERM, signal.SIGINT)
RELOAD = signal.SIGHUP
PANIC = signal.SIGUSR1


def while_starting() -> None:
    """Let SIGTERM and SIGINT end the process at once, and SIGHUP and SIGUSR1 pass by.

    So it is while the program loads and compiles, when it holds nothing that has
    to be closed.  `Daemon.run` takes all four over when it starts its parts.
    """
    for number in STOP:
        signal.signal(number, signal.SIG_DFL)
    for number in (RELOAD, PANIC):
        signal.signal(number, signal.SIG_IGN)
