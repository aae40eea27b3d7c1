"""`manned` as a process of its own, as people run it."""

import contextlib
import os
import random
import socket
import subprocess
import sys
import time

from small_decoder import small_decoder_file

STARTS_WITHIN_S = 180.0  # the first start on a machine compiles the engine, beside another process of tests
ENDS_WITHIN_S = 15.0


def command(*arguments, **options):
    """Run a command of `manned` to its end; the texts that it printed and its exit code."""
    return subprocess.run(
        [sys.executable, "-m", "manned", *map(str, arguments)], capture_output=True, text=True, timeout=120, **options
    )


class RunningManned:
    """A running `manned`, by default on a silent clock, with the model ``small`` and a free OSC port.

    Parameters
    ----------
    folder : path
        Where its model and its log are.
    options : str
        More options of `manned run`.
    wrapper : sequence of str
        A command that runs `manned` in other surroundings and becomes it by exec.
    """

    def __init__(self, folder, *options, wrapper=()):
        self.port = free_port()
        self.log = folder / "manned.log"
        small_decoder_file(folder)
        settings = {
            "osc.port": self.port,
            "audio.device": "none",
            "audio.samplerate": 44100,
            "midi.api": "none",
            "web.port": 0,
            "state.folder": folder / "state",
            "model.folders": folder,
            "model.name": "small",
        }
        words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [*map(str, wrapper), sys.executable, "-m", "manned", "run", *words, *map(str, options)],
                stdout=log,
                stderr=log,
                env={**os.environ, "XDG_CONFIG_HOME": str(folder)},
            )

    def __enter__(self):
        deadline = time.monotonic() + STARTS_WITHIN_S
        while self.send("/sync", 1, "--timeout", 0.5).returncode:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise RuntimeError(f"manned did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        self.end()

    def end(self) -> int:
        """Ask it to end and wait; its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(ENDS_WITHIN_S)

    def send(self, *arguments):
        """`manned send` to it."""
        return command("send", "--timeout", 10, *arguments, "--port", self.port)

    def ask(self, address):
        """Its answer to a question, as `manned send` prints it, without the address."""
        return self.send(address).stdout.strip().removeprefix(address).strip()


def free_port() -> int:
    """A port that nobody uses, by UDP and by TCP.

    It lies below those that the system hands out by itself: one of these may be somebody's before it is used.
    """
    while True:
        port = random.randrange(10_000, 30_000)
        with contextlib.suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind(("127.0.0.1", port))
            tcp.bind(("127.0.0.1", port))
            return port
