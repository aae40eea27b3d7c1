"""Takes: what was played while it was recorded, as a score that renders again."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from ..errors import MannedError
from ..files import shown
from ..instrument import Instrument
from ..state.links import WEIGHTS, weights_of_class
from ..table.address import address_of, name_of
from ..table.commands import command_table
from ..table.macros import MACRO_NAMES
from .osc.packet import Message
from .osc.patterns import is_pattern

log = logging.getLogger(__name__)

SUFFIX = ".txt"
MOST_BYTES = 16 << 20
"""Of a take; a flood of messages ends it and not the recording."""

_HEARD = ("sound", "playing")
"""Scopes of the commands that change what is heard."""

_MORE_HEARD = ("model", "tuning/scale", "tuning/keyboard")
_SET_LAST = ("glide", "gate")
_FOLLOWS = "morph/position"
"""A place on a way that a take does not know."""


class Take:
    """Writes down what an instrument is told, beside the recording of what is heard.  Control thread only.

    Parameters
    ----------
    instrument : Instrument

    Attributes
    ----------
    path : Path or None
        The file that was begun last, while its recording goes on.
    start : int
        Audio sample that it begins with.
    """

    def __init__(self, instrument: Instrument):
        self._instrument = instrument
        self._file: TextIO | None = None
        self._commands = command_table()
        self.start = self._bytes = 0
        self.path: Path | None = None

    def begin(self, recording: Path, start: int) -> None:
        """Begin the take of a recording, with everything as it is set; what it cannot write it logs.

        Parameters
        ----------
        recording : Path
            Its file; the take lies beside it, under the same name.
        start : int
            Audio sample that the recording begins with.
        """
        self.end()
        path = recording.with_suffix(SUFFIX)
        number = 1
        while os.path.lexists(path):
            number += 1
            path = recording.with_name(f"{recording.stem}-{number}{SUFFIX}")
        self.start, self._bytes, self.path = start, 0, path
        try:
            # Line by line, so that a process that is killed leaves a whole take.
            self._file = open(path, "x", encoding="utf-8", buffering=1)
        except OSError as error:
            self._give_up(error.strerror or str(error))
            return
        self._write(f"# What was played while {shown(recording.name)} was recorded. Hear it again:")
        self._write(f"# manned render {shown(path.name)} -o again.wav --model {self._instrument.decoder.name}")
        for address, arguments in state_messages(self._instrument):
            self._write_message("0", address, arguments)

    def end(self) -> None:
        """Write no more."""
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError as error:
                self._give_up(error.strerror or str(error))
        self.path = None

    def osc(self, message: Message) -> None:
        """Write down an OSC message that was done, if it changes what is heard."""
        if self._file is None or not self._is_heard(message):
            return
        self._write_message(f"{self._seconds():.7f}", message.address, message.arguments)

    def midi(self, port: str, data: Sequence[int]) -> None:
        """Write down the bytes of a MIDI message."""
        if self._file is not None:
            name = "".join(char if char.isprintable() else "?" for char in port.replace('"', "'"))
            self._write(f'{self._seconds():.7f} midi "{name}" {bytes(data).hex(" ")}')

    def _is_heard(self, message: Message) -> bool:
        name = name_of(message.address)
        if name in self._commands:
            row, _ = self._commands[name]
            return (row.scope in _HEARD and (row.is_button or bool(message.arguments))) or (
                name in _MORE_HEARD and bool(message.arguments)
            )
        return bool(message.arguments) and (name in self._instrument.parameters or is_pattern(name))

    def _seconds(self) -> float:
        """When what is told now is heard, from the start of the recording."""
        when = self._instrument.tree.when
        if when is None:  # what begins with a block is heard as much later as the limiter looks ahead
            when = self._instrument.clock.now + self._instrument.engine.latency
        return max(when - self.start, 0) / self._instrument.clock.samplerate

    def _write_message(self, seconds: str, address: str, arguments: Sequence[object]) -> None:
        """Write down an OSC message; of one that no line can hold, a comment says that it is left out."""
        try:
            self._write(" ".join([seconds, address, *map(_word, arguments)]))
        except MannedError as error:
            self._write(f"# {seconds} {address} is left out: {error}")

    def _write(self, line: str) -> None:
        if self._file is None:
            return
        self._bytes += len(line) + 1
        if self._bytes > MOST_BYTES:
            self._give_up(f"it is larger than {MOST_BYTES} bytes")
            return
        try:
            self._file.write(line + "\n")
        except OSError as error:
            self._give_up(error.strerror or str(error))

    def _give_up(self, reason: str) -> None:
        log.warning("take %s: it ends here, the recording goes on (%s)", self.path, reason)
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError:
                log.debug("take %s: could not be closed", self.path)


def state_messages(instrument: Instrument) -> Iterator[tuple[str, Sequence[object]]]:
    """Addresses and arguments that make another instrument of the same model sound as this one does."""
    yield "/glide", (0,)
    for what, name in instrument.tuning.names().items():
        if name:
            yield f"/tuning/{what}", (name,)
    gesture = instrument.tree.get("gesture")
    if gesture:
        yield "/gesture", (gesture,)
    for number, macro in enumerate(instrument.macros.all(), 1):
        yield f"/macro/{number}/unbind", ()
        yield f"/macro/{number}/name", (macro.name,)
        for binding in macro.bindings:
            if binding.name in instrument.parameters:
                yield f"/macro/{number}/bind", (address_of(binding.name), binding.start, binding.end)
    values = instrument.values()
    first = [name for name in MACRO_NAMES if name in values]
    others = [name for name in values if name not in (*first, *_SET_LAST, _FOLLOWS)]
    for name in (*first, *others):
        yield address_of(name), (values[name],)
    weights = instrument.tree.get(WEIGHTS)
    if tuple(weights) != weights_of_class(int(values["chroma"])):
        yield f"/{WEIGHTS}", weights
    for name in _SET_LAST:
        yield address_of(name), (values[name],)


def _word(value: object) -> str:
    """A value as a text score has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, int):
        return str(value)
    text = str(value)
    quote = "'" if '"' in text else '"'
    if quote in text or not text.isprintable():
        raise MannedError(f"found {text!r}, which no line of a score can hold")
    return f"{quote}{text}{quote}"
