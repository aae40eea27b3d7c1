"""An offline render with the decode thread beside it: the sound is that of one thread alone, bit for bit."""

import threading
import time

import numpy as np
import pytest
from harmonic_decoder import harmonic_decoder

from manned.engine import Engine
from manned.instrument import Instrument
from manned.library import Library

RATE = 44100


def chord(instrument):
    for k in range(12):
        instrument.note_on(k, 40 + 3.3 * k, 40 + 5 * k, when=1000 * k)


def mono_line(instrument):
    instrument.set("mode", "legato")
    instrument.set("portamento", 0.1)
    for k in range(20):
        instrument.note_on(k, 48 + 7 * k % 24, 90, when=3001 * k)
        instrument.note_off(k - 1, when=3001 * k + 500)


def drone_that_changes(instrument):
    instrument.set("gate", True)
    for k in range(12):
        instrument.set("chroma", k, when=4000 * k)
    instrument.set_chroma_weights([1.0] + [0.3] * 11, when=55_000)


def more_notes_than_are_prepared_ahead(instrument):
    with instrument.together():
        for k in range(40):
            instrument.note_on(k, 30 + 1.7 * k, 80)


def far_bends(instrument):
    chord(instrument)
    instrument.set("bend/range", 48)
    for k in range(20):
        instrument.set("bend", (-1.0) ** k, when=3300 * k)


@pytest.mark.parametrize("decoder", ["atlas", "harmonic"])
@pytest.mark.parametrize(
    "play",
    [chord, mono_line, drone_that_changes, more_notes_than_are_prepared_ahead, far_bends],
    ids=lambda f: f.__name__,
)
def test_beside_sounds_as_in_place(decoder, play):
    decoder = Library().read_decoder("atlas") if decoder == "atlas" else harmonic_decoder()

    def rendered(beside):
        instrument = Instrument(Engine(RATE, 2), decoder)
        instrument.set("voices", 48)
        for number, (shape, rate_hz) in enumerate((("sine", 3.1), ("wander", 5.3)), 1):
            instrument.set(f"lfo/{number}/shape", shape)
            instrument.set(f"lfo/{number}/rate", rate_hz)
            instrument.set(f"lfo/{number}/depth", 0.4)
            instrument.set(f"lfo/{number}/target", number)
        if beside:
            instrument.engine.start(live=False)
        play(instrument)
        try:
            parts = [instrument.engine.render(30_000)]
            instrument.use_model(harmonic_decoder(detune_cents=20))  # crosses over while all sounds
            parts += [instrument.engine.render(frames) for frames in (1, 511, 40_000)]
        finally:
            instrument.engine.stop()
        assert instrument.status()["late_spectra"] == 0
        return np.concatenate(parts)

    alone = rendered(beside=False)
    assert alone.any()
    for _ in range(2):
        np.testing.assert_array_equal(rendered(beside=True), alone)


class Slow(threading.Thread):
    """A thread that the machine lets begin late."""

    def run(self):
        time.sleep(0.5)
        super().run()


def test_a_voice_waits_for_a_decode_thread_that_is_slow(monkeypatch):
    """Whatever the machine does with the thread, no frame is late and the sound is the same."""
    monkeypatch.setattr(threading, "Thread", Slow)

    def rendered(beside):
        instrument = Instrument(Engine(RATE, 1), harmonic_decoder())
        if beside:
            instrument.engine.start(live=False)
        instrument.note_on("a", 60, 100)
        instrument.set("lfo/1/depth", 0.4)
        instrument.set("lfo/1/target", 1)
        sound = instrument.engine.render(20_000)
        instrument.engine.stop()
        return sound

    np.testing.assert_array_equal(rendered(beside=True), rendered(beside=False))
