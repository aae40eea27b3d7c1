"""`manned` as a process of its own, as people run it."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from free_port import free_port
from preloaded import Preloaded
from small_decoder import small_decoder_file

from manned.control.osc.packet import write_message

STARTS_WITHIN_S = 180.0  # the first start on a machine compiles the engine, beside another process of tests
ENDS_WITHIN_S = 15.0
COMMAND_S = 120.0


def command(*arguments, env=None):
    """Run a command of `manned` to its end; the texts that it printed and its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        output, errors = (Path(folder) / name for name in ("output", "errors"))
        process = Preloaded(arguments, output, errors, env)
        try:
            code = process.wait(COMMAND_S)
        finally:
            process.kill()
        return subprocess.CompletedProcess(arguments, code, output.read_text(), errors.read_text())


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
    anew : bool
        Start Python anew, as with a wrapper, instead of forking what has imported the engine.
    """

    def __init__(self, folder, *options, wrapper=(), anew=False):
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
        words = ["run", *(word for name, value in settings.items() for word in ("--set", f"{name}={value}"))]
        words += map(str, options)
        environment = {**os.environ, "XDG_CONFIG_HOME": str(folder)}
        if not (wrapper or anew):
            self.process = Preloaded(words, self.log, self.log, environment)
            return
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [*map(str, wrapper), sys.executable, "-m", "manned", *words], stdout=log, stderr=log, env=environment
            )

    def __enter__(self):
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not (self._answers() and b": model " in self.log.read_bytes()):  # announced when all parts have started
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise RuntimeError(f"manned did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.05)
        return self

    def _answers(self):
        """Whether it has come to the first message."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking, contextlib.suppress(OSError):
            asking.settimeout(0.5)
            asking.connect(("127.0.0.1", self.port))
            asking.send(write_message("/sync", 1))
            return bool(asking.recv(100))
        return False

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
