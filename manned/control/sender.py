"""Who sends a message, and so who takes its answers; and where more can be sent to than answers."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Protocol


class Outlet(Protocol):
    """A way to a controller that stays open after its message was answered.

    Attributes
    ----------
    key : hashable
        Whom it leads to, as the `Sender` of that controller has it.
    most : int
        Bytes of the longest packet that it should carry.
    lapses : bool
        Whether nobody notices when the controller is gone, so that it has to be heard from now and then.
    """

    @property
    def key(self) -> Hashable: ...
    @property
    def most(self) -> int: ...
    @property
    def lapses(self) -> bool: ...

    def send_packets(self, packets: Sequence[bytes]) -> bool:
        """Send some packets; False when it cannot take any more now, and then none of them was sent."""
        ...

    def abort(self) -> None:
        """Give it up: its controller takes nothing any more."""


class Sender(Protocol):
    """A controller, as whoever performs its messages sees it."""

    @property
    def key(self) -> Hashable:
        """Who it is: equal for all messages of one sender."""
        ...

    @property
    def outlet(self) -> Outlet | None:
        """Where to send what it subscribes to; None for one that cannot be told anything later."""
        ...

    def send(self, address: str, *arguments: Any) -> None:
        """Answer: an address and plain values."""
