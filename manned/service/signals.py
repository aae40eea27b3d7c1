"""What signals do before the program can take them in order."""

from __future__ import annotations

import signal
from typing import Any

STOP = (signal.SIGTERM, signal.SIGINT)
RELOAD = signal.SIGHUP
PANIC = signal.SIGUSR1

_former: dict[signal.Signals, Any] = {}


def while_starting() -> None:
    """Let SIGTERM and SIGINT end the process at once and without a word, and SIGHUP and SIGUSR1 pass by.

    So it is while the program loads and compiles, when it holds nothing that has
    to be closed.  `Daemon.run` takes all four over when it starts its parts; a
    command that does not play puts them back by `as_usual`.
    """
    for numbers, action in ((STOP, signal.SIG_DFL), ((RELOAD, PANIC), signal.SIG_IGN)):
        for number in numbers:
            _former.setdefault(number, signal.getsignal(number))
            signal.signal(number, action)


def as_usual() -> None:
    """Undo `while_starting`: Ctrl+C raises, so that what is being written is removed."""
    while _former:
        number, action = _former.popitem()
        signal.signal(number, action)
