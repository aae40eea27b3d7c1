"""When things happen: sample-exact, together, and the same at every block size."""

import ctypes

import numpy as np
import pytest

from harmonic_decoder import harmonic_decoder
from manned.engine import Engine
from manned.engine.events import GAIN, Event
from manned.errors import EngineBusy
from manned.instrument import Instrument


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
    assert instrument.engine._latents_now()[0] == np.float32(4095 / 4096)


def test_a_late_decoder_is_held_and_counted_not_waited_for(instrument):
    """The callback alone, with nobody to decode: the tone goes on and the engine counts."""
    instrument.note_on("a", 69, 127)
    held = instrument.engine.render(44100)
    call = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p
    )(instrument.engine.callback_address)
    instrument.set("latent/1", 1.0)
    output = np.zeros((22016, 1), np.float32)
    for at in range(0, len(output), 64):
        call(None, output[at : at + 64].ctypes.data, 64, None, 0, instrument.engine.userdata_address)
    assert instrument.status()["late_spectra"] > 20
    assert abs(np.abs(output).max() - np.abs(held[8000:]).max()) < 0.01
    after = instrument.engine.render(22050)
    assert np.abs(after).max() > 0.01


def test_the_decode_thread_serves_the_callback_live():
    instrument = Instrument(Engine(44100, 1), harmonic_decoder())
    instrument.engine.start()
    try:
        instrument.note_on("a", 60, 127)
        block = np.zeros((64, 1), np.float32)
        heard = 0.0
        for k in range(2000):
            instrument.engine._call(None, block.ctypes.data, 64, None, 0, instrument.engine.userdata_address)
            heard = max(heard, np.abs(block).max())
            if k % 100 == 50:
                instrument.set("latent/1", k / 2000)
        assert heard > 0.05
    finally:
        instrument.engine.stop()


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
