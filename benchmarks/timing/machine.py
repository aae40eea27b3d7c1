"""What timing needs of the machine: a JACK server that keeps real time, and a free port."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

SERVER = "manned-bench"


@contextmanager
def jack_server(period: int, samplerate: int = 44100) -> Iterator[None]:
    """A JACK server on the dummy device that keeps real time, found by all JACK clients started inside.

    It runs with real-time priority where that is allowed, as a musician's does; its clients' audio threads then too.
    """
    os.environ["JACK_DEFAULT_SERVER"] = SERVER
    os.environ["JACK_NO_START_SERVER"] = "1"
    priority = "-R -P 70" if _realtime_allowed() else "-r"
    words = f"jackd -n {SERVER} {priority} -t 5000 -d dummy -r {samplerate} -p {period}".split()
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(1.0)
        yield
    finally:
        server.terminate()
        server.wait(10)


def _realtime_allowed() -> bool:
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        return False
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    return True


def free_port() -> int:
    """A port that nobody uses, neither by UDP nor by TCP."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
        udp.bind(("127.0.0.1", 0))
        tcp.bind(udp.getsockname())
        return udp.getsockname()[1]
