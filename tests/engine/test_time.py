"""When things happen: sample-exact, together, and the same at every block size."""

from types import SimpleNamespace

import numpy as np
import pytest
from harmonic_decoder import harmonic_decoder

from manned.engine import Engine
from manned.engine.callback import follow_due
from manned.engine.figures import FIGURES
from manned.errors import EngineBusy
from manned.events import GAIN, Event
from manned.instrument import Instrument
from manned.model.pitch import note_to_hz


def phrase(blocksize, samplerate=44100):
    """Notes, glides, bends and a chord, all dated, rendered at one block size."""
    instrument = Instrument(Engine(samplerate, 1), harmonic_decoder())
    for k in range(12):
        when = 5000 + 3001 * k
        instrument.note_on(k, 40 + 5 * k, 60 + 5 * k, when=when)
        instrument.set("latent/1", (k * 0.37) % 1, when=when + 777)
        instrument.set("bend", (k % 3 - 1) / 2, when=when + 1500)
        instrument.note_off(k, when=when + 9000)
    instrument.set("gate", True, when=20011)
    instrument.set("chroma", 7, when=30013)
    instrument.set("gain", 0.4, when=33333)
    sound = instrument.engine.render(60000, blocksize)
    assert instrument.status()["late_spectra"] == 0
    return sound


def test_the_sound_does_not_depend_on_the_block_size():
    reference = phrase(64)
    assert np.abs(reference).max() > 0.05
    for blocksize in (32, 100, 128, 1024):
        assert np.array_equal(phrase(blocksize), reference)


def test_a_dated_note_begins_at_its_very_sample():
    for when in (2000, 2001, 2063, 4096):
        instrument = Instrument(Engine(44100, 1), harmonic_decoder())
        instrument.note_on("a", 60, 127, when=when)
        heard = np.flatnonzero(instrument.engine.render(8192)[:, 0])
        assert when <= heard[0] <= when + 2


def test_a_note_takes_the_latents_that_hold_when_it_begins():
    """A jump of latents dated with the note colours its first samples already."""
    sounds = []
    for early in (True, False):
        instrument = Instrument(Engine(44100, 1), harmonic_decoder())
        instrument.set("glide", 0.0)
        instrument.engine.render(64)
        with instrument.together(3000):
            instrument.set("latent/1", 1.0, when=None if early else 3000)
            instrument.note_on("a", 60, 127)
        sounds.append(instrument.engine.render(6000))
    assert np.array_equal(*sounds)


def test_an_immediate_note_sounds_in_the_next_block(instrument):
    instrument.engine.render(1000)
    instrument.note_on("a", 60, 127)
    block = instrument.engine.render(64)
    assert block[-1] != 0 and instrument.status()["late_onsets"] == 0


def test_a_raise_inside_together_plays_nothing(instrument):
    with pytest.raises(RuntimeError):
        with instrument.together():
            instrument.note_on("a", 60, 127)
            raise RuntimeError
    assert not instrument.engine.render(4096).any()


def test_events_beyond_the_queue_are_refused_whole(instrument):
    with pytest.raises(EngineBusy):
        instrument.engine.push([Event(GAIN, None, 0, 0.5)] * 5000)
    assert instrument.status()["dropped_events"] == 5000
    instrument.note_on("a", 60, 127)
    assert np.abs(instrument.engine.render(1024)).max() > 0.01


def test_what_a_full_queue_refused_is_made_good(instrument):
    """Values and releases reach the engine with the next message that does."""
    instrument.note_on("a", 60, 127)
    instrument.engine.render(1024)
    with pytest.raises(EngineBusy):
        with instrument.together():
            instrument.note_off("a")
            for k in range(4096):
                instrument.set("latent/1", k / 4096)
    instrument.engine.render(8192)
    assert instrument.status()["voices"] == 1
    instrument.set("env/attack", 0.01)
    instrument.engine.render(22050)
    assert instrument.status()["voices"] == 0
    assert instrument.engine.latents()[0] == np.float32(4095 / 4096)


def test_a_stall_under_a_flood_of_notes_is_survived(instrument):
    """No block runs while 10,000 notes come and go; then everything works again and nothing hangs."""
    instrument.note_on("long", 50, 100)
    instrument.engine.render(512)
    for k in range(10_000):
        try:
            instrument.note_on(k, 60, 100)
            instrument.note_off(k)
        except EngineBusy:
            pass
    with pytest.raises(EngineBusy):
        instrument.note_off("long")
        instrument.set_latents([0.2, 0.3] * 1)
        for _ in range(5000):
            instrument.set("gain", 0.5)
    instrument.engine.render(4096)
    instrument.set("gain", 0.6)
    instrument.engine.render(44100)
    assert instrument.status()["voices"] == 0 and not instrument.notes()
    assert abs(instrument.engine.gain - 0.6) < 1e-6
    instrument.note_on("a", 60, 127)
    assert np.abs(instrument.engine.render(1024)).max() > 0.01


@pytest.mark.parametrize("end", ["note_off", "all_notes_off", "all_sound_off"])
def test_a_dated_note_can_be_taken_back(instrument, end):
    instrument.note_on("a", 60, 127, when=3000)
    instrument.engine.render(1000)
    instrument.note_off("a") if end == "note_off" else getattr(instrument, end)()
    instrument.set("gate", True, when=9000)
    assert not instrument.engine.render(7900).any()
    instrument.set("gate", False)
    assert not instrument.engine.render(8000).any()
    for k in range(200):  # and all its preparations are free again
        instrument.note_on(k, 60, 127)
        instrument.engine.render(64)


