"""Which note is stolen, and where notes stand between left and right."""

import pytest

from manned.engine.voices import Stage


def held(instrument):
    return {voice.pitch for voice in instrument.engine.voices() if voice.stage.held}


def quiet_by_velocity(instrument):
    instrument.note_on(2, 62, 20)


def quiet_by_pressure(instrument):
    instrument.note_on(2, 62, 127)
    instrument.note_pressure(2, 0.1)


def quiet_by_release(instrument):
    instrument.note_on(2, 62, 127)
    instrument.engine.render(8192)
    instrument.note_off(2)


@pytest.mark.parametrize("make_quiet", [quiet_by_velocity, quiet_by_pressure, quiet_by_release])
def test_the_quietest_note_is_stolen_whatever_made_it_quiet(instrument, make_quiet):
    instrument.set("env/release", 1.0)
    instrument.set("voices", 3)
    for key, note in ((1, 60), (3, 64)):
        instrument.note_on(key, note, 60)
    instrument.engine.render(8192)
    make_quiet(instrument)
    instrument.engine.render(22_050)
    instrument.note_on("new", 72, 100)
    instrument.engine.render(64)
    stolen = [voice.pitch for voice in instrument.engine.voices() if voice.stage is Stage.KILL]
    assert stolen == [62]
    instrument.engine.render(1024)
    assert held(instrument) == {60, 64, 72}


def test_of_notes_that_have_just_begun_the_oldest_is_stolen(instrument):
    instrument.set("env/attack", 1.0)
    instrument.set("voices", 2)
    for note in (60, 62, 64):
        instrument.note_on(note, note, 100)
        instrument.engine.render(640)
    assert held(instrument) == {62, 64}


def test_notes_spread_from_the_middle_outwards_and_take_the_place_that_is_free(instrument):
    for note in range(5):
        instrument.note_on(note, 60 + note, 100)
        instrument.engine.render(64)
    assert [voice.pan for voice in instrument.engine.voices()] == [0, 1, 2, 3, 4]
    instrument.set("env/release", 0.01)
    instrument.note_off(1)
    instrument.engine.render(4096)
    instrument.note_on("new", 72, 100)
    instrument.engine.render(64)
    assert {voice.pitch: voice.pan for voice in instrument.engine.voices()}[72] == 1


def test_a_look_at_the_voices_says_what_was_played(instrument):
    instrument.note_on("a", 64.25, 127)
    instrument.note_latent("a", 1, 0.25)
    instrument.engine.render(64)
    (voice,) = instrument.engine.voices()
    assert (voice.index, voice.pitch, voice.velocity, voice.pressure) == (1, 64.25, 1.0, 1.0)
    assert voice.stage is Stage.ATTACK and 0 < voice.level < 1 and voice.offsets[0] == 0.25 and voice.model == 1
    instrument.note_off("a")
    instrument.engine.render(4096)
    (voice,) = instrument.engine.voices()
    assert voice.stage is Stage.RELEASE and voice.note_id < 0
    instrument.engine.render(22_050)
    assert instrument.engine.voices() == []
