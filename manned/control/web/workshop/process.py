"""Programs of ours that run beside the music, at the lowest priority."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Sequence

from . import low

GRACE_S = 3.0
"""Time that a process gets to tidy up."""

_LINE_BYTES = 1 << 20
_QUIET = {"PYTHONUNBUFFERED": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "TQDM_DISABLE": "1"}


class LowProcess:
    """One run of a Python module, such as ``-m manned encode …``.  Control thread only.

    Parameters
    ----------
    words : sequence of str
        What follows the name of the interpreter.
    told : callable(line)
        Gets what it prints, line by line.

    Attributes
    ----------
    complaint : str
        The last line that it wrote to its standard error.
    cancelled : bool
    """

    def __init__(self, words: Sequence[str], told: Callable[[str], object]):
        self.complaint = ""
        self.cancelled = False
        self._words = tuple(words)
        self._told = told
        self._process: asyncio.subprocess.Process | None = None

    async def run(self) -> int:
        """Run it to its end; its exit code.  It does not outlive this call, nor the program."""
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            low.__name__,
            str(os.getpid()),
            *self._words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **_QUIET},
            start_new_session=True,
            limit=_LINE_BYTES,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            if self.cancelled:
                self._signal(signal.SIGTERM)
            await asyncio.gather(self._read(process.stdout, self._told), self._read(process.stderr, self._complain))
            return await process.wait()
        finally:
            await self._end()

    def cancel(self) -> None:
        """Ask it to tidy up and end."""
        self.cancelled = True
        self._signal(signal.SIGTERM)
        asyncio.get_running_loop().call_later(GRACE_S, self._signal, signal.SIGKILL)

    async def _end(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._signal(signal.SIGTERM)
        ended = asyncio.ensure_future(process.wait())
        if not (await asyncio.wait([ended], timeout=GRACE_S))[0]:
            self._signal(signal.SIGKILL)
        await ended

    def _signal(self, number: int) -> None:
        """Send a signal to it and to all that it has started."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    async def _read(self, stream: asyncio.StreamReader, told: Callable[[str], object]) -> None:
        while True:
            try:
                line = await stream.readline()
            except ValueError:  # longer than a line may be
                continue
            if not line:
                return
            told(line.decode("utf-8", "replace").rstrip())

    def _complain(self, line: str) -> None:
        self.complaint = line or self.complaint