def test_a_note_dated_after_an_end_is_not_taken_back(instrument):
    """As in a score: silence at one moment, a note at the next, both handed over ahead."""
    instrument.all_sound_off(when=3000)
    instrument.note_on("a", 60, 127, when=3100)
    assert np.abs(instrument.engine.render(6000)).max() > 0.05


def test_thousands_of_dated_events_in_the_worst_order_all_happen(instrument):
    for k in range(4000):
        instrument.set("gain", k / 4000, when=10_000 - k)
        if k % 1000 == 999:
            instrument.engine.render(64)
    instrument.engine.render(20_000)
    assert instrument.engine.gain == 0.0 and instrument.status()["dropped_events"] == 0


def test_more_dated_notes_than_can_be_prepared_are_refused(instrument):
    with pytest.raises(EngineBusy):
        for k in range(200):
            instrument.note_on(k, 60, 100, when=50_000)
    assert len(instrument.notes()) == 128
    with pytest.raises(EngineBusy):
        instrument.set("gate", True)
    instrument.all_sound_off()
    instrument.engine.render(64)
    instrument.set("gate", True)
    assert np.abs(instrument.engine.render(4096)).max() > 0.01


def test_callback_times_are_those_of_the_last_blocks(instrument):
    for blocks in (1, 2, 20_000):
        instrument.engine.render(64 * blocks)
        assert (instrument.engine.durations_ns() > 0).all()


def test_a_late_decoder_is_held_and_counted_not_waited_for(instrument):
    """The callback alone, with nobody to decode: the tone goes on and the engine counts."""
    instrument.note_on("a", 69, 127)
    held = instrument.engine.render(44100)
    instrument.set("latent/1", 1.0)
    output = np.zeros((22016, 1), np.float32)
    for at in range(0, len(output), 64):
        instrument.engine.play_into(output[at : at + 64])
    assert instrument.status()["late_spectra"] > 20
    assert abs(np.abs(output).max() - np.abs(held[8000:]).max()) < 0.01
    after = instrument.engine.render(22050)
    assert np.abs(after).max() > 0.01


def test_the_decode_thread_serves_the_callback_live(instrument, live):
    """A dated note is prepared, and its latents are followed, by the decode thread alone."""
    instrument.note_on("a", 60, 127, when=3000)
    assert live(100) > 0.05
    (voice,) = instrument.engine.voices()
    instrument.set("latent/1", 1.0)
    live(100)
    (after,) = instrument.engine.voices()
    assert np.abs(after.spectrum - voice.spectrum).max() > 0.1 * voice.spectrum.max()


def test_a_held_note_takes_up_a_model_that_is_loaded_while_many_notes_begin(instrument, live):
    instrument.set("voices", 64)

    def held():
        return [voice for voice in instrument.engine.voices() if voice.pitch == 69 and voice.stage.held]

    for swap in range(10):
        instrument.note_on("held", 69, 100)
        live(30)
        for k in range(40):
            instrument.note_on(k, 40 + k, 50)
        instrument.engine.load(harmonic_decoder(detune_cents=30 * (swap % 2)))
        wanted = note_to_hz(69 + 0.3 * (swap % 2)) * 4096 / 44100
        for _ in range(20):  # a busy machine may take its time
            live(40)
            if all(abs(voice.fundamental_bins - wanted) < 0.05 for voice in held()):
                break
        assert held() and all(abs(voice.fundamental_bins - wanted) < 0.05 for voice in held())
        instrument.all_sound_off()
        live(10)


def test_what_is_played_can_be_tapped(instrument):
    instrument.note_on("a", 60, 127)
    instrument.engine.render(1000)
    instrument.engine.tap_start()
    played = instrument.engine.render(5000)
    assert np.array_equal(instrument.engine.tap_read(), played)
    assert len(instrument.engine.tap_read()) == 0
    instrument.engine.tap_stop()
    instrument.engine.render(5000)
    assert len(instrument.engine.tap_read()) == 0
    instrument.engine.tap_start()
    instrument.engine.render(600_000)
    assert instrument.engine.tap_lost > 0


FRAMES, RATE = 64, 44100
PERIOD_NS = FRAMES * 1e9 / RATE


def followed(begun_ns):
    """When blocks are thought to be due that begin at these times, in ns."""
    figures = SimpleNamespace(**dict.fromkeys(FIGURES.names, 0))
    dues = []
    for begin in begun_ns:
        follow_due.py_func(figures, begin, FRAMES, RATE)
        dues.append(figures.block_due_ns)
    return np.array(dues)


def test_dates_do_not_take_the_jitter_of_callbacks():
    even = 1e12 + PERIOD_NS * np.arange(2000)
    late = np.random.default_rng(0).exponential(200e3, 2000)
    off = followed(even + late)[100:] - even[100:]
    assert off.min() > -20e3 and off.max() < 150e3


def test_dates_follow_a_device_that_loses_periods():
    lost = np.repeat((0, 3), (500, 1500))
    even = 1e12 + PERIOD_NS * (np.arange(2000) + lost)
    off = followed(even) - even
    assert abs(off[1200:]).max() < 50e3


def test_dates_begin_anew_after_a_pause():
    even = 1e12 + PERIOD_NS * np.arange(500) + np.repeat((0, 2e9), 250)
    assert abs(followed(even) - even).max() < 1e3
