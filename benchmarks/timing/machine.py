"""What timing needs of the machine: a JACK server that keeps real time."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import jack

SERVERS = tuple(f"manned-bench-{number}" for number in range(1, 4))
"""Names for JACK servers: one that ends badly keeps its name for itself, and JACK has room for eight."""

TO_END_WITH_US = ("setpriv", "--pdeathsig", "TERM")
"""A wrapper for commands: what it starts ends when we do, however that comes."""

_REFUSES_WITHIN_S = 1.0
_STARTS_WITHIN_S = 20.0


@contextmanager
def jack_server(period: int, samplerate: int = 44100, log: str | os.PathLike[str] = os.devnull) -> Iterator[None]:
    """A JACK server on the dummy device that keeps real time, found by all JACK clients started inside.

    What it prints goes into ``log``.  It runs with real-time priority where that is allowed, as a musician's does; its
    clients' audio threads then too.

    Raises
    ------
    RuntimeError
        When none can be started.
    """
    os.environ["JACK_NO_START_SERVER"] = "1"
    priority = "-R -P 70" if _realtime_allowed() else "-r"
    for name in SERVERS:
        words = f"jackd -n {name} {priority} -t 5000 -d dummy -r {samplerate} -p {period}".split()
        with open(log, "wb") as printed:
            server = subprocess.Popen([*TO_END_WITH_US, *words], stdout=printed, stderr=printed)
        if _serves(server, name):
            os.environ["JACK_DEFAULT_SERVER"] = name
            break
    else:
        raise RuntimeError(f"jackd did not start under any of the names {', '.join(SERVERS)}")
    try:
        yield
    finally:
        server.terminate()
        server.wait(10)


def _serves(server: subprocess.Popen, name: str) -> bool:
    """Wait until a client can connect; False when the server ends, since its name is in use."""
    with suppress(subprocess.TimeoutExpired):
        server.wait(_REFUSES_WITHIN_S)
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while server.poll() is None and time.monotonic() < deadline:
        with suppress(jack.JackOpenError):
            jack.Client("first", no_start_server=True, servername=name).close()
            return server.poll() is None
        time.sleep(0.1)
    server.terminate()
    server.wait(10)
    return False


def _realtime_allowed() -> bool:
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        return False
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    return True
