"""What was set is taken back and done again, a step for what one hand did without a pause."""

import pytest
from session import Session
from small_decoder import small_decoder

from manned.state.history import MOST_STEPS
from manned.state.tree import Source

NOTHING = ("/fail", "/undo", "nothing to undo")


@pytest.fixture
def session(tmp_path):
    return Session(small_decoder(), tmp_path / "state")


def undo(session):
    return session.send("/undo")[0]


def test_the_move_of_a_fader_is_one_step(session):
    for value in (0.6, 0.7, 0.8):
        session.send("/latent/1", value)
        session.play(0.1)
    session.play(0.5)
    session.send("/latent/1", 0.1)
    assert undo(session) == ("/done", "/undo", "/latent/1")
    assert session.latents() == [pytest.approx(0.8), 0.5]
    assert undo(session) == ("/done", "/undo", "/latent/1")
    assert session.latents() == [0.5, 0.5]
    assert undo(session) == NOTHING
    session.send("/redo")
    assert session.latents() == [pytest.approx(0.8), 0.5]
    session.send("/redo")
    assert session.latents() == [pytest.approx(0.1), 0.5]
    assert session.send("/redo") == [("/fail", "/redo", "nothing to redo")]


def test_hands_that_move_at_the_same_time_have_a_step_each(session):
    left, right = Source("osc", "left"), Source("midi", "right")
    for value in (0.6, 0.7, 0.8):
        session.instrument.set("latent/1", value, source=left)
        session.instrument.set("reverb/mix", value, source=right)
    assert undo(session)[2] == "/reverb/mix"
    assert session.instrument.get("reverb/mix") == 0.0
    assert undo(session)[2] == "/latent/1"
    assert session.latents() == [0.5, 0.5]
    assert undo(session) == NOTHING


def test_what_another_hand_moved_meanwhile_is_taken_back_in_its_order(session):
    left, right = Source("osc", "left"), Source("osc", "right")
    for value, source in ((0.6, left), (0.7, right), (0.8, left)):
        session.instrument.set("latent/1", value, source=source)
    seen = []
    while undo(session)[0] == "/done":
        seen.append(session.latents()[0])
    assert seen == [0.7, 0.6, 0.5]


def test_a_preset_is_one_step_with_all_that_it_set(session):
    session.send("/macro/1/bind", "/latent/2", 0, 1)
    session.send("/macro/1/name", "Bite")
    session.send("/chroma/weights", 0.5, 0, 0, 0, 0.25, 0, 0, 1.0, 0, 0, 0, 0)
    session.send("/preset/save", "one")
    session.play(0.5)
    session.instrument.history.clear()
    for address, values in (("/macro/1/unbind", ()), ("/macro/1/name", ("Soft",)), ("/chroma", (3,))):
        session.send(address, *values)
    session.send("/preset/save", "two")
    instrument = session.instrument

    def all_of_it():
        macros, weights = instrument.macros.all(), instrument.chroma_weights()
        return instrument.values(), macros, weights, session.presets.current

    two = all_of_it()
    session.send("/preset/load", "one")
    one = all_of_it()
    assert undo(session) == ("/done", "/undo", "/preset/load one")
    assert all_of_it() == two
    session.send("/redo")
    assert all_of_it() == one != two


def test_a_morph_is_one_step_and_ends_where_it_is_taken_back(session):
    session.send("/latents", 0.0, 0.0)
    session.send("/preset/save", "low")
    session.send("/latents", 1.0, 1.0)
    session.send("/preset/save", "high")
    session.send("/latents", 0.25, 0.5)
    session.play(0.5)
    session.send("/morph", "low", "high", 0.5)
    assert undo(session) == ("/done", "/undo", "/morph")
    assert session.latents() == [0.25, 0.5]
    session.send("/morph", "low", "high", 1.0, 5)
    session.play(1.0)
    assert session.latents() != [0.25, 0.5]
    assert undo(session) == ("/done", "/undo", "/morph")
    session.play(1.0)
    assert session.latents() == [0.25, 0.5]


