"""Ports for what tests and benchmarks start."""

import contextlib
import random
import socket


def free_port() -> int:
    """A port that nobody uses, by UDP and by TCP.

    It lies below those that the system hands out by itself: one of these may be somebody's before it is used.
    The system chooses, since a fit sets Python's own random numbers to the same in every process of tests.
    """
    while True:
        port = random.SystemRandom().randrange(10_000, 30_000)
        with contextlib.suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind(("127.0.0.1", port))
            tcp.bind(("127.0.0.1", port))
            return port
