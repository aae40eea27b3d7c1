"""The clock by which everything dated is played: samples of audio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..engine import Engine


class Clock(Protocol):
    """Audio time.  Control thread only."""

    name: str
    """What it counts, for people."""

    @property
    def samplerate(self) -> float:
        """Samples in a second."""
        ...

    @property
    def now(self) -> int:
        """The sample that the next block of audio starts with."""
        ...

    def samples(self, seconds: float) -> int:
        """So many seconds as a number of samples."""
        ...

    def sample_at(self, unix_time: float) -> int:
        """The sample that is rendered at a wall-clock time in seconds since 1970."""
        ...

    def sample_when(self, seconds: float) -> int:
        """The sample that is rendered at a time of the monotonic clock."""
        ...

    @property
    def block(self) -> int:
        """Samples of a block; 0 before there was one."""
        ...


class EngineClock:
    """The clock of an engine: the samples that it has rendered, live or offline.

    Parameters
    ----------
    engine : manned.engine.Engine
    """

    name = "engine"

    def __init__(self, engine: Engine):
        self._engine = engine

    @property
    def samplerate(self) -> float:
        """Samples in a second."""
        return self._engine.samplerate

    @property
    def now(self) -> int:
        """The sample that the next block starts with."""
        return self._engine.clock

    def samples(self, seconds: float) -> int:
        """So many seconds as a number of samples, rounded."""
        return round(seconds * self._engine.samplerate)

    def sample_at(self, unix_time: float) -> int:
        """The sample that is rendered at a wall-clock time in seconds since 1970."""
        return self._engine.sample_at(unix_time)

    def sample_when(self, seconds: float) -> int:
        """The sample that is rendered at a time of the monotonic clock."""
        return self._engine.sample_when(seconds)

    @property
    def block(self) -> int:
        """Samples of the last block; 0 before there was one."""
        return self._engine.block
