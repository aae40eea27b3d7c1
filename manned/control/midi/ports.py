"""MIDI ports: found by name, read, lost and found again.

The reading itself is done by a process of its own; `reader` says why.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any, cast

from ...errors import MannedError, PortError

log = logging.getLogger(__name__)

_READER = "import sys; sys.path[:] = {path!r}; from manned.control.midi.reader import main; main()"
RESTART_AFTER_S = 1.0
ENDS_WITHIN_S = 1.0
LISTS_WITHIN_S = 10.0
FIRST_STATUS, EXCLUSIVE, END_OF_EXCLUSIVE = 0x80, 0xF0, 0xF7
LONGEST_EXCLUSIVE = 1024
"""Bytes of a system exclusive message; what is longer means nothing here."""
MOST_UNSENT = 1 << 16
"""Bytes that wait for the reading process at most."""


class Ports:
    """The ports that are read, kept up for as long as the daemon runs.

    Nothing here blocks, and no trouble of the MIDI system gets in: when the
    reading process ends, its ports count as lost and a new one is started.

    Parameters
    ----------
    api : {'auto', 'alsa', 'jack'}
    patterns : sequence of str
        Names of the ports to read, see `reader.wanted`.
    virtual_port : bool
        Offer an input port of our own.
    received : callable
        ``received(port, data, seconds, due)``, as `input.MidiInput.received`, in the control thread; without ``due``
        from ALSA.
    opened : callable
        ``opened(port)`` when a port is read from now on, in the control thread.
    lost : callable
        ``lost(port)`` when a port has gone, in the control thread.

    Attributes
    ----------
    system : str or None
        The MIDI system that is read from; None while there is none.
    names : list of str
        All ports there are.
    opened : set of str
        Those that are read.
    """

    def __init__(
        self,
        api: str,
        patterns: Sequence[str],
        virtual_port: bool,
        received: Callable[..., None],
        opened: Callable[[str], None],
        lost: Callable[[str], None],
    ):
        self._arguments = reading_process(api, patterns, virtual_port)
        self._received = received
        self._opened = opened
        self._lost = lost
        self._process: _Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._numbered: dict[int, str] = {}
        self._exclusive: dict[str, list[int]] = {}
        self._system_logged = False
        self.system: str | None = None
        self.names: list[str] = []
        self.opened: set[str] = set()

    async def start(self) -> None:
        """Start looking for ports; returns before any is found."""
        self._task = asyncio.get_running_loop().create_task(self._keep_reading())

    async def stop(self) -> None:
        """End the reading and report every open port as lost."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def send(self, name: str, data: Sequence[int]) -> None:
        """Send a message to the device of a port; one that takes nothing, or too slowly, gets none."""
        if self._process is not None:
            self._process.tell("send", name, list(data))

    async def _keep_reading(self) -> None:
        while True:
            try:
                await self._read()
            except OSError as error:
                log.warning(
                    "MIDI: the process that reads it cannot be started (%s); trying again", error.strerror or error
                )
            except Exception:
                log.exception("MIDI: the reading of ports failed; trying again")
            await asyncio.sleep(RESTART_AFTER_S)

    async def _read(self) -> None:
        """Run one reading process for as long as it lives."""
        loop = asyncio.get_running_loop()
        silent = {"stderr": subprocess.DEVNULL, "env": _environment(), "start_new_session": True}
        self._exclusive.clear()
        _, process = await loop.subprocess_exec(lambda: _Process(self._take), *self._arguments, **silent)
        self._process = process
        try:
            await process.silent
        finally:
            self._process = None
            for name in [*self.opened]:
                self._take_news("lost", name)
            self.names = []
            await process.end()

    def _take(self, line: bytes) -> None:
        """Take a line of the reading process, see `reader`."""
        if not line.startswith(b"["):
            self._take_native(line)
            return
        kind, *values = json.loads(line)
        if kind == "midi":
            self._received(*values)
        elif kind == "numbered":
            name, number = values
            self._numbered = {k: other for k, other in self._numbered.items() if other != name} | {number: name}
        else:
            self._take_news(kind, *values)

    def _take_native(self, line: bytes) -> None:
        """Take a message as `jack_input` tells it; exclusive ones may come in pieces."""
        name = self._numbered[int(line[:8], 16)]
        seconds, due = 1e-6 * int(line[8:24], 16), 1e-6 * int(line[24:40], 16)
        data = [*bytes.fromhex(line[40:].decode())]
        if data and data[0] <= END_OF_EXCLUSIVE:  # others may come between the pieces
            begun = self._exclusive.pop(name, [])
            if data[0] < FIRST_STATUS or data[0] == END_OF_EXCLUSIVE:
                data = begun + data
        if data and data[0] == EXCLUSIVE and data[-1] != END_OF_EXCLUSIVE and len(data) < LONGEST_EXCLUSIVE:
            self._exclusive[name] = data
        else:
            self._received(name, data, seconds, due)

    def _take_news(self, kind: str, value: Any) -> None:
        """Take what the reading process says of its ports, see `reader`."""
        if kind == "opened":
            self.opened.add(value)
            log.info("MIDI: playing from %s", value)
            self._opened(value)
        elif kind == "lost":
            self.opened.discard(value)
            log.info("MIDI: %s has gone", value)
            self._report_lost(value)
        elif kind == "ports":
            self.names = value
        elif kind == "system":
            self._log_system(value)
        elif kind == "failed":
            log.warning("MIDI: %s; trying again", value)

    def _report_lost(self, name: str) -> None:
        """Report a port as lost; nothing that comes of it may keep the reading from ending or going on."""
        try:
            self._lost(name)
        except MannedError as error:
            log.warning("MIDI: %s is let go of late: %s", name, error)
        except Exception:
            log.exception("MIDI: %s cannot be let go of", name)

    def _log_system(self, system: str | None) -> None:
        if self._system_logged and system == self.system:
            return
        self._system_logged = True
        self.system = system
        if system is None:
            log.warning("MIDI: neither an ALSA sequencer nor a JACK server is there to read from, looking for one")
        else:
            log.info("MIDI: reading ports of %s", system.upper())


