"""Several voices a note: out of tune, apart, in the latents too, and as loud as one."""

import numpy as np
import pytest
from sounds import level_db
from telling_decoder import telling_decoder, told
from told_decoder import told_decoder

from manned.engine import Engine
from manned.instrument import Instrument
from manned.limits import MAX_UNISON

RATE = 44100


def instrument(channels=2, decoder=None, **values):
    made = Instrument(Engine(RATE, channels), decoder or told_decoder([0.0]))  # a sine
    for name, value in values.items():
        made.set(name.replace("__", "/"), value)
    return made


def notes(made):
    return [voice for voice in made.engine.voices() if voice.note_id]


def partials_hz(signal, near_hz, count):
    """Frequencies of the strongest peaks near a frequency, in order."""
    size = 4 * len(signal)
    spectrum = np.abs(np.fft.rfft(signal * np.hanning(len(signal)), size))
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    peak = np.flatnonzero((spectrum[1:-1] > spectrum[:-2]) & (spectrum[1:-1] > spectrum[2:])) + 1
    peak = peak[np.abs(hertz[peak] / near_hz - 1) < 0.1]
    return np.sort(hertz[peak[np.argsort(spectrum[peak])[-count:]]])


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_a_note_has_as_many_voices_as_are_set(count):
    made = instrument(unison=count)
    made.note_on("a", 60, 100)
    made.engine.render(RATE // 10)
    assert len(notes(made)) == count and made.status()["voices"] == count
    made.note_off("a")
    made.engine.render(RATE)
    assert made.engine.silent


def test_the_voices_lie_evenly_out_of_tune():
    made = instrument(unison=3, unison__detune=30.0, unison__width=0.0)
    made.note_on("a", 69, 100)
    found = partials_hz(made.engine.render(6 * RATE)[RATE:, 0].astype(float), 440.0, 3)
    assert 1200 * np.log2(found / 440.0) == pytest.approx([-30.0, 0.0, 30.0], abs=1.0)


def test_they_are_together_as_loud_as_one():
    def loudness(count):
        made = instrument(unison=count, unison__detune=25.0, unison__width=0.0)
        made.note_on("a", 60, 100)
        return level_db(made.engine.render(8 * RATE)[RATE:, 0])

    assert [loudness(count) for count in (2, 4, 7)] == pytest.approx([loudness(1)] * 3, abs=1.0)


def test_they_stand_apart_between_left_and_right():
    made = instrument(unison=2, unison__width=1.0, unison__detune=50.0)
    made.note_on("a", 69, 100)
    left, right = made.engine.render(3 * RATE)[RATE:].astype(float).T
    low, high = 440 * 2 ** (-50 / 1200), 440 * 2 ** (50 / 1200)
    assert partials_hz(left, 440.0, 1) == pytest.approx([low], abs=0.5)
    assert partials_hz(right, 440.0, 1) == pytest.approx([high], abs=0.5)


def test_they_lie_apart_in_the_latents_around_where_the_latents_stand():
    made = instrument(decoder=telling_decoder(), unison=3, unison__latents=0.4)
    made.note_on("a", 60, 100)
    made.engine.render(RATE // 10)
    first, middle, last = (told(made.engine, voice.index) for voice in notes(made))
    assert middle == pytest.approx([0.5, 0.5, 0.5], abs=1e-3)
    assert first + last == pytest.approx([1.0, 1.0, 1.0], abs=2e-3)
    assert np.abs(first - middle).max() > 0.05 and np.abs(first - middle).max() <= 0.401


def test_they_count_as_voices_and_the_quietest_make_room():
    made = instrument(unison=4, voices=8)
    for key in (60, 64, 67):
        made.note_on(key, key, 100)
        made.engine.render(RATE // 4)
    assert len(notes(made)) == 8
    assert sum(voice.pitch == 67 for voice in notes(made)) == 4


def test_a_note_has_no_more_voices_than_there_are():
    made = instrument(unison=7, voices=3)
    made.note_on("a", 60, 100)
    made.engine.render(RATE // 10)
    assert len(notes(made)) == 3


@pytest.mark.parametrize("mode", ["mono", "legato"])
def test_a_mono_line_goes_with_all_its_voices_from_key_to_key_and_back(mode):
    made = instrument(unison=3, mode=mode, unison__detune=30.0)
    for key in (60, 67):
        made.note_on(key, key, 100)
        made.engine.render(RATE // 3)
        assert [voice.pitch for voice in notes(made)] == [key] * 3
    made.note_off(67)
    made.engine.render(RATE // 3)
    assert [voice.pitch for voice in notes(made)] == [60] * 3
    made.note_off(60)
    made.engine.render(RATE)
    assert made.engine.silent


def test_a_mono_line_follows_another_number_of_voices_at_its_next_key():
    made = instrument(unison=5, mode="mono")
    for key, count in ((60, 5), (62, 2), (64, 6)):
        made.set("unison", count)
        made.note_on(key, key, 100)
        made.engine.render(RATE // 3)
        assert len(notes(made)) == count and {voice.pitch for voice in notes(made)} == {key}
    made.all_notes_off()
    made.engine.render(RATE)
    assert made.engine.silent


def test_nine_notes_of_seven_voices_sound_at_once():
    made = instrument(unison=MAX_UNISON, voices=64)
    with made.together():
        for key in range(60, 69):
            made.note_on(key, key, 100)
    made.engine.render(RATE // 4)
    assert len(notes(made)) == 63


def test_the_sound_is_the_same_in_blocks_of_any_length():
    def one(blocksize):
        made = instrument(unison=3, unison__detune=20.0, unison__latents=0.3, spread=0.5)
        made.note_on("a", 60, 80, 100)
        made.note_on("b", 67, 80, 3333)
        made.set("unison/width", 0.1, 6000)
        made.note_off("a", 9000)
        return made.engine.render(20000, blocksize)

    reference = one(1)
    assert reference.any()
    assert all(np.array_equal(one(blocksize), reference) for blocksize in (7, 16))


def test_a_held_note_stays_as_it_began_when_the_number_changes():
    made = instrument(unison=3)
    made.note_on("a", 60, 100)
    made.engine.render(4096)
    made.set("unison", 1)
    made.note_on("b", 69, 100)
    made.engine.render(4096)
    assert sorted(voice.pitch for voice in notes(made)) == [60, 60, 60, 69]
