"""With low jitter every message is played the same time after it came, however late it is read."""

import time
from types import SimpleNamespace

import pytest
from midi_messages import ListeningEngine
from small_decoder import small_decoder

from manned.control.midi.input import MidiInput
from manned.control.midi.reader import Jack
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


PERIOD_S = 100.0  # so that how long a test takes does not matter


@pytest.mark.parametrize(("after", "periods"), [(-1.0, -1), (-0.6, -1), (-0.2, 0), (0.0, 0), (0.4, 0)])
def test_a_message_of_jack_counts_from_the_beginning_of_its_period(after, periods):
    """Of the period that is, or of one before; a period may begin a little sooner than was foreseen."""
    client = SimpleNamespace(samplerate=1000, blocksize=int(1000 * PERIOD_S), frame_time=49_000, last_frame_time=9_000)
    last = time.monotonic() - 40.0
    begun = Jack.begun(SimpleNamespace(_client=client), last + after * PERIOD_S)
    assert begun == pytest.approx(last + periods * PERIOD_S, abs=1.0)


def test_the_period_counts_and_not_when_in_it_a_message_was_queued():
    instrument = Instrument(ListeningEngine(), small_decoder())
    instrument.clock = EvenClock()
    midi = MidiInput(instrument, MidiSettings(api="none", jitter="low"))
    instrument.engine.handed.clear()
    now = time.monotonic()
    midi.received("a keyboard", [0x90, 60, 100], now, now - 0.001)
    (when,) = {event.when for event in instrument.engine.handed}
    assert when - (now - 0.001 - EvenClock.began) * RATE == pytest.approx(LATER, abs=1)