class _Process(asyncio.SubprocessProtocol):
    """A reading process.  What it tells is taken as it comes, without a stream and a task in between: a note waits.

    Parameters
    ----------
    take : callable
        Given each line.

    Attributes
    ----------
    silent : asyncio.Future
        Done when the process tells nothing more; with the exception that ``take`` raised, if it did.
    """

    def __init__(self, take: Callable[..., None]):
        self._take = take
        self._rest = b""
        self._ended = asyncio.Event()
        self.silent: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It runs."""
        self._transport = cast(asyncio.SubprocessTransport, transport)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Take whole lines, unless one of them failed."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        try:
            for line in lines:
                if not self.silent.done():
                    self._take(line)
        except Exception as error:
            self._be_silent(error)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """Its output is closed, or its input."""
        if fd == 1:
            self._be_silent()

    def process_exited(self) -> None:
        """It has ended."""
        self._ended.set()

    def _be_silent(self, error: Exception | None = None) -> None:
        if self.silent.done():
            return
        if error is None:
            self.silent.set_result(None)
        else:
            self.silent.set_exception(error)

    def tell(self, kind: str, *values: object) -> None:
        """Write it a line, unless it takes them too slowly."""
        stdin = self._stdin
        if not stdin.is_closing() and stdin.get_write_buffer_size() < MOST_UNSENT:
            stdin.write(json.dumps([kind, *values]).encode() + b"\n")

    @property
    def _stdin(self) -> asyncio.WriteTransport:
        return cast(asyncio.WriteTransport, self._transport.get_pipe_transport(0))

    async def end(self) -> None:
        """Tell it to end, by closing its input, and see that it does."""
        self._stdin.close()
        try:
            await asyncio.wait_for(self._ended.wait(), ENDS_WITHIN_S)
        except asyncio.TimeoutError:
            self._transport.kill()
            await self._ended.wait()
        self._transport.close()


def list_ports(api: str = "auto") -> tuple[str | None, list[str]]:
    """The MIDI system that ``api`` stands for here, and the names of the ports that can be read.

    Raises
    ------
    PortError
        When the MIDI system does not answer.
    """
    try:
        done = subprocess.run(
            reading_process(api, once=True),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            timeout=LISTS_WITHIN_S,
        )
    except subprocess.TimeoutExpired:
        raise PortError(f"MIDI: {api} did not list its ports within {LISTS_WITHIN_S:g} s") from None
    news = dict(map(json.loads, done.stdout.splitlines()))
    return news.get("system"), news.get("ports", [])


def reading_process(
    api: str, patterns: Sequence[str] = (), virtual_port: bool = False, once: bool = False
) -> list[str]:
    """Arguments of the process that reads ports; see `reader`."""
    options = {"api": api, "patterns": list(patterns), "virtual_port": virtual_port, "once": once}
    return [sys.executable, "-c", _READER.format(path=sys.path), json.dumps(options)]


def _environment() -> dict[str, str]:
    """Ours, and word to JACK's library that looking for a server must not start one."""
    return {**os.environ, "JACK_NO_START_SERVER": "1"}
