"""Who sends a message, and so who takes its answers."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Protocol


class Sender(Protocol):
    """A controller, as whoever performs its messages sees it.

    Attributes
    ----------
    key : hashable
        Who it is: equal for all messages of one sender.
    """

    @property
    def key(self) -> Hashable: ...

    def send(self, address: str, *arguments: Any) -> None:
        """Answer: an address and plain values."""
