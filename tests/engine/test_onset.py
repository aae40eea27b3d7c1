"""A note's first frame finds what is set up to its sample, whoever prepares the note."""

import numpy as np
import pytest
from harmonic_decoder import harmonic_decoder

from manned.engine import Engine
from manned.instrument import Instrument

BEFORE = 4800  # samples, in whole blocks of an offline render

SETTINGS = {
    "formant": {"formant": 1.0, "bend": 1.0},
    "bend": {"bend": -0.7, "formant": 1.0},
    "bend range": {"bend": 1.0, "bend/range": 12.0, "formant": 0.5},
    "master tuning": {"tuning/a4": 463.0, "formant": 1.0},
    "portamento": {"portamento": 0.4, "formant": 1.0},
    "latent": {"glide": 0.0, "latent/1": 0.9},
    "gliding latent": {"glide": 0.3, "latent/1": 0.9},
    "velocity": {"velocity/latent/1": 0.5},
    "key": {"key/latent/1": -0.8},
    "lfo": {"lfo/1/depth": 0.4, "lfo/1/rate": 7.0},
    "random lfo": {"lfo/2/shape": "wander", "lfo/2/depth": 0.4, "lfo/2/rate": 19.0},
    "phase": {"phase": "rtpghi"},
    "hop": {"hop": "256"},
    "vibrato": {"vibrato/depth": 1.0, "vibrato/rate": 8.0, "vibrato/delay": 0.01},
    "envelope": {"env/attack": 0.02, "env/decay": 0.01, "env/sustain": 0.3},
    "gain": {"gain": 0.2, "expression": 0.5},
    "spread": {"spread": 0.9},
    "mode": {"mode": "legato", "voices": 3},
}


def begin(instrument, key, note, when, dated):
    """Begin a note in ``when`` samples, dated or undated; either kind counts the places of its noise alone."""
    if dated:
        instrument.note_on(key, note, 90, when=instrument.engine.clock + when + instrument.engine.latency)
    instrument.engine.render(when)
    if not dated:
        instrument.note_on(key, note, 90)


def bundle(dated, settings, note_first):
    """What sounds of a note and of settings that come with it in one bundle, beside a note that sounds already."""
    instrument = Instrument(Engine(44100, 2), harmonic_decoder(octaves=(3, 4)))
    engine = instrument.engine
    begin(instrument, "before", 47.3, 64, not dated)
    instrument.set("lfo/1/rate", 3.0)
    when = BEFORE + engine.latency if dated else None
    if not dated:
        engine.render(BEFORE - 64)
    with instrument.together(when):
        if note_first:
            instrument.note_on("a", 61.4, 100)
        for name, value in settings.items():
            instrument.set(name, value)
        if not note_first:
            instrument.note_on("a", 61.4, 100)
    if dated:
        engine.render(BEFORE - 64)
    sound = engine.render(9600)
    assert instrument.status()["late_onsets"] == 0
    return sound


@pytest.mark.parametrize("note_first", [False, True], ids=["then the note", "note first"])
@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_an_undated_bundle_sounds_as_a_dated_one(settings, note_first):
    undated, dated = (bundle(is_dated, settings, note_first) for is_dated in (False, True))
    assert np.abs(undated).max() > 0.02
    assert np.array_equal(undated, dated)


def drone(dated):
    instrument = Instrument(Engine(44100, 1), harmonic_decoder(octaves=(3, 4)))
    if not dated:
        instrument.engine.render(BEFORE)
    with instrument.together(BEFORE + instrument.engine.latency if dated else None):
        instrument.set("octave", 3)
        instrument.set("bend", 1.0)
        instrument.set("formant", 1.0)
        instrument.set("chroma", "F#")
        instrument.set("gate", True)
        instrument.set_chroma_weights([0, 0.3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0])
    if dated:
        instrument.engine.render(BEFORE)
    return instrument.engine.render(9600)


def test_a_drone_that_begins_with_what_is_set_finds_it_dated_or_not():
    undated, dated = drone(False), drone(True)
    assert np.abs(undated).max() > 0.02 and np.array_equal(undated, dated)


def test_settings_handed_over_before_the_note_but_in_the_same_block_are_found_too():
    sounds = []
    for together in (True, False):
        instrument = Instrument(Engine(44100, 1), harmonic_decoder(octaves=(3, 4)))
        instrument.engine.render(640)
        if together:
            with instrument.together():
                instrument.set("bend", 1.0)
                instrument.set("formant", 1.0)
                instrument.note_on("a", 60, 100)
        else:
            instrument.set("bend", 1.0)
            instrument.set("formant", 1.0)
            instrument.note_on("a", 60, 100)
        sounds.append(instrument.engine.render(6400))
    assert np.abs(sounds[0]).max() > 0.02 and np.array_equal(*sounds)


def test_a_note_amid_a_glide_begins_where_its_own_glide_does():
    """With the envelope kept, the first frame depends on the pitch that it was prepared for."""
    sounds = []
    for dated in (False, True):
        instrument = Instrument(Engine(44100, 1), harmonic_decoder(octaves=(4,)))
        instrument.set("portamento", 1.0)
        instrument.set("formant", 1.0)
        begin(instrument, "a", 48, 64, not dated)
        begin(instrument, "b", 72, 64, not dated)
        begin(instrument, "c", 50, 12_800, dated)
        sounds.append(instrument.engine.render(9600))
    assert np.abs(sounds[0]).max() > 0.02 and np.array_equal(*sounds)
