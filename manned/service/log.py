"""The log: one line per message on stderr."""

from __future__ import annotations

import logging
import os
import sys

from ..config import Config
from .parts import Part

log = logging.getLogger(__name__)


def log_to_stderr(level: str) -> None:
    """Log to a stderr of Python's own, which stays open while that of the C libraries is shut.

    The journal has its own times.
    """
    pattern = "%(levelname)s: %(message)s"
    if "JOURNAL_STREAM" not in os.environ:
        pattern = "%(asctime)s " + pattern
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    logging.basicConfig(stream=sys.stderr, format=pattern)
    set_level(level)


def mute_libraries() -> None:
    """Keep what C libraries write to stderr out of the log from now on, but for the level ``debug``.

    ALSA's plugins tell every underrun there, and one whose server was killed
    writes a hundred megabytes in a second.  What Python writes has a way of its own.
    """
    if not log.isEnabledFor(logging.DEBUG):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)


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
