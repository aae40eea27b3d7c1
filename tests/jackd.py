"""A JACK server with a dummy device: real audio and MIDI ports on a machine without sound hardware."""

from __future__ import annotations

import subprocess
import time

import jack
import pytest

SAMPLERATE = 44100
BLOCKSIZE = 64
STARTS_WITHIN_S = 10.0
ENDS_WITHIN_S = 30.0
_REFUSES_WITHIN_S = 0.3
_NAMES = tuple(f"manned-test-{number}" for number in range(1, 5))


class JackServer:
    """One jackd on the dummy device, synchronous: nothing is ever lost, the clock slips instead.

    The name is the first of a small fixed set that no other test run on this
    machine uses, because every killed server would leak one of JACK's eight slots.

    Parameters
    ----------
    log : path
        File that gets what the server prints.
    environment : pytest.MonkeyPatch
        Where ``JACK_DEFAULT_SERVER`` and ``JACK_NO_START_SERVER`` are set.
    """

    def __init__(self, log, environment):
        self.samplerate = SAMPLERATE
        self.blocksize = BLOCKSIZE
        self.name = None
        self._log = log
        self._environment = environment
        self._process = None

    def start(self) -> None:
        """Start the server and return when clients can connect; again after `stop`, under the same name."""
        for name in (self.name,) if self.name else _NAMES:
            self._process = self._run(name)
            if self._process is not None:
                self.name = name
                self._environment.setenv("JACK_DEFAULT_SERVER", name)
                self._environment.setenv("JACK_NO_START_SERVER", "1")
                return self._wait()
        raise RuntimeError(f"no JACK server could be started, see {self._log}")

    def stop(self) -> None:
        """End the server cleanly (SIGTERM), so that its name can be used again."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(ENDS_WITHIN_S)
            except subprocess.TimeoutExpired:  # it waits for a client that died; its name stays taken
                self._process.kill()
                self._process.wait()
            self._process = None

    def _run(self, name: str):
        """Start jackd; None when it refuses, because the name is in use."""
        options = f"-n {name} -r -S -t 5000 -d dummy -r {SAMPLERATE} -p {BLOCKSIZE}"
        with open(self._log, "ab") as log:
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "jackd", *options.split()], stdout=log, stderr=subprocess.STDOUT
            )
        try:
            process.wait(_REFUSES_WITHIN_S)
        except subprocess.TimeoutExpired:
            return process
        return None

    def _wait(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN_S
        while True:
            try:
                jack.Client("manned-test-probe", no_start_server=True).close()
                return
            except jack.JackOpenError:
                if time.monotonic() > deadline:
                    self.stop()
                    raise
            time.sleep(0.05)


@pytest.fixture(scope="session")
def jack_server(tmp_path_factory):
    """A running `JackServer` that every JACK client of this test run finds by default."""
    with pytest.MonkeyPatch.context() as environment:
        server = JackServer(tmp_path_factory.mktemp("jack") / "jackd.log", environment)
        server.start()
        yield server
        server.stop()
