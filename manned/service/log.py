"""The log: one line per message on stderr."""

from __future__ import annotations

import logging
import os

from ..config import Config
from .parts import Part


def log_to_stderr(level: str) -> None:
    """Log to a stderr of our own, which stays open while that of the C libraries is shut.

    The journal has its own times.
    """
    pattern = "%(levelname)s: %(message)s"
    if "JOURNAL_STREAM" not in os.environ:
        pattern = "%(asctime)s " + pattern
    logging.basicConfig(stream=os.fdopen(os.dup(2), "w", buffering=1), format=pattern)
    set_level(level)


def set_level(level: str) -> None:
    """Show messages from a level on, a word of ``log.level``."""
    logging.getLogger("manned").setLevel(level.upper())


class LogPart(Part):
    """Follows ``log.level``."""

    name = "log"

    async def reload(self, config: Config) -> tuple[str, ...]:
        """Change the level."""
        set_level(config.log.level)
        return ()
