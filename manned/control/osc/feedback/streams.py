"""Streams: levels, notes and the spectrum, sent so many times a second to those who asked for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import cache

from ..packet import write_bundles, write_floats, write_message
from .feedback import TICK_S, Feedback
from .meter import Levels, Meter
from .notes_told import NotesTold, ToldNote
from .spectrum import HIGHEST_HZ, LOWEST_HZ, Spectrum
from .subscriber import Subscriber

METER, VOICE, SPECTRUM = "meter", "voice", "spectrum"
"""The streams, by the names of their commands."""


class Streams:
    """Sends the streams.  Control thread only.

    Parameters
    ----------
    feedback : Feedback
        Whose subscribers they go to.
    meter : Meter
        Measured while somebody wants to know.
    """

    def __init__(self, feedback: Feedback, meter: Meter):
        self._feedback = feedback
        self._meter = meter
        self._timer: asyncio.TimerHandle | None = None
        self._levels: dict[Subscriber, Levels] = {}
        self._due: dict[tuple[Subscriber, str], float] = {}
        self._notes = NotesTold()
        self._spectrum: Spectrum | None = None  # while somebody wants it

    def subscribe(self, subscriber: Subscriber, stream: str, rate: int) -> None:
        """Send a stream to a subscriber so many times a second; 0 sends it no more."""
        if rate > 0:
            subscriber.rates[stream] = rate
            self._due.setdefault((subscriber, stream), 0.0)
            if self._timer is None:
                self._meter.start()
                self._notes = NotesTold()
                self._timer = asyncio.get_running_loop().call_later(TICK_S, self._tick)
        else:
            subscriber.rates.pop(stream, None)
            self._feedback.leave(subscriber)  # also one that had none: it was made just to be asked

    def close(self) -> None:
        """Send nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._stop()

    def _stop(self) -> None:
        self._timer = None
        self._levels.clear()
        self._due.clear()
        self._spectrum = None
        self._meter.stop()

    def _tick(self) -> None:
        wanting = [subscriber for subscriber in self._feedback if subscriber.rates]
        if not wanting:
            self._stop()
            return
        self._timer = asyncio.get_running_loop().call_later(TICK_S, self._tick)
        levels, voices = self._meter.read(), self._feedback.instrument.engine.voices()
        events, notes = self._notes.look(voices)
        self._levels = {one: self._levels.get(one, Levels()) + levels for one in wanting if METER in one.rates}
        self._due = {key: due for key, due in self._due.items() if key[0] in wanting and key[1] in key[0].rates}
        spectrum = self._look(any(SPECTRUM in one.rates for one in wanting))
        for subscriber in wanting:
            packets = []
            if METER in subscriber.rates and self._is_due(subscriber, METER):
                packets.append(self._meter_message(self._levels.pop(subscriber), len(voices)))
            if SPECTRUM in subscriber.rates and self._is_due(subscriber, SPECTRUM):
                packets.append(spectrum())
            if VOICE in subscriber.rates:
                told = [*events, *(notes if self._is_due(subscriber, VOICE) else ())]
                packets += write_bundles(map(_voice_message, dict.fromkeys(told)), subscriber.outlet.most)
            if packets:
                subscriber.send(packets)

    def _look(self, wanted: bool) -> Callable[[], bytes]:
        """Let the spectrum take what was played, if it is wanted; returns what makes its message, once a tick."""
        spectrum = self._spectrum = (self._spectrum or Spectrum(self._meter.samplerate)) if wanted else None
        if spectrum is not None:
            spectrum.take(self._meter.heard)
        return cache(lambda: b"" if spectrum is None else _spectrum_message(spectrum))

    def _is_due(self, subscriber: Subscriber, stream: str) -> bool:
        now = time.monotonic()
        due = self._due.get((subscriber, stream), 0.0)
        if now < due:
            return False
        # From when it was due, so that the rate holds; one tick is caught up with and no more.
        self._due[subscriber, stream] = max(due, now - TICK_S) + 1 / subscriber.rates[stream]
        return True

    def _meter_message(self, levels: Levels, voices: int) -> bytes:
        load = levels.busy_s * self._meter.samplerate / max(levels.frames, 1)
        values: Sequence[float] = (*levels.peaks.tolist(), *levels.rms.tolist())
        return write_message("/meter", *map(float, values), voices, float(load))


def _voice_message(note: ToldNote) -> bytes:
    return write_message("/voice", note.number, float(note.pitch), float(note.velocity), float(note.level))


def _spectrum_message(spectrum: Spectrum) -> bytes:
    return write_floats("/spectrum", (LOWEST_HZ, HIGHEST_HZ, *spectrum.levels_db().tolist()))
