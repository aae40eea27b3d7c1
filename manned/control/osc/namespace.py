"""The tree of OSC addresses: what each message does to the instrument and what it is answered.

Parameters come from the table in `manned.table`, one address each; the handlers
of the commands of the same table are in `manned.control.osc.commands`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import MannedError, ParameterError
from ...instrument import Instrument
from ...state.morph import Morph
from ...table.address import address_of, name_of, nearest
from ...table.commands import ERROR, command_table
from ...table.value import Value
from ..midi.map import MidiMap
from ..recordings import Recordings
from ..sender import Sender
from .commands import HANDLERS, Context, Telling
from .dated import Dated
from .packet import Message, sendable
from .patterns import is_pattern, matching

QUESTION = "q/"
"""Before a name: asks for its value, for clients that cannot send an empty message."""


class UnknownAddress(MannedError):
    """An address that is not in the tree."""


class Namespace:
    """Performs messages on an instrument.

    All methods belong to the control thread, inside a running asyncio loop.

    Parameters
    ----------
    instrument : manned.instrument.Instrument
    status : callable
        Returns what ``/status`` tells, as a dict of plain values.
    morph : manned.state.morph.Morph
        The instrument's, with its presets.
    telling : Telling, optional
        Tells senders what changes later, if they may subscribe to that.
    dated : Dated, optional
        Where dated bundles wait, if there are any.
    midi : MidiMap, optional
        What ``/midi/…`` tells and learns; without it there is no MIDI.
    recordings : Recordings, optional
        What ``/record`` begins and ends; without it nothing records.
    """

    def __init__(
        self,
        instrument: Instrument,
        status: Callable[[], dict[str, Any]],
        morph: Morph,
        telling: Telling | None = None,
        dated: Dated | None = None,
        midi: MidiMap | None = None,
        recordings: Recordings | None = None,
    ):
        self.instrument = instrument
        self._tree = instrument.tree
        self._context = Context(instrument, morph, status, midi, recordings, telling=telling, dated=dated)
        self._feedback = telling.feedback if telling is not None else None
        self._commands = command_table()

    def perform(self, message: Message, sender: Sender) -> None:
        """Do what one message says.

        Parameters
        ----------
        message : Message
        sender : Sender
            Takes the answers, if there are any.

        Raises
        ------
        MannedError
            When the address is unknown (`UnknownAddress`), or the arguments are
            too few, too many or not allowed; then nothing was changed.
        """
        name, arguments = name_of(message.address), message.arguments
        if name in self._tree.rows:
            if len(arguments) == 1:
                taken = self._tree.set(name, arguments[0])
                if self._tree.rows[name].kind == "target":
                    self._tell_target(name, arguments[0], taken, sender)
                if self._feedback is not None:
                    self._feedback.said(sender.key, name, arguments)
            else:
                self._tell(name, len(arguments), sender)
        elif name in self._commands:
            row, number = self._commands[name]
            taken = row.take(arguments)
            if taken is not None:
                HANDLERS[row.name](self._context, sender, *number, *taken)
                if self._feedback is not None and arguments:
                    self._feedback.said(sender.key, name, arguments)
        elif name.startswith(QUESTION):
            self._ask(name.removeprefix(QUESTION), len(arguments), sender)
        elif is_pattern(name):
            self._pattern(name, arguments, sender)
        else:
            raise UnknownAddress(self._unknown(name))

    def reads_files(self, address: str) -> bool:
        """Whether a message to an address may hold up its packet by reading files."""
        command = self._commands.get(name_of(address))
        return command is not None and command[0].reads_files

    def suggestion(self, address: str) -> str:
        """The end of a sentence that names the known address nearest to an unknown one; empty if none is near."""
        known = [name for name in (*self.instrument.parameters, *self._commands) if "latent/" not in name]
        return nearest(name_of(address), ("latent/1", *known))

    async def settled(self) -> None:
        """Wait until every slow command is done or has failed."""
        await self._context.jobs.settled()

    def close(self) -> None:
        """Give up the slow commands that are not done."""
        self._context.jobs.close()

    def _tell_target(self, name: str, asked: Any, taken: Value, sender: Sender) -> None:
        """Tell a sender that a target is none of this model; by counting latents one does not see where they end."""
        row = self._tree.rows[name]
        if not isinstance(asked, str) and not row.minimum - 0.5 < asked < row.maximum + 0.5:
            allowed = f"this model has latents {row.minimum:g}–{row.maximum:g}"
            sender.send(ERROR, row.address, f"found {asked:g}, {allowed}: {taken} was taken")

    def _tell(self, name: str, count: int, sender: Sender) -> None:
        if count:
            raise ParameterError(f"found {count} arguments, allowed is one, or none to ask")
        sender.send(address_of(name), sendable(self._tree.get(name)))

    def _ask(self, name: str, count: int, sender: Sender) -> None:
        if count:
            raise ParameterError(f"found {count} arguments, a question has none")
        if name in self._commands and not self._commands[name][0].asks:
            raise ParameterError(f"{address_of(name)} holds no value to ask for")
        self.perform(Message(address_of(name), ()), sender)

    def _pattern(self, pattern: str, arguments: tuple[object, ...], sender: Sender) -> None:
        """Set or ask all parameters that a pattern means.  It never means a command: ``/*`` must not end a concert."""
        found = matching(pattern, self._tree.rows)
        if not found:
            raise UnknownAddress("this pattern matches no parameter")
        for name in found if arguments else ():
            self._tree.row(name).check(arguments[0])
        with self._tree.together():
            for name in found:
                self.perform(Message(address_of(name), arguments), sender)

    def _unknown(self, name: str) -> str:
        if "latent/" in name:
            return f"no such address, this model has latents 1–{self.instrument.latents}"
        return "no such address"
