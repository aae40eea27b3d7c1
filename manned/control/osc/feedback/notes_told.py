"""Which notes sound: what begins, is released and ends between two looks at the voices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ....engine.voices import Voice


@dataclass(frozen=True)
class ToldNote:
    """A note as it is told.

    Attributes
    ----------
    number : int
        Its own; 0 is the drone.
    pitch : float
        Note number, 60 is C4.
    velocity : float
        0–127; 0 when it was released.
    level : float
        Of its envelope, 0–1; 0 when it has ended.
    """

    number: int
    pitch: float
    velocity: float
    level: float


class NotesTold:
    """The notes of the last look, by their voices."""

    def __init__(self) -> None:
        self._notes: dict[int, ToldNote] = {}

    def look(self, voices: Iterable[Voice]) -> tuple[list[ToldNote], list[ToldNote]]:
        """What has begun, was released or ended since the last look; and all notes that sound."""
        before, now = self._notes, {}
        events = []
        for voice in voices:
            former = before.get(voice.index)
            number = abs(voice.note_id) or (former.number if former is not None and voice.index else 0)
            held = voice.stage.held
            note = ToldNote(number, voice.pitch, 127.0 * voice.velocity if held else 0.0, voice.level)
            now[voice.index] = note
            if former is None or former.number != number:
                events += [] if former is None else [_ended(former)]
                events.append(note)
            elif bool(former.velocity) != bool(note.velocity):
                events.append(note)
        events += [_ended(note) for index, note in before.items() if index not in now]
        self._notes = now
        return events, list(now.values())


def _ended(note: ToldNote) -> ToldNote:
    return ToldNote(note.number, note.pitch, 0.0, 0.0)
