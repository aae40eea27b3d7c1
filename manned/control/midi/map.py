"""What the controllers of all ports move, for people who ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ...table.address import address_of
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
    """

    def __init__(self, learned: Learned, ports: Callable[[], Iterable[Port]]):
        self.learned = learned
        self._ports = ports

    def rows(self) -> Iterator[tuple[str, str, str, str]]:
        """Port, controller, address with the words behind it, and layer of every binding that counts."""
        rows = [
            (port.name, controller.text, address_of(binding.text), layer)
            for port in self._ports()
            for layer, controller, binding in port.layers.every()
            if binding.target
        ]
        yield from rows[:MAX_ROWS]
