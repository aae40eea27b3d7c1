"""The instrument's parts: its engine with the tuning, and the clock of what is dated."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from ..audio.realtime import DECODE_PRIORITY, ask_realtime
from ..config import A4, Config
from ..errors import MannedError
from ..session import Session
from ..state.schedule import LOOKAHEAD_S
from .parts import Part

log = logging.getLogger(__name__)

TICK_S = 0.01


class EnginePart(Part):
    """The engine's decode thread, and the instrument that plays it.

    Parameters
    ----------
    session : Session
        As it was opened with the settings.
    config : Config
    """

    name = "engine"

    def __init__(self, session: Session, config: Config):
        self.realtime = False
        """Whether the decode thread was granted real-time priority."""
        self._engine = session.engine
        self._instrument = session.instrument
        self._at_start = config
        self._tuning = config.tuning
        self._a4 = config.start.get(A4)
        self._tuned = session.instrument.tuning

    async def start(self) -> None:
        """Start the decode thread."""
        self._engine.start()
        thread_id = self._engine.thread_id
        self.realtime = thread_id is not None and ask_realtime([thread_id], DECODE_PRIORITY)

    async def stop(self) -> None:
        """End it; the audio callback must not run any more."""
        self._engine.stop()

    def status(self) -> dict[str, Any]:
        """Figures of the engine and the instrument."""
        return {**self._instrument.status(), "realtime_decode": self.realtime}

    async def reload(self, config: Config) -> tuple[str, ...]:
        """Tune anew; the model, the state and values at start change at the next start.

        What was chosen by OSC meanwhile stays until that part of the settings
        changes.  The files of a scale are read anew, since they may have changed
        under their name.
        """
        instrument = self._instrument
        a4 = config.start.get(A4)
        with instrument.together():
            if config.tuning != self._tuning or instrument.tuning is self._tuned:
                instrument.tune(config.tuning.scale, config.tuning.keyboard, library=config.library)
                self._tuned = instrument.tuning
            if a4 != self._a4:
                instrument.set(A4, instrument.parameter(A4).default if a4 is None else a4)
        self._tuning, self._a4 = config.tuning, a4
        before, now = self._at_start, config
        later = {
            "model": before.model != now.model,
            "state": before.state != now.state,
            "start": _without_a4(before) != _without_a4(now),
        }
        return tuple(section for section, differs in later.items() if differs)


class ClockPart(Part):
    """Plays what is dated: runs the schedule ahead of the audio clock.

    Parameters
    ----------
    session : Session
    """

    name = "clock"

    def __init__(self, session: Session):
        self._schedule = session.schedule
        self._clock = session.instrument.clock

    def status(self) -> dict[str, Any]:
        """How much waits."""
        return {"scheduled": len(self._schedule)}

    async def run(self) -> None:
        """Run it a hundred times a second; what fails is logged, and the rest goes on."""
        lookahead = int(LOOKAHEAD_S * self._clock.samplerate)
        while True:
            try:
                self._schedule.run(self._clock.now + lookahead)
            except MannedError as error:
                log.warning("%s", error)
            except Exception:
                log.exception("a dated action failed")
            await asyncio.sleep(TICK_S)


def _without_a4(config: Config) -> dict[str, Any]:
    return {name: value for name, value in config.start.items() if name != A4}
