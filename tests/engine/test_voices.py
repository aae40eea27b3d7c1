"""Notes, the drone, polyphony and stealing."""

import numpy as np
from harmonic_decoder import harmonic_decoder
from sounds import cents, frequency_of, level_db, sharpest

from manned.model.pitch import note_to_hz


def voices(instrument):
    return instrument.status()["voices"]


def test_notes_sound_until_they_are_released(instrument):
    instrument.note_on("a", 60, 100)
    instrument.note_on("b", 64, 100)
    instrument.engine.render(1024)
    assert voices(instrument) == 2
    assert instrument.note_off("a") and not instrument.note_off("a")
    instrument.engine.render(22050)
    assert voices(instrument) == 1
    instrument.note_on("b", 64, 0)
    instrument.engine.render(22050)
    assert voices(instrument) == 0


def test_the_same_key_again_replaces_its_note(instrument):
    for _ in range(5):
        instrument.note_on("a", 60, 100)
        instrument.engine.render(512)
    instrument.engine.render(22050)
    assert voices(instrument) == 1


def test_a_note_released_in_the_block_it_began_still_sounds_and_ends(instrument):
    with instrument.together():
        instrument.note_on("a", 60, 100)
        instrument.note_off("a")
    signal = instrument.engine.render(22050)
    assert np.abs(signal).max() > 1e-3
    assert voices(instrument) == 0 and not signal[-100:].any()


def test_the_drone_follows_chroma_and_octave(instrument):
    instrument.set("gate", True)
    instrument.set("chroma", "A")
    for octave, wanted in ((4, 440.0), (3, 220.0)):
        instrument.set("octave", octave)
        instrument.engine.render(8192)
        signal = instrument.engine.render(44100)[:, 0]
        assert abs(cents(frequency_of(signal, wanted), wanted)) < 0.5
    instrument.set("gate", False)
    instrument.engine.render(22050)
    assert not instrument.engine.render(64).any()


def test_the_gate_can_close_and_open_again_within_its_release(instrument):
    instrument.set("env/release", 1.0)
    instrument.set("gate", True)
    held = instrument.engine.render(22050)[:, 0]
    for _ in range(10):
        instrument.set("gate", False)
        a = instrument.engine.render(700)
        instrument.set("gate", True)
        b = instrument.engine.render(700)
        assert sharpest(np.concatenate([a, b])[:, 0]) < 2 * sharpest(held[8000:])
    assert voices(instrument) == 1


def test_the_gate_opens_for_good_after_a_moment_too_short_to_sound(instrument):
    instrument.set("gate", True)
    instrument.set("gate", False)
    instrument.engine.render(64)
    instrument.set("gate", True)
    instrument.engine.render(44100)
    assert level_db(instrument.engine.render(4410)) > -40


def test_a_note_too_short_to_sound_is_a_short_one_even_with_a_slow_attack(instrument):
    instrument.set("env/attack", 2.0)
    instrument.note_on("a", 60, 127)
    instrument.note_off("a")
    assert np.abs(instrument.engine.render(44100)).max() < 0.01
    assert voices(instrument) == 0


def test_more_notes_than_voices_take_from_the_quietest_without_a_click(instrument):
    for note in range(32):
        instrument.note_on(note, 40 + note, 3 if note == 7 else 40)
    before = instrument.engine.render(22050)[:, 0]
    instrument.note_on("new", 84, 127)
    after = instrument.engine.render(22050)[:, 0]
    assert voices(instrument) == 32
    assert sharpest(after[:2000]) < 1.5 * max(sharpest(before[10000:]), sharpest(after[10000:]))
    assert abs(cents(frequency_of(after[4000:], note_to_hz(84)), note_to_hz(84))) < 5
    assert level_db(after) > -30


def test_a_flood_of_notes_neither_hangs_nor_leaks(instrument):
    rng = np.random.default_rng(1)
    for _ in range(300):
        for _ in range(rng.integers(1, 30)):
            key = int(rng.integers(60))
            if rng.random() < 0.5:
                instrument.note_on(key, 30 + key, 90)
            else:
                instrument.note_off(key)
        signal = instrument.engine.render(int(rng.integers(1, 700)))
        assert np.isfinite(signal).all() and np.abs(signal).max() <= 1.0
    instrument.all_notes_off()
    instrument.engine.render(44100)
    assert voices(instrument) == 0
    instrument.note_on("a", 60, 100)
    instrument.engine.render(512)
    assert voices(instrument) == 1


def test_all_sound_off_is_silent_within_10_ms(instrument):
    instrument.set("env/release", 5)
    instrument.set("gate", True)
    for note in range(10):
        instrument.note_on(note, 50 + note, 100)
    instrument.engine.render(4096)
    instrument.all_sound_off()
    assert not instrument.engine.render(882)[441:].any()


def test_another_model_takes_over_while_notes_sound(instrument):
    instrument.note_on("a", 69, 100)
    before = instrument.engine.render(44100)[:, 0]
    instrument.engine.load(harmonic_decoder(detune_cents=20, latents=3))
    change = instrument.engine.render(8192)[:, 0]
    after = instrument.engine.render(44100)[:, 0]
    assert sharpest(change) < 1.5 * sharpest(before[8000:])
    assert abs(cents(frequency_of(after, 440.0), 440.0)) < 0.5
    assert instrument.status()["late_spectra"] == 0


def test_new_latents_of_another_model_are_where_they_say(instrument):
    instrument.use_model(harmonic_decoder(latents=3))
    instrument.engine.render(4096)
    assert instrument.get("latent/3") == 0.5 == instrument.engine.latents()[2]
