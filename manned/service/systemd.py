"""Telling systemd how the service is: the few lines of the sd_notify protocol, and the part that speaks them.

See sd_notify(3).  Without ``NOTIFY_SOCKET`` in the environment nothing is sent.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable, Mapping

from .. import PROGRAM
from .parts import Lifecycle, LifecycleEvent, Part


class ServiceManager:
    """The service manager, as a service speaks to it.

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

    def __init__(self, environment: Mapping[str, str] | None = None):
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
        """The service ends."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if self._address:
            try:
                with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notify:
                    notify.settimeout(1.0)
                    notify.sendto(message.encode(), self._address)
            except OSError:  # the manager is gone; the music goes on
                pass


class SystemdPart(Part):
    """Keeps the service manager informed.

    Parameters
    ----------
    manager : ServiceManager
    plays : callable() -> bool
        Whether the first block has been played, which makes the service ready.
    alive : callable() -> bool
        Whether all is well.
    sentence : callable() -> str
        The state for people.
    """

    name = "systemd"

    def __init__(
        self,
        manager: ServiceManager,
        plays: Callable[[], bool],
        alive: Callable[[], bool],
        sentence: Callable[[], str],
    ):
        self._manager = manager
        self._plays = plays
        self._alive = alive
        self._sentence = sentence
        self._ready = False

    def told(self, event: LifecycleEvent) -> None:
        """Hear of the program's states; to be called for every event."""
        if event == LifecycleEvent(PROGRAM, Lifecycle.RELOADING):
            self._manager.reloading()
        elif event == LifecycleEvent(PROGRAM, Lifecycle.RUNNING) and self._ready:
            self._manager.ready()
        elif event == LifecycleEvent(PROGRAM, Lifecycle.STOPPING):
            self._manager.stopping()

    async def run(self) -> None:
        """Tell the state when it changes, and several times per watchdog period that all is well."""
        period_s = min(1.0, (self._manager.watchdog_s or 3.0) / 3.0)
        while True:
            self._manager.status(self._sentence())
            if not self._ready and self._plays():
                self._manager.ready()
                self._ready = True
            if self._alive():
                self._manager.alive()
            await asyncio.sleep(period_s)
