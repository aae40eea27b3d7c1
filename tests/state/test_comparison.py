"""A preset as it was kept and the sound of now are heard in turn, and neither is lost."""

import pytest
from session import Session
from small_decoder import small_decoder


@pytest.fixture
def session(tmp_path):
    session = Session(small_decoder(), tmp_path / "state")
    session.send("/latents", 0.25, 0.75)
    session.send("/preset/save", "mine")
    session.send("/latents", 0.5, 0.625)
    session.send("/reverb/mix", 0.5)
    session.send("/macro/1/name", "Wet")
    return session


def sound(session):
    return session.latents(), session.instrument.get("reverb/mix"), session.instrument.macros.get(1).name


def test_the_kept_sound_and_the_present_one_are_heard_in_turn(session):
    present = sound(session)
    assert session.send("/preset/compare", 1) == [("/done", "/preset/compare", "mine")]
    kept = sound(session)
    assert kept[:2] == ([0.25, 0.75], 0.0) != present[:2] and session.send("/preset/compare")[0][1]
    for on, heard in ((1, kept), (0, present), (0, present), (1, kept), (0, present)):
        assert session.send("/preset/compare", on)[0][0] == "/done"
        assert sound(session) == heard
    assert not session.send("/preset/compare")[0][1]
    assert session.presets.current == "mine"


def test_what_is_moved_meanwhile_goes_with_the_kept_sound(session):
    present = sound(session)
    session.send("/preset/compare", 1)
    session.send("/latent/1", 0.875)
    session.send("/preset/compare", 0)
    assert sound(session) == present


@pytest.mark.parametrize("ending", [("/preset/load", "other"), ("/preset/save", "third")])
def test_another_preset_ends_the_comparison_and_stays(session, ending):
    session.send("/preset/save", "other")
    session.send("/preset/load", "mine")
    session.send("/latents", 1.0, 1.0)
    session.send("/preset/compare", 1)
    session.send(*ending)
    heard = sound(session)
    assert not session.send("/preset/compare")[0][1]
    session.send("/preset/compare", 0)
    assert sound(session) == heard


def test_without_a_preset_there_is_nothing_to_compare_with(tmp_path):
    session = Session(small_decoder(), tmp_path / "state")
    assert session.send("/preset/compare", 1) == [
        ("/fail", "/preset/compare", "nothing to compare with: no preset was loaded or saved")
    ]
    assert session.send("/preset/compare", 0) == [("/done", "/preset/compare")]


def test_a_comparison_can_be_taken_back_step_by_step(session):
    present = sound(session)
    session.send("/preset/compare", 1)
    assert session.send("/undo")[0][0] == "/done"
    assert sound(session) == present
