"""What the benchmarks share: quantiles, a JACK server, the shipped instrument, markdown tables."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from contextlib import contextmanager

import numpy as np

from manned.engine import Engine
from manned.instrument import Instrument
from manned.session import open_session

SERVER = "manned-bench"


def shipped_instrument(samplerate: int = 44100, channels: int = 1) -> Instrument:
    """The instrument that `manned run` would start, without its daemon."""
    return open_session(engine=Engine(samplerate, channels)).instrument


@contextmanager
def jack_server(period: int, samplerate: int = 44100):
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
    """A UDP port that nobody uses."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        return udp.getsockname()[1]


def quantiles(values, scale: float = 1.0) -> str:
    """``median / p95 / max`` of some values, scaled."""
    median, high, most = np.quantile(np.asarray(values) * scale, [0.5, 0.95, 1.0])
    return f"{median:.2f} / {high:.2f} / {most:.2f}"


def table(heads, rows) -> None:
    """Print a markdown table."""
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads))
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    print(flush=True)
