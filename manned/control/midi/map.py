"""What the controllers of all ports move, for people who ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ...table.address import address_of
from ...table.bindings import Binding, Controller
from .channels import Port
from .learned import Learned

MAX_ROWS = 512
"""So many fit into one packet."""


class MidiMap:
    """Learned bindings, and those of the ports that are played from.  Control thread only.

    Parameters
    ----------
    learned : Learned
    ports : callable() -> iterable of Port
    waits_for : callable(Port, Controller, Binding) -> str
        As `Controls.waits_for`.
    """

    def __init__(
        self,
        learned: Learned,
        ports: Callable[[], Iterable[Port]],
        waits_for: Callable[[Port, Controller, Binding], str] = lambda *_: "",
    ):
        self.learned = learned
        self._ports = ports
        self._waits_for = waits_for

    def rows(self) -> Iterator[tuple[str, str, str, str]]:
        """Port, controller, address with the words behind it, and layer of every binding that counts."""
        rows = [
            (port.name, controller.text, address_of(binding.text), layer)
            for port in self._ports()
            for layer, controller, binding in port.layers.every()
            if binding.target
        ]
        yield from rows[:MAX_ROWS]

    def waiting(self) -> Iterator[tuple[str, str, str, str]]:
        """Port, controller, address with the words behind it, and up or down, of faders that wait to be picked up."""
        rows = [
            (port.name, controller.text, address_of(binding.text), way)
            for port in self._ports()
            for _, controller, binding in port.layers.every()
            if (way := self._waits_for(port, controller, binding))
        ]
        yield from rows[:MAX_ROWS]
