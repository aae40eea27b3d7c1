"""Connections that do not wait for ever, and not too many of them."""

from __future__ import annotations

import asyncio
from typing import Any

from websockets.asyncio.server import ServerConnection

MAX_CLIENTS = 64
"""Connections at a time, those that have not asked anything yet among them."""

OPEN_S = 5.0
"""How long it may take until a request is there."""


class PatientConnection(ServerConnection):
    """A connection that is shut at once when there are too many, and soon when nothing is asked."""

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if len(self.server.handler_tasks) > MAX_CLIENTS:
            transport.abort()
        self._patience = asyncio.get_running_loop().call_later(OPEN_S, transport.abort)

    def has_asked(self) -> None:
        """Its request is there."""
        if self._patience is not None:
            self._patience.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        self.has_asked()
        super().connection_lost(exc)
