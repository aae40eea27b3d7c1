"""A delay of MIDI is the same for every message, however late it is read."""

import time

import pytest
from midi_messages import ListeningEngine
from small_decoder import small_decoder

from manned.control.midi.input import MidiInput
from manned.instrument import Instrument
from manned.settings import MidiSettings

RATE = 44100


class WallClock:
    """Audio time that keeps to the wall clock."""

    name, samplerate, now = "wall", RATE, 0

    def samples(self, seconds):
        return round(seconds * RATE)

    def sample_at(self, unix_time):
        return round((unix_time - self.began) * RATE)

    began = time.time()


def handed(delay, *ages):
    """Where notes are put, in samples after they came, that are read so many seconds after that."""
    instrument = Instrument(ListeningEngine(), small_decoder())
    instrument.clock = WallClock()
    midi = MidiInput(instrument, MidiSettings(api="none", delay=delay))
    begun = time.time() - time.monotonic() - WallClock.began
    found = []
    for number, age in enumerate(ages):
        came = time.monotonic() - age
        instrument.engine.handed.clear()
        midi.received("a keyboard", [0x90, 60 + number, 100], came)
        (when,) = {event.when for event in instrument.engine.handed}
        found.append(when if when is None else when - (begun + came) * RATE)
    return found


def test_every_message_is_played_the_same_time_after_it_came():
    assert handed(10.0, 0.008, 0.003, 0.001, 0.0) == pytest.approx([441.0] * 4, abs=5)


def test_without_a_delay_messages_are_played_at_once():
    assert handed(0.0, 0.003, 0.0) == [None, None]


def test_no_message_is_played_before_one_that_was_read_earlier():
    (_, second) = handed(10.0, 0.004, 0.030)  # as a clock that is set back would tell
    assert second > 441 + 100
