"""With low jitter every message is played the same time after it came, however late it is read."""

import time

import pytest
from midi_messages import ListeningEngine
from small_decoder import small_decoder

from manned.control.midi.input import MidiInput
from manned.instrument import Instrument
from manned.settings import MidiSettings

RATE = 44100
BLOCK = 128
LATER = 2 * BLOCK + 0.004 * RATE


class EvenClock:
    """Audio time that keeps to the monotonic clock."""

    name, samplerate, now, block = "even", RATE, 0, BLOCK
    began = time.monotonic()

    def samples(self, seconds):
        return round(seconds * RATE)

    def sample_when(self, seconds):
        return round((seconds - self.began) * RATE)


def handed(jitter, *ages):
    """Where notes are put, in samples after they came, that are read so many seconds after that."""
    instrument = Instrument(ListeningEngine(), small_decoder())
    instrument.clock = EvenClock()
    midi = MidiInput(instrument, MidiSettings(api="none", jitter=jitter))
    found = []
    for number, age in enumerate(ages):
        came = time.monotonic() - age
        instrument.engine.handed.clear()
        midi.received("a keyboard", [0x90, 60 + number, 100], came)
        (when,) = {event.when for event in instrument.engine.handed}
        found.append(when if when is None else when - (came - EvenClock.began) * RATE)
    return found


def test_every_message_is_played_the_same_time_after_it_came():
    assert handed("low", 0.008, 0.003, 0.001, 0.0) == pytest.approx([LATER] * 4, abs=1)


def test_otherwise_messages_are_played_at_once():
    assert handed("any", 0.003, 0.0) == [None, None]


def test_no_message_is_played_before_one_that_was_read_earlier():
    (_, second) = handed("low", 0.004, 0.030)
    assert second > LATER + 0.020 * RATE


def test_it_counts_when_a_message_was_due_and_not_when_it_came():
    instrument = Instrument(ListeningEngine(), small_decoder())
    instrument.clock = EvenClock()
    midi = MidiInput(instrument, MidiSettings(api="none", jitter="low"))
    instrument.engine.handed.clear()
    now = time.monotonic()
    midi.received("a keyboard", [0x90, 60, 100], now, now - 0.001)
    (when,) = {event.when for event in instrument.engine.handed}
    assert when - (now - 0.001 - EvenClock.began) * RATE == pytest.approx(LATER, abs=1)
