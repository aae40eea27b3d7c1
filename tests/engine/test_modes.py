"""One note at a time: held keys, envelopes, crossfades; and many: stealing at 64."""

import numpy as np
import pytest
from harmonic_decoder import harmonic_decoder
from sounds import cents, frequency_of, level_db, sharpest
from test_pitch import seconds_since_event, strays_cents

from manned.engine import Engine
from manned.engine.notes import CROSSFADE_LEAD
from manned.instrument import Instrument
from manned.model.pitch import note_to_hz

RATE = 44100


def rendered(instrument, seconds, blocksize=64):
    return instrument.engine.render(int(seconds * RATE), blocksize)[:, 0]


def voices(instrument):
    return instrument.status()["voices"]


def sounds_at(instrument, note):
    signal = rendered(instrument, 0.5)
    return abs(cents(frequency_of(signal, note_to_hz(note)), note_to_hz(note))) < 1 and voices(instrument) == 1


@pytest.mark.parametrize("mode", ["mono", "legato"])
def test_the_last_key_sounds_and_a_released_one_returns_to_the_key_held_before(instrument, mode):
    instrument.set("mode", mode)
    for key in (60, 64, 67):
        instrument.note_on(key, key, 100)
        rendered(instrument, 0.1)
        assert sounds_at(instrument, key)
    instrument.note_off(64)  # not the one that sounds
    rendered(instrument, 0.1)
    assert sounds_at(instrument, 67)
    instrument.note_off(67)
    rendered(instrument, 0.1)
    assert sounds_at(instrument, 60)
    instrument.note_off(60)
    rendered(instrument, 0.5)
    assert voices(instrument) == 0


def envelope_db(signal, window=441):
    n = len(signal) // window
    power = (signal[: n * window].reshape(n, window).astype(float) ** 2).mean(axis=1)
    return 10 * np.log10(power + 1e-20)


def test_legato_goes_on_at_its_level_without_click_or_dip(instrument):
    instrument.set("mode", "legato")
    instrument.set("env/attack", 0.5)
    instrument.note_on(60, 60, 127)
    before = rendered(instrument, 1.0)[30000:]
    for key in (64, 59, 67, 60.5):
        instrument.note_on(key, key, 127)
        after = rendered(instrument, 0.25)
        assert abs(envelope_db(after, 882) - level_db(before)).max() < 3
        assert sharpest(after[:2000]) < 1.3 * max(sharpest(before), sharpest(after[2000:]))
        before = after[2000:]


def test_mono_restarts_the_envelope_without_a_click(instrument):
    instrument.set("mode", "mono")
    instrument.set("env/attack", 0.05)
    instrument.set("env/decay", 0.1)
    instrument.set("env/sustain", 0.25)
    instrument.note_on(60, 60, 127)
    rendered(instrument, 1.0)
    low = level_db(rendered(instrument, 0.1))
    instrument.note_on(64, 64, 127)
    line = rendered(instrument, 0.5)
    levels = envelope_db(line)
    assert levels[4:8].max() > low + 9 and abs(levels[-5:].mean() - low) < 1
    assert levels.min() > low - 3
    full = level_db(line) + 12
    assert sharpest(line[:4000]) < 1.5 * sharpest(line[2000:4000]) and full > low


@pytest.mark.parametrize("mode", ["mono", "legato"])
def test_a_line_glides_from_key_to_key_in_tune(instrument, mode):
    instrument.set("mode", mode)
    instrument.set("portamento", 0.3)
    instrument.note_on(62, 62, 127)
    rendered(instrument, 0.5)
    instrument.note_on(74, 74, 127)
    signal = rendered(instrument, 0.8)
    t = seconds_since_event(instrument, signal)
    assert strays_cents(signal, 62 + np.minimum(t / 0.3, 1) * 12) < 2


def test_a_key_pressed_and_lifted_in_one_block_leaves_the_line_as_it_was(instrument):
    instrument.set("mode", "legato")
    instrument.note_on(60, 60, 100)
    rendered(instrument, 0.2)
    with instrument.together():
        instrument.note_on(67, 67, 100)
        instrument.note_off(67)
    rendered(instrument, 0.1)
    assert sounds_at(instrument, 60)
    with instrument.together():
        instrument.note_off(60)
        instrument.note_on(72, 72, 100)
        instrument.note_off(72)
    rendered(instrument, 0.5)
    assert voices(instrument) == 0


@pytest.mark.parametrize("mode", ["mono", "legato"])
def test_of_a_held_chord_the_latest_note_becomes_the_line_and_the_others_are_its_keys(instrument, mode):
    for key in (60, 64, 67):
        instrument.note_on(key, key, 100)
        rendered(instrument, 0.1)
    instrument.set("mode", mode)
    rendered(instrument, 0.3)
    assert sounds_at(instrument, 67)
    instrument.note_off(67)
    rendered(instrument, 0.1)
    assert sounds_at(instrument, 64)
    instrument.note_on(72, 72, 100)
    rendered(instrument, 0.1)
    assert sounds_at(instrument, 72)
    for key in (60, 64, 72):
        instrument.note_off(key)
    rendered(instrument, 0.5)
    assert voices(instrument) == 0


def test_a_line_goes_on_as_a_note_of_a_chord(instrument):
    instrument.set("mode", "mono")
    instrument.note_on(60, 60, 100)
    rendered(instrument, 0.3)
    instrument.set("mode", "poly")
    assert sounds_at(instrument, 60)
    instrument.note_on(64, 64, 100)
    rendered(instrument, 0.1)
    assert voices(instrument) == 2
    instrument.note_off(60)
    instrument.note_off(64)
    rendered(instrument, 0.5)
    assert voices(instrument) == 0


