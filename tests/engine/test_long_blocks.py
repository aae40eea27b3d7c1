"""Blocks so long that a voice hops several times in them, played by the callback with the decode thread beside it."""

import numpy as np
import pytest
from harmonic_decoder import harmonic_decoder

from manned.engine import Engine
from manned.instrument import Instrument
from manned.library import Library

RATE = 44100
SECONDS = 3


def moving(decoder, voices=8, hop="512"):
    """An instrument whose latents move all the time, nothing played yet."""
    instrument = Instrument(Engine(RATE, 2), decoder)
    instrument.set("hop", hop)
    for number, (shape, rate_hz) in enumerate((("sine", 3.1), ("wander", 5.3)), 1):
        instrument.set(f"lfo/{number}/shape", shape)
        instrument.set(f"lfo/{number}/rate", rate_hz)
        instrument.set(f"lfo/{number}/depth", 0.4)
        instrument.set(f"lfo/{number}/target", number)
    return instrument


def chord(instrument, voices, when=None):
    for k in range(voices):
        instrument.note_on(k, 40 + 5.3 * k, 70, when=when)


def take(instrument, blocksize, begin, seconds=SECONDS):
    """What a device of that block size plays, after a block of silence; ``begin`` is called before its second block."""
    engine = instrument.engine
    block, played = np.zeros((blocksize, 2), np.float32), []
    engine.start()
    try:
        for number in range(1 + int(seconds * RATE) // blocksize):
            if number == 1:
                begin()
            assert engine.wait_decoded()  # a device leaves it the time of a block
            engine.play_into(block)
            played.append(block.copy())
    finally:
        engine.stop()
    return np.concatenate(played)


def rendered(instrument, blocksize, begin, frames):
    """The same offline."""
    first = instrument.engine.render(blocksize)
    begin()
    return np.concatenate([first, instrument.engine.render(frames - blocksize)])


def play_and_compare(make, blocksize, begin, seconds=SECONDS):
    live = make()
    played = take(live, blocksize, lambda: begin(live), seconds)
    offline = make()
    wanted = rendered(offline, blocksize, lambda: begin(offline), len(played))
    status = live.status()
    assert np.abs(wanted).max() > 0.05
    assert (status["late_spectra"], status["late_onsets"]) == (0, 0)
    assert np.array_equal(played, wanted)


@pytest.mark.parametrize("blocksize", [64, 1024, 2048, 4096])
def test_no_spectrum_is_held_and_the_take_is_the_render(blocksize):
    decoder = Library().read_decoder("atlas")
    play_and_compare(lambda: moving(decoder), blocksize, lambda instrument: chord(instrument, 8))


@pytest.mark.parametrize("hop", ["256", "1024"])
def test_at_every_hop(hop):
    play_and_compare(
        lambda: moving(harmonic_decoder(octaves=(3, 4)), hop=hop), 2048, lambda instrument: chord(instrument, 4), 1.0
    )


def phrase(instrument):
    """Dated notes, glides, bends and changes of everything that a hop depends on, at samples of no block."""
    engine = instrument.engine
    begin = engine.clock
    instrument.set("portamento", 0.1, when=begin + 3000)
    instrument.set("vibrato/depth", 0.5, when=begin + 3001)
    for k in range(10):
        when = begin + 7000 + 3001 * k
        instrument.note_on(k, 45 + 4.1 * k, 80, when=when)
        instrument.note_latent(k, 1, 0.3 - 0.07 * k, when=when)
        instrument.note_pitch(k, 0.1 * k, when=when + 1234)
        instrument.note_latent(k, 1, 0.2, when=when + 2345)
        instrument.set("latent/1", (k * 0.37) % 1, when=when + 777)
        instrument.set("bend", (k % 3 - 1) / 2, when=when + 1500)
        instrument.set("hop", ("256", "512", "1024")[k % 3], when=when + 1700)
        instrument.note_off(k, when=when + 9000)
    instrument.set("gate", True, when=begin + 20_011)


@pytest.mark.parametrize("blocksize", [1024, 4096])
def test_what_is_dated_is_foreseen(blocksize):
    play_and_compare(lambda: moving(harmonic_decoder(octaves=(3, 4))), blocksize, phrase, 1.2)


def test_values_set_between_two_blocks_are_foreseen_in_time():
    instrument = moving(harmonic_decoder(octaves=(3, 4)))
    engine, block = instrument.engine, np.zeros((2048, 2), np.float32)
    engine.start()
    try:
        engine.play_into(block)
        chord(instrument, 4)
        for turn in range(30):
            instrument.set("latent/1", turn % 7 / 7)
            assert engine.wait_decoded()
            engine.play_into(block)
        assert instrument.status()["late_spectra"] == 0
    finally:
        engine.stop()
