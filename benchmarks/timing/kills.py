"""Kills: how old the state is that comes back after kill -9 at any moment, and whether it is whole.

Starts the program itself on a silent clock, moves a latent 20 times a second for 0 to 8 seconds, and kills it
without warning.  Then it is started anew on what the state folder holds, a hundred times over.  Every value says which
change it was, so the value that comes back says how long before the kill it had been overtaken by the next one.  A
state that cannot be read is damaged; so is one that the program does not begin with.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from manned.control.osc.client import send
from manned.control.osc.packet import write_message
from manned.errors import PortError, StateError
from manned.state import kept

from ..borrowed import free_port, small_decoder_file
from ..section import Section, quantiles
from ..show import show

PER_SECOND = 20
LONGEST_S = 8.0
STEP = 2.0**-17
"""From one value to the next: exact in 32 bits."""

LATENT = "latent/1"
AIM_S = 5.0
STARTS_WITHIN_S = 120.0


class Victim:
    """The program, which is killed and started again on one state folder.

    Parameters
    ----------
    folder : Path
        Of its settings, its model and its state.
    """

    def __init__(self, folder: Path):
        self.port = free_port()
        self.state = folder / "state"
        settings = {
            "audio.device": "none",
            "midi.api": "none",
            "web.port": 0,
            "osc.port": self.port,
            "log.level": "warning",
            "state.folder": self.state,
            "model.name": small_decoder_file(folder),
        }
        words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
        self._command = [sys.executable, "-m", "manned", "run", *words]
        self._environment = {**os.environ, "XDG_CONFIG_HOME": str(folder)}
        self._process: subprocess.Popen[bytes]

    def start(self) -> float:
        """Start it and wait until it answers; returns the latent that it begins with."""
        self._process = subprocess.Popen(self._command, env=self._environment)
        deadline = time.monotonic() + STARTS_WITHIN_S
        while True:
            try:
                ((_, (value,)),) = send("127.0.0.1", self.port, f"/{LATENT}", [], timeout_s=0.5)
                return float(value)  # type: ignore[arg-type]
            except PortError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def kill(self) -> float:
        """Kill it; returns when, on the monotonic clock."""
        self._process.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        self._process.wait()
        return killed

    def kept(self) -> float | None:
        """The latent that its state folder holds; None when nothing was kept yet.  Raises `StateError`."""
        state = kept.read(self.state)
        return None if state is None else float(state.sound.values[LATENT])


def measure(kills: int = 100, seed: int = 13) -> Section:
    """Kill it so many times."""
    section, moments = Section(), random.Random(seed)
    sent: list[float] = []  # when each change was sent
    ages, damaged, strange = [], 0, 0
    with tempfile.TemporaryDirectory() as name:
        victim, number = Victim(Path(name)), -1
        begins = victim.start()
        for _ in range(kills):
            first = len(sent)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                udp.connect(("127.0.0.1", victim.port))
                _move(udp, sent, moments.uniform(0.0, LONGEST_S))
            killed = victim.kill()
            try:
                value = victim.kept()
                number = number if value is None else round(value / STEP)
                following = max(number + 1, first)  # what an earlier kill took is gone
                ages.append(killed - sent[following] if following < len(sent) else 0.0)
            except StateError:
                damaged += 1
                value = None
            found = victim.start()
            strange += abs(found - (begins if value is None else value)) > STEP / 2
        victim.kill()
    section.text(f"{kills} kills, each 0 to {LONGEST_S:g} s after a start")
    section.table(
        ("measure", "found"),
        (
            ("age of the state, s, median / p95 / max", quantiles(ages) if ages else "–"),
            ("states that could not be read", damaged),
            ("starts with another value than was kept", strange),
        ),
    )
    oldest = max(ages, default=float("inf"))
    section.promise("state after a kill", f"at most {AIM_S:g} s old", f"{oldest:.2f} s", oldest <= AIM_S)
    whole = kills - damaged - strange
    section.promise("whole after a kill", f"{kills} of {kills}", str(whole), whole == kills)
    return section


def _move(udp: socket.socket, sent: list[float], seconds: float) -> None:
    """Move the latent for so long, and note when each change was sent."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        udp.send(write_message(f"/{LATENT}", len(sent) * STEP))
        sent.append(time.monotonic())
        time.sleep(1 / PER_SECOND)


if __name__ == "__main__":
    show(measure)
