"""The tree of OSC addresses: what each message does to the instrument and what it is answered.

Parameters come from the table in `manned.table`, one address each; the
commands of the same table are the methods of `Namespace` named after them.
"""

from __future__ import annotations

import asyncio
import difflib
import functools
import logging
import math

from ... import __version__
from ...errors import MannedError, ModelError, ParameterError, TuningError
from ...instrument import NOTE_HZ
from ...limits import MAX_LATENTS
from ...model.pitch import hz_to_note
from ...schedule import Schedule
from ...table.commands import COMMANDS
from ..morph import Morph
from ..presets import Presets
from .packet import Message
from .patterns import is_pattern, matching
from .preset_commands import PresetCommands

log = logging.getLogger(__name__)

MAX_JOBS = 8  # slow commands that wait

_PLAIN = (float, int, bool, str)


class UnknownAddress(MannedError):
    """An address that is not in the tree."""


class Namespace(PresetCommands):
    """Performs messages on an instrument.

    All methods belong to the control thread, inside a running asyncio loop.

    Parameters
    ----------
    instrument : manned.instrument.Instrument
    status : callable
        Returns what ``/status`` tells, as a dict of plain values.
    morph : manned.control.morph.Morph, optional
        Without one there are no presets, and nothing to morph between.
    """

    def __init__(self, instrument, status, morph: Morph | None = None):
        self.instrument = instrument
        self.morph = morph or Morph(instrument, Schedule(), Presets(instrument))
        self._tell_status = status
        self._jobs = []
        self._commands = {}
        for row in COMMANDS:
            method = getattr(self, "_" + row.name.replace("/{i}", "").replace("/", "_"))
            if "{i}" in row.name:
                for i in range(1, MAX_LATENTS + 1):
                    self._commands[row.name.format(i=i)] = row, functools.partial(method, i)
            else:
                self._commands[row.name] = row, method

    def perform(self, message: Message, sender) -> None:
        """Do what one message says.

        Parameters
        ----------
        message : Message
        sender : object
            Its ``send(address, *arguments)`` takes the answers, if there are any.

        Raises
        ------
        MannedError
            When the address is unknown (`UnknownAddress`), or the arguments are
            too few, too many or not allowed; then nothing was changed.
        """
        self._dispatch(message.address[1:], message.arguments, sender)

    def suggestion(self, address: str) -> str:
        """The end of a sentence that names the known address nearest to an unknown one; empty if none is near."""
        known = [name for name in (*self.instrument.parameters, *self._commands) if "latent/" not in name]
        known = ["/" + name for name in ("latent/1", *known)]
        # Comparing takes time that grows with the address, and no known one is long.
        nearest = difflib.get_close_matches(address, known, 1) if len(address) <= 32 else []
        return f"; the nearest is {nearest[0]}" if nearest else ""

    async def settled(self) -> None:
        """Wait until every slow command is done or has failed."""
        while self._jobs:
            await asyncio.wait(self._jobs)

    def close(self) -> None:
        """Give up the slow commands that are not done."""
        for task in self._jobs:
            task.cancel()

    def _dispatch(self, name: str, arguments: tuple, sender) -> None:
        if name in self.instrument.parameters:
            self._parameter(name, arguments, sender)
        elif name in self._commands:
            row, method = self._commands[name]
            if not row.least <= len(arguments) <= row.most:
                raise ParameterError(f"found {len(arguments)} arguments, allowed are: {row.arguments or 'none'}")
            for value in arguments:
                _plain(value)
            method(arguments, sender)
        elif name.startswith("q/"):
            self._ask(name[2:], arguments, sender)
        elif is_pattern(name):
            self._pattern(name, arguments, sender)
        else:
            raise UnknownAddress(self._unknown(name))

    def _parameter(self, name: str, arguments: tuple, sender) -> None:
        if len(arguments) == 1:
            self.instrument.set(name, _plain(arguments[0]))
        elif arguments:
            raise ParameterError(f"found {len(arguments)} arguments, allowed is one, or none to ask")
        else:
            sender.send("/" + name, _sendable(self.instrument.get(name)))

    def _ask(self, name: str, arguments: tuple, sender) -> None:
        if arguments:
            raise ParameterError(f"found {len(arguments)} arguments, a question has none")
        if name in self._commands and not self._commands[name][0].asks:
            raise ParameterError(f"/{name} holds no value to ask for")
        self._dispatch(name, (), sender)

    def _pattern(self, pattern: str, arguments: tuple, sender) -> None:
        """Set or ask all parameters that a pattern means.  It never means a command: ``/*`` must not end a concert."""
        found = matching(pattern, self.instrument.parameters)
        if not found:
            raise UnknownAddress("this pattern matches no parameter")
        for name in found if arguments else ():
            self.instrument.parameter(name).check(_plain(arguments[0]))
        with self.instrument.together():
            for name in found:
                self._parameter(name, arguments, sender)

    def _unknown(self, name: str) -> str:
        if "latent/" in name:
            return f"no such address, this model has latents 1–{self.instrument.latents}"
        return "no such address"

    # -- commands: one method per row of the table ---------------------------

    def _latents(self, arguments, sender):
        if arguments:
            self.instrument.set_latents(arguments)
        else:
            sender.send("/latents", *self._latent_values())

    def _xy(self, arguments, sender):
        if len(arguments) == 1:
            raise ParameterError("found 1 argument, allowed are two, or none to ask")
        if arguments:
            self.instrument.set_latents(arguments)
        else:
            sender.send("/xy", *self._latent_values()[:2])

    def _latent_values(self) -> list[float]:
        return [self.instrument.get(f"latent/{i}") for i in range(1, self.instrument.latents + 1)]

    def _mnote(self, arguments, sender):
        note, velocity, *identity = arguments
        if not self.instrument.note_on(_note_key(_number(note), identity), note, velocity):
            raise ParameterError(f"found note {note:g}, to which this tuning gives no pitch that can be heard")

    def _mnote_rel(self, arguments, sender):
        note, _, *identity = (*arguments, 0)[: max(len(arguments), 2)]
        self.instrument.note_off(_note_key(_number(note), identity))

    def _fnote(self, arguments, sender):
        hertz, velocity, *identity = arguments
        self.instrument.frequency_on(_note_key(_hertz_to_note(hertz), identity), hertz, velocity)

    def _fnote_rel(self, arguments, sender):
        hertz, _, *identity = (*arguments, 0)[: max(len(arguments), 2)]
        self.instrument.note_off(_note_key(_hertz_to_note(hertz), identity))

    def _ne_pitch(self, arguments, sender):
        self._express(self.instrument.note_pitch, *arguments)

    def _ne_pressure(self, arguments, sender):
        self._express(self.instrument.note_pressure, *arguments)

    def _ne_latent(self, i, arguments, sender):
        self._express(lambda key, offset: self.instrument.note_latent(key, i, offset), *arguments)

    def _express(self, express, identity, value):
        identity = _whole(identity)
        if not express(("osc", "id", identity), value):
            raise ParameterError(f"found id {identity}, allowed are the ids of notes that are held")

    def _chroma_weights(self, arguments, sender):
        if arguments:
            self.instrument.set_chroma_weights(arguments)
        else:
            sender.send("/chroma/weights", *self.instrument.chroma_weights())

    def _tuning_scale(self, arguments, sender):
        self._tune("scale", self.instrument.library.scales, arguments, sender)

    def _tuning_scale_list(self, arguments, sender):
        sender.send("/tuning/scale/list", *self.instrument.library.scales())

    def _tuning_keyboard(self, arguments, sender):
        self._tune("keyboard", self.instrument.library.keyboards, arguments, sender)

    def _tuning_keyboard_list(self, arguments, sender):
        sender.send("/tuning/keyboard/list", *self.instrument.library.keyboards())

    def _tune(self, what, offered, arguments, sender):
        if not arguments:
            sender.send(f"/tuning/{what}", self.instrument.tuning.names()[what])
            return
        # As with models, the network may name what is offered, not files anywhere on this machine.
        name, names = arguments[0], offered() if arguments[0] != "" else [""]
        if name not in names:
            raise TuningError(f"found {str(name)[:64]!r}, allowed are {', '.join(names) or 'none'}, or an empty text")
        self.instrument.tune(**{what: name})

    def _allnotesoff(self, arguments, sender):
        self.instrument.all_notes_off()

    def _allsoundoff(self, arguments, sender):
        self.instrument.all_sound_off()

    def _model(self, arguments, sender):
        if not arguments:
            sender.send("/model", self.instrument.decoder.name)
            return
        name = arguments[0]
        if not isinstance(name, str):
            name = _whole(name)

        async def load():
            decoder = await asyncio.to_thread(self._read_model, name)
            self.instrument.use_model(decoder)
            return [decoder.name]

        self._slowly("/model", load, f"model {name}: cannot be loaded", sender)

    def _slowly(self, address: str, job, failure: str, sender) -> bool:
        """Do a job that takes a while, after those before it, and tell its sender what became of it.

        Parameters
        ----------
        job : coroutine function
            Returns the words that follow in ``/done``.
        failure : str
            What could not be done, if it fails in a way that nobody thought of.

        Returns
        -------
        bool
            False when too many are waiting.
        """
        if len(self._jobs) >= MAX_JOBS:
            sender.send("/fail", address, f"{MAX_JOBS} slow commands are waiting, no more are taken")
            return False
        before = self._jobs[-1:]

        async def run():
            if before:
                await asyncio.wait(before)
            try:
                words = await job()
            except MannedError as error:
                sender.send("/fail", address, str(error))
            except Exception as error:
                log.exception("%s", failure)
                sender.send("/fail", address, f"{failure} ({type(error).__name__})")
            else:
                sender.send("/done", address, *words)

        task = asyncio.get_running_loop().create_task(run())
        self._jobs.append(task)
        task.add_done_callback(self._jobs.remove)
        return True

    def _read_model(self, name):
        # The network may name the models that are offered, not files anywhere on this machine.
        offered = self.instrument.library.decoders()
        if isinstance(name, str) and name not in offered:
            raise ModelError(f"model {name[:64]!r}: no such model, allowed are {', '.join(offered) or 'none'}")
        return self.instrument.library.read_decoder(name)

    def _model_list(self, arguments, sender):
        sender.send("/model/list", *self.instrument.library.decoders())

    def _status(self, arguments, sender):
        sender.send("/status.reply", *(_sendable(item) for pair in self._tell_status().items() for item in pair))

    def _version(self, arguments, sender):
        sender.send("/version.reply", "manned", __version__)

    def _sync(self, arguments, sender):
        number = _whole(arguments[0])
        if self._jobs:
            self._jobs[-1].add_done_callback(lambda _: sender.send("/synced", number))
        else:
            sender.send("/synced", number)

    def _dump(self, arguments, sender):
        for name, value in self.instrument.values().items():
            sender.send("/" + name, _sendable(value))


def _plain(value):
    if type(value) not in _PLAIN:
        raise ParameterError(f"found {'nil' if value is None else 'a blob'}, allowed are numbers and words")
    return value


def _number(value) -> float:
    if isinstance(value, str) or not math.isfinite(value):
        raise ParameterError(f"found {value!r}, allowed is a finite number")
    return float(value)


def _whole(value) -> int:
    number = _number(value)
    if number != int(number) or abs(number) >= 2**53:
        raise ParameterError(f"found {value!r}, allowed is a whole number")
    return int(number)


def _hertz_to_note(hertz) -> float:
    return hz_to_note(min(max(_number(hertz), NOTE_HZ[0]), NOTE_HZ[1]))


def _note_key(note: float, identity) -> tuple:
    """Who a note is to those who play by OSC: its id if it has one, else its number.

    The sender is no part of it: a note may be started and released from two ports.
    """
    return ("osc", "id", _whole(identity[0])) if identity else ("osc", note)


def _sendable(value):
    """A value as OSC carries it to every client: truth as 0 and 1, what OSC has no type for as text."""
    if isinstance(value, bool):
        return int(value)
    return value if isinstance(value, (int, float, str)) else str(value)
