"""What controllers were learned to move: told by hand, kept in the state folder, laid over the settings.

``/midi/learn`` names parameters; each of the next controllers that are moved is bound to the next of them.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ... import files
from ...errors import MannedError
from ...table.bindings import FINE, Bindings, Controller, parse_binding
from .encoders import ABSOLUTE, GUESS_FROM, guess

log = logging.getLogger(__name__)

FILE = "midi.json"
FORMAT = 1
MAX_BYTES = 1 << 20
MAX_BINDINGS = 2048
_NUMBERS = re.compile(r"\s*(\d+:\d+|\[\d+\])(?=\s|$|:)")

Told = Callable[[str, str, str], None]
"""``told(target, port, controller)`` when a controller was learned; both texts are empty when it was given up."""


def port_key(name: str) -> str:
    """The name of a port without the numbers that it gets anew each time it is plugged in."""
    return _NUMBERS.sub("", name).strip()


class Learned:
    """Learned bindings of every port, and what is being learned.  Control thread only.

    Parameters
    ----------
    folder : path, optional
        The state folder; without one nothing is kept.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None):
        self._path = None if folder is None else Path(folder) / FILE
        self._tables: dict[str, dict[str, str]] = self._read()
        self._listeners: list[Callable[[], None]] = []
        self._queue: list[tuple[str, Told]] = []
        self._taken: set[tuple[str, int, int | str]] = set()
        self._looked_at: _Looked | None = None
        self._writing = threading.Lock()
        self._newest = b""

    # -- learning -----------------------------------------------------------

    @property
    def waiting(self) -> list[str]:
        """Targets that wait for a controller, in order."""
        return [target for target, _ in self._queue]

    @property
    def learns(self) -> bool:
        """Whether controllers are listened to."""
        return bool(self._queue) or self._looked_at is not None

    def learn(self, targets: Sequence[str], told: Told) -> None:
        """Bind the next controllers that are moved to some targets, in this order.

        Parameters
        ----------
        targets : sequence of str
            Each as a value of the settings' table: a parameter's name, and words how it is moved.
        told : callable
            Told of every one.

        Raises
        ------
        ConfigError
            For one that is no parameter; then nothing changes.
        """
        texts = [parse_binding("learn", target).text for target in targets]
        self.cancel()
        self._queue = [(text, told) for text in texts]

    def cancel(self) -> None:
        """Learn nothing more."""
        queue, self._queue = self._queue, []
        self._taken.clear()
        self._looked_at = None
        for target, told in queue:
            told(target, "", "")

    def hear(self, port: str, channel: int, number: int | str, value: int) -> bool:
        """Hear of a controller that moves.

        Returns
        -------
        bool
            True when the message has done what it can: it is part of learning and moves nothing.
        """
        key = port_key(port), channel, number
        looked = self._looked_at
        if looked is not None and looked.belongs(key, value):
            looked.hear(number, value)
            self._bind(looked)
            if looked.is_done:
                self._looked_at = None
            return number != looked.key[2]
        if not self._queue or key in self._taken or len(self._tables.get(key[0], ())) >= MAX_BINDINGS:
            return False
        target, told = self._queue.pop(0)
        self._taken.add(key)
        if not self._queue:
            self._taken.clear()
        self._looked_at = _Looked(key, target, value)
        self._bind(self._looked_at)
        told(target, port, self._looked_at.controller.text)
        log.info("MIDI: %s of %s moves %s from now on", self._looked_at.controller.text, port, target)
        return False

    def _bind(self, looked: _Looked) -> None:
        """Keep what is known of the controller that was learned last."""
        table = self._tables.setdefault(looked.key[0], {})
        text = looked.text
        controller = looked.controller.text
        if looked.kept_as != controller:
            table.pop(looked.kept_as, None)
        elif table.get(controller) == text:
            return
        looked.kept_as = controller
        table[controller] = text
        self._changed()

    def forget(self, target: str) -> int:
        """Forget what moves a target, or everything where it is empty; returns how many bindings that were."""
        name = target.removeprefix("/")
        count = 0
        for port, table in [*self._tables.items()]:
            gone = [key for key, text in table.items() if not name or text.split(" ")[0] == name]
            for key in gone:
                del table[key]
            count += len(gone)
            if not table:
                del self._tables[port]
        if count:
            self._changed()
        return count

    # -- what was learned ---------------------------------------------------

    def bindings(self, port: str) -> Bindings:
        """What the controllers of a port were learned to move."""
        return Bindings(self._tables.get(port_key(port), {}))

    def every(self) -> Iterator[tuple[str, str, str]]:
        """Port, controller and target of every learned binding."""
        for port, table in self._tables.items():
            for controller, text in table.items():
                yield port, controller, text

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have ``listener()`` called whenever something was learned or forgotten; call what is returned to end that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def _changed(self) -> None:
        for listener in [*self._listeners]:
            listener()
        if self._path is None:
            return
        self._newest = json.dumps({"format": FORMAT, "ports": self._tables}, indent=1, ensure_ascii=False).encode()
        try:
            asyncio.get_running_loop().run_in_executor(None, self._write)
        except RuntimeError:  # no loop runs
            self._write()

    # -- the file -----------------------------------------------------------

    def _write(self) -> None:
        """Keep the bindings as they are by now.  Any thread: of two that wait, the later one may come first."""
        assert self._path is not None
        try:
            with self._writing:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                files.write_bytes(self._path, self._newest)
        except OSError as error:
            log.warning(
                "MIDI: %s cannot be written (%s), what is learned is lost at the end", self._path, error.strerror
            )

    def _read(self) -> dict[str, dict[str, str]]:
        """The bindings that were kept; a damaged file is told of, kept aside, and holds nothing."""
        if self._path is None:
            return {}
        try:
            content = files.read_bytes(self._path, MAX_BYTES, inside=self._path.parent)
        except FileNotFoundError:
            return {}
        except OSError as error:
            log.warning("MIDI: %s cannot be read (%s)", self._path, error.strerror)
            return {}
        try:
            found = json.loads(content)
            if found["format"] != FORMAT:
                raise ValueError(f"format {found['format']!r}, this version reads format {FORMAT}")
            tables = {str(port): dict(table) for port, table in found["ports"].items()}
            for table in tables.values():
                Bindings(table)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, MannedError) as error:
            log.warning("MIDI: %s cannot be read (%s); nothing of it counts", self._path, error)
            try:
                os.replace(self._path, files.former(self._path))
            except OSError:
                pass
            return {}
        return tables


