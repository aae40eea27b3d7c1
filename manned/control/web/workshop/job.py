"""One piece of work of the workshop: how it stands, in words and figures."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class State(Enum):
    """How a job stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass
class Job:
    """A job.

    Attributes
    ----------
    name : str
        Of what it makes.
    state : State
    stage : str
        What is being done, for people.
    part : float
        How much is done, 0–1; it never goes back.
    left_s : float or None
        How long it will still take; None while nobody can say.
    lines : list of str
        What came out, in sentences.
    problem : str
        Why it failed.
    """

    name: str
    state: State = State.RUNNING
    stage: str = ""
    part: float = 0.0
    left_s: float | None = None
    lines: list[str] = field(default_factory=list)
    problem: str = ""
    begun: float = field(default_factory=time.monotonic)

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return self.state is State.RUNNING

    def reached(self, part: float, left_s: float | None) -> None:
        """Note how far it is."""
        self.part = max(self.part, min(1.0, part))
        self.left_s = left_s

    def end(self, state: State, problem: str = "") -> None:
        """Note that it is over."""
        self.state, self.problem, self.left_s = state, problem, None

    def told(self) -> dict[str, Any]:
        """All of it, as plain values."""
        return {
            "name": self.name,
            "state": self.state.value,
            "stage": self.stage,
            "part": round(self.part, 4),
            "left_s": None if self.left_s is None else round(self.left_s),
            "lines": list(self.lines),
            "problem": self.problem,
        }