def test_playing_and_what_belongs_to_the_instrument_are_in_no_step(session):
    session.send("/mnote", 60, 100)
    session.send("/gate", 1)
    session.send("/bend", 0.5)
    session.send("/expression", 0.5)
    session.send("/gain", 0.25)
    session.send("/tuning/scale", "just")
    session.send("/tempo", 90)
    assert undo(session) == NOTHING
    session.send("/latent/1", 0.75)
    undo(session)
    assert session.instrument.get("gate") is True
    assert len(session.instrument.notes()) == 1


def test_a_gesture_comes_back_with_its_place(session):
    before = session.instrument.values()
    session.send("/gesture", "celesta")
    session.play(0.5)
    session.send("/gesture", "")
    undo(session)
    assert session.instrument.tree.get("gesture") == "celesta"
    undo(session)
    assert session.instrument.tree.get("gesture") == ""
    assert session.instrument.values() == before


def test_a_new_step_ends_what_could_be_done_again(session):
    session.send("/latent/1", 0.75)
    undo(session)
    session.send("/latent/2", 0.75)
    assert session.send("/redo") == [("/fail", "/redo", "nothing to redo")]


def test_only_so_many_steps_are_kept(session):
    for number in range(MOST_STEPS + 5):
        session.instrument.set("latent/1", number / 1000, source=Source("osc", number))
    count = 0
    while undo(session)[0] == "/done":
        count += 1
    assert count == MOST_STEPS
    assert session.latents()[0] == pytest.approx(0.004)


def test_a_step_takes_effect_in_one_block(session):
    session.send("/latents", 0.75, 0.25)
    session.engine.handed.clear()
    undo(session)
    assert len(session.engine.handed) == 1


def test_another_model_brings_no_step_and_takes_none(session):
    session.send("/latents", 0.75, 0.25)
    session.instrument.use_model(small_decoder())
    assert undo(session) == ("/done", "/undo", "/latent/1, /latent/2")
    assert session.latents() == [0.5, 0.5]


# -- chance ---------------------------------------------------------------------


def test_chance_moves_all_latents_by_so_much_and_a_press_is_a_step(session):
    session.play(0.01)
    assert session.send("/random", 0.1) == []
    first = session.latents()
    assert all(0.4 <= value <= 0.6 and value != 0.5 for value in first)
    assert first[0] != first[1]
    session.play(0.01)
    session.send("/random", 1.0)
    assert undo(session) == ("/done", "/undo", "/random")
    assert session.latents() == first
    undo(session)
    assert session.latents() == [0.5, 0.5]


def test_no_chance_moves_nothing(session):
    session.send("/latents", 0.0, 1.0)
    session.send("/random", 0)
    assert session.latents() == [0.0, 1.0]


def test_chance_depends_on_the_audio_sample_alone(tmp_path):
    def drawn(when):
        session = Session(small_decoder(), tmp_path / "state")
        session.send_all(("/random", 0.5), when=when)
        return session.latents()

    assert drawn(4410) == drawn(4410)
    assert drawn(4410) != drawn(4411)


def test_chance_gathers_at_no_end(session):
    drawn = []
    for _ in range(300):
        session.play(0.001)
        session.send("/random", 0.3)
        drawn += session.latents()
    assert min(drawn) >= 0.0 and max(drawn) <= 1.0
    assert len(set(drawn)) == len(drawn)
    quarters = [sum(low <= value < low + 0.25 for value in drawn) / len(drawn) for low in (0.0, 0.25, 0.5, 0.75)]
    assert all(0.1 < quarter < 0.4 for quarter in quarters), quarters


# -- what is asked of the model ------------------------------------------------------


def test_a_target_that_the_model_has_not_is_told(session):
    told = ("/error", "/lfo/1/target", "found 9, this model has latents 1–2: 2 was taken")
    assert session.send("/lfo/1/target", 9) == [told]
    assert session.send("/lfo/1/target") == [("/lfo/1/target", 2)]
    assert session.send("/env/2/target", 0)[0][2] == "found 0, this model has latents 1–2: 1 was taken"
    assert [session.send("/lfo/1/target", value) for value in (1, "pan", 2.4)] == [[], [], []]
