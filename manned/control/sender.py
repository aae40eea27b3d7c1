"""Who sends a message, and so who takes its answers."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Protocol


class Sender(Protocol):
    """A controller, as whoever performs its messages sees it."""

    @property
    def key(self) -> Hashable:
        """Who it is: equal for all messages of one sender."""
        ...

    def send(self, address: str, *arguments: Any) -> None:
        """Answer: an address and plain values."""