def test_a_flood_of_keys_on_one_line_ends_in_silence(instrument):
    rng = np.random.default_rng(2)
    for round in range(200):
        instrument.set("mode", ("mono", "legato")[round // 50 % 2])
        for _ in range(rng.integers(1, 12)):
            key = int(rng.integers(20))
            instrument.note_on(key, 40 + key, 90) if rng.random() < 0.5 else instrument.note_off(key)
            if rng.random() < 0.3:
                instrument.set("chroma", int(rng.integers(12)))
                instrument.set("gate", rng.random() < 0.5)
        signal = instrument.engine.render(int(rng.integers(1, 700)))
        assert np.isfinite(signal).all() and np.abs(signal).max() <= 1.0
    instrument.all_notes_off()
    rendered(instrument, 1)
    assert voices(instrument) == 0
    instrument.note_on("a", 60, 100)
    rendered(instrument, 0.1)
    assert sounds_at(instrument, 60)


def test_a_line_and_a_drone_cross_over_live(instrument, live):
    """With the decode thread at work beside the callback, and keys and classes faster than it prepares them."""
    instrument.set("mode", "legato")
    instrument.set("gate", True)
    instrument.note_on("held", 48, 100)
    live(40)
    rng = np.random.default_rng(3)
    for k in range(60):
        key = int(rng.integers(4))
        instrument.note_on(key, 60 + key, 100) if rng.random() < 0.6 else instrument.note_off(key)
        instrument.set("chroma", k % 12)
        live(int(rng.integers(1, 8)))
    for key in range(4):
        instrument.note_off(key)
    live(200)
    sounding = sorted(voice.pitch for voice in instrument.engine.voices())
    assert sounding == [48, 71]
    instrument.all_notes_off()
    live(200)
    assert voices(instrument) == 0


def test_the_drone_glides_to_another_class(instrument):
    instrument.set("portamento", 0.4)
    instrument.set("chroma", "C")
    instrument.set("gate", True)
    held = rendered(instrument, 1)[20000:]
    with instrument.together():
        instrument.set("chroma", "G")
        instrument.set("octave", 5)
    signal = rendered(instrument, 1)[CROSSFADE_LEAD:]
    t = seconds_since_event(instrument, signal)
    assert strays_cents(signal, 60 + np.minimum(t / 0.4, 1) * 19) < 2
    assert sharpest(signal) < 1.5 * max(sharpest(held), sharpest(signal[25000:]))


def test_the_drone_changes_class_within_45_ms_without_a_click(instrument):
    instrument.set("chroma", "C")
    instrument.set("gate", True)
    before = rendered(instrument, 1)[20000:]
    instrument.set("chroma", "F#")
    change = rendered(instrument, 1)
    after = change[2000:]  # 45 ms
    assert sharpest(change) < 1.3 * max(sharpest(before), sharpest(after))
    spectrum = np.abs(np.fft.rfft(after[:8192] * np.hanning(8192)))
    old, new = (spectrum[int(round(note_to_hz(n) * 8192 / RATE))] for n in (60, 66))
    assert old < 0.003 * new


def solo_phrase(blocksize, mode):
    instrument = Instrument(Engine(RATE, 1), harmonic_decoder())
    instrument.set("mode", mode)
    instrument.set("portamento", 0.05)
    instrument.set("gate", True, when=100)
    for k in range(10):
        when = 2000 + 2003 * k
        instrument.note_on(k, 50 + 7 * k % 24, 60 + 5 * k, when=when)
        instrument.note_off(k, when=when + (900, 5000)[k % 2])
        instrument.set("chroma", k, when=when + 333)
        instrument.set("octave", 3 + k % 3, when=when + 350)
    sound = instrument.engine.render(32_000, blocksize)
    assert instrument.status()["late_spectra"] == 0
    return sound


@pytest.mark.parametrize("mode", ["mono", "legato"])
def test_a_line_does_not_depend_on_the_block_size(mode):
    reference = solo_phrase(64, mode)
    assert np.abs(reference).max() > 0.05
    for blocksize in (32, 100, 1024):
        assert np.array_equal(solo_phrase(blocksize, mode), reference)


def test_sixty_four_voices_and_a_chord_of_as_many_in_their_place(instrument):
    instrument.set("voices", 64)
    for note in range(64):
        instrument.note_on(note, 36 + note, 8)
        instrument.engine.render(32)
    before = rendered(instrument, 0.5)
    assert voices(instrument) == 64
    with instrument.together():
        for note in range(64):
            instrument.note_on(100 + note, 36.5 + note, 8)
    after = rendered(instrument, 0.5)
    assert voices(instrument) == 64
    assert sharpest(after[:2000]) < 1.5 * max(sharpest(before[8000:]), sharpest(after[8000:]))
    assert instrument.status()["late_spectra"] == 0


def test_fewer_voices_take_effect_on_what_sounds(instrument):
    for note in range(8):
        instrument.note_on(note, 50 + note, 20 + 10 * note)
    rendered(instrument, 0.2)
    instrument.set("voices", 3)
    rendered(instrument, 0.1)
    assert voices(instrument) == 3
    kept = sorted(voice.pitch for voice in instrument.engine.voices() if voice.stage.held)
    assert kept == [55, 56, 57]
