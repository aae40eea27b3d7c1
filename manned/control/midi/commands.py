"""Commands that buttons of MIDI devices do, through the same handlers as OSC."""

from __future__ import annotations

import logging
from collections.abc import Hashable
from typing import Any

from ...errors import MannedError
from ...table.address import address_of
from ...table.commands import FAIL
from ..osc.namespace import Namespace
from ..osc.packet import Message

log = logging.getLogger(__name__)


class MidiCommands:
    """Does commands of a namespace; it has to be used inside a running asyncio loop.

    Parameters
    ----------
    namespace : Namespace
    """

    key: Hashable = "midi"
    outlet = None

    def __init__(self, namespace: Namespace):
        self._namespace = namespace

    def perform(self, name: str, *arguments: object) -> None:
        """Do a command; what goes wrong is logged."""
        try:
            self._namespace.perform(Message(address_of(name), arguments), self)
        except MannedError as error:
            log.info("MIDI: %s", error)

    def send(self, address: str, *arguments: Any) -> None:
        """Hear an answer, as a sender does."""
        if address == FAIL:
            log.info("MIDI: %s", arguments[-1])
