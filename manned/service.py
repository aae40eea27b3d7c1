"""Telling systemd how the service is: the few lines of the sd_notify protocol.

See sd_notify(3).  Without ``NOTIFY_SOCKET`` in the environment nothing is sent.
"""

from __future__ import annotations

import os
import socket
import time


class Service:
    """The service manager's ear.

    Parameters
    ----------
    environment : mapping, optional
        Default ``os.environ``; ``NOTIFY_SOCKET``, ``WATCHDOG_USEC`` and
        ``WATCHDOG_PID`` are read.

    Attributes
    ----------
    watchdog_s : float or None
        The manager ends the process after so many seconds without `alive`.
    """

    def __init__(self, environment=None):
        environment = os.environ if environment is None else environment
        self._address = environment.get("NOTIFY_SOCKET", "")
        if self._address.startswith("@"):
            self._address = "\0" + self._address[1:]
        microseconds = environment.get("WATCHDOG_USEC", "")
        ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.watchdog_s = int(microseconds) / 1e6 if microseconds.isdecimal() and ours else None
        self._status = ""

    def ready(self) -> None:
        """Started, or reloaded: the instrument plays."""
        self._send("READY=1")

    def status(self, sentence: str) -> None:
        """What ``systemctl status`` shows; sent when it changed."""
        if sentence != self._status:
            self._status = sentence
            self._send("STATUS=" + sentence.replace("\n", " "))

    def alive(self) -> None:
        """All is well; to be called several times per ``watchdog_s``."""
        if self.watchdog_s is not None:
            self._send("WATCHDOG=1")

    def reloading(self) -> None:
        """The configuration is being read again; `ready` ends it."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if self._address:
            try:
                with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notify:
                    notify.settimeout(1.0)
                    notify.sendto(message.encode(), self._address)
            except OSError:  # the manager is gone; the music goes on
                pass