class _Looked:
    """The controller that was learned last, whose kind is still being found out."""

    def __init__(self, key: tuple[str, int, int | str], target: str, value: int):
        self.key = key
        self._target = target
        self._values = [value]
        self._pair = 0
        self.kept_as = ""

    def belongs(self, key: tuple[str, int, int | str], value: int) -> bool:
        """Whether a message is of this controller, or of its finer half."""
        port, channel, number = self.key
        if key == self.key:
            return True
        return isinstance(number, int) and number < FINE and key == (port, channel, number + FINE)

    def hear(self, number: int | str, value: int) -> None:
        """Take a message of it."""
        if number == self.key[2]:
            self._values.append(value)
        else:
            self._pair += 1

    @property
    def is_done(self) -> bool:
        """Whether enough was heard."""
        return len(self._values) >= GUESS_FROM

    @property
    def controller(self) -> Controller:
        """What it is, as far as is known: each half of a pair comes about as often as the other."""
        _, channel, number = self.key
        if isinstance(number, int) and self._pair >= 2 and self._pair >= len(self._values) // 2:
            return Controller(channel, f"{number}/{number + FINE}")
        return Controller(channel, number)

    @property
    def text(self) -> str:
        """The binding, with the kind of encoder that it seems to be."""
        binding = parse_binding("learn", self._target)
        if binding.encoder or binding.toggle or isinstance(self.key[2], str) or self._pair:
            return self._target
        kind = guess(self._values)
        return self._target if kind == ABSOLUTE else f"{self._target} {kind}"
