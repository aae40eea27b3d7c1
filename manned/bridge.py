"""What goes from the control thread to the engine: batches of events, none of which is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from .engine import Engine
from .errors import EngineBusy
from .events import NOTE_LATENT, NOTE_ON, OF_NOTES, Event


class Bridge:
    """Gathers events and hands them to an engine together.  Control thread only.

    Parameters
    ----------
    engine : Engine
    lost : callable(set of int)
        Told the numbers of notes that did not start, since the engine had no room for them.
    """

    def __init__(self, engine: Engine, lost: Callable[[set[int]], None]):
        self._engine = engine
        self._lost = lost
        self._batch: list[Event] = []
        self._backlog: dict[tuple[int, int, float], Event] = {}

    def add(self, event: Event) -> None:
        """Put an event into the batch."""
        self._batch.append(event)

    def discard(self) -> None:
        """Forget the batch."""
        self._batch = []

    def publish(self) -> None:
        """Hand the batch to the engine, after those events that it once had no room for.

        What it refuses is kept, latest value for each, so that the engine agrees with
        what is set again as soon as it can, and no note goes on for ever; only notes that did not start are gone.

        Raises
        ------
        EngineBusy
            When the engine has no room for the batch.
        """
        batch, self._batch = self._batch, []
        if self._backlog:
            self._publish_backlog(batch)
        if not batch:
            return
        try:
            self._engine.push(batch)
        except EngineBusy:
            self._keep(batch)
            raise

    def _publish_backlog(self, batch: list[Event]) -> None:
        for event in batch:
            if event.when is None:
                self._backlog.pop(_meaning(event), None)
        if self._backlog:
            with suppress(EngineBusy):
                self._engine.push(list(self._backlog.values()))
                self._backlog.clear()

    def _keep(self, batch: list[Event]) -> None:
        gone = {event.index for event in batch if event.kind == NOTE_ON}
        self._lost(gone)
        for event in batch:
            if event.kind in OF_NOTES and (event.kind == NOTE_ON or event.index in gone):
                continue
            self._backlog.pop(_meaning(event), None)  # later than the others
            self._backlog[_meaning(event)] = event._replace(when=None)


def _meaning(event: Event) -> tuple[int, int, float]:
    """What an event sets; a later one of the same meaning takes its place."""
    return event.kind, event.index, event.b if event.kind == NOTE_LATENT else 0
