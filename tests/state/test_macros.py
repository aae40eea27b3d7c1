"""A macro moves what it is bound to in one audio block, presets keep it, and morphs leave what it moves alone."""

import math

import pytest
from harmonic_decoder import harmonic_decoder
from session import Session
from small_decoder import small_decoder

from manned import events
from manned.control.osc.packet import Message
from manned.errors import ParameterError
from manned.limits import MAX_LATENTS, NOISE_DB, TARGETS
from manned.state.preset import Preset
from manned.table.macros import DEFAULT_MACROS, MACRO_NAMES, MAX_BINDINGS
from manned.table.parameters import parameter_table


@pytest.fixture
def session(tmp_path):
    return Session(small_decoder(), tmp_path / "state")


# -- what is moved ----------------------------------------------------------------


def test_a_macro_moves_all_that_it_is_bound_to_in_one_block_and_listeners_see_it(session):
    session.send("/macro/1/unbind")
    session.send("/macro/1/bind", "/latent/1", 0.2, 0.6)
    session.send("/macro/1/bind", "vibrato/rate", 8, 4)
    told = []
    session.instrument.tree.listen(told.extend)
    session.engine.handed.clear()
    session.send("/macro/1", 0.25)
    (block,) = session.engine.handed
    assert [event.kind for event in block] == [events.LATENT, events.VIBRATO_RATE]
    assert [(change.name, change.value) for change in told] == [
        ("latent/1", pytest.approx(0.3)), ("vibrato/rate", pytest.approx(7.0)), ("macro/1", 0.25)
    ]  # fmt: skip


def test_a_range_is_met_at_its_ends_exactly_whatever_the_parameter(session):
    for name, start, end in (
        ("env/attack", 0.01, 5.0), ("voices", 4, 9), ("phase", "rtpghi", "peaks"), ("morph/inside", False, True),
        ("chroma", 2, 11), ("gain/db", -20.0, 6.0),
    ):  # fmt: skip
        session.send("/macro/1/unbind")
        session.send("/macro/1/bind", name, start, end)
        for place, value in ((1, end), (0, start)):
            session.send("/macro/1", place)
            assert session.instrument.get(name) == value


def test_times_move_along_the_travel_of_their_fader(session):
    row = session.instrument.parameter("env/attack")
    session.send("/macro/5/bind", "/env/attack", 0.0, row.maximum)
    session.send("/macro/5", 0.5)
    assert session.instrument.get("env/attack") == pytest.approx(row.from_unit(0.5))
    session.send("/macro/5/bind", "/env/attack", 0.02, 2.0)
    places = []
    for position in (0.0, 0.5, 1.0):
        session.send("/macro/5", position)
        places.append(row.travel(session.instrument.get("env/attack")))
    assert places[1] == pytest.approx((places[0] + places[2]) / 2)


def test_words_go_in_steps_of_equal_length_and_whole_numbers_to_the_nearest(session):
    session.send("/macro/1/bind", "/phase", "peaks", "rtpghi")
    session.send("/macro/1/bind", "/voices", 1, 5)
    found = []
    for position in (0.0, 0.3, 0.34, 0.66, 0.67, 1.0):
        session.send("/macro/1", position)
        found.append((session.instrument.get("phase"), session.instrument.get("voices")))
    assert found == [("peaks", 1), ("peaks", 2), ("noise", 2), ("noise", 4), ("rtpghi", 4), ("rtpghi", 5)]


def test_a_dated_macro_moves_at_its_very_sample(session):
    session.send_all(("/macro/1", 0.9), when=7000)
    assert {event.when for block in session.engine.handed for event in block} == {7000}


@pytest.mark.parametrize("number", range(1, 9))
def test_macros_begin_where_what_they_move_is_and_have_a_name(session, number):
    before = session.instrument.values()
    macro = session.instrument.macros.get(number)
    session.send(f"/macro/{number}", session.instrument.get(f"macro/{number}"))
    assert macro.name
    assert session.instrument.values() == pytest.approx(before)


def test_the_table_of_macros_holds_what_its_parameters_can_take():
    rows = parameter_table(1)
    for macro in DEFAULT_MACROS:
        for binding in macro.bindings:
            row = rows[binding.name]
            assert (row.check(binding.start), row.check(binding.end)) == (binding.start, binding.end)


# -- binding ----------------------------------------------------------------------


def test_a_macro_tells_its_name_and_what_it_moves(session):
    session.send("/macro/2/name", "Bite")
    session.send("/macro/2/bind", "/phase", "peaks", 1)
    told = ("/macro/2/bind", "Bite", "/noise/level", 0.0, 4.0, "/phase", "peaks", "noise")
    assert session.send("/macro/2/bind") == [told]
    session.send("/macro/2/bind", "noise/level", 1, 2.5)
    assert session.send("/macro/2/bind") == [(*told[:3], 1.0, 2.5, *told[5:])]
    session.send("/macro/2/unbind", "/noise/level")
    assert session.send("/macro/2/bind") == [("/macro/2/bind", "Bite", *told[5:])]
    session.send("/macro/2/unbind", 1)
    assert session.send("/macro/2/bind") == [("/macro/2/bind", "Bite")]
    assert session.send("/macro/2/name") == [("/macro/2/name", "Bite")]


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (("bind", "/env/atack", 0, 1), "found '/env/atack', allowed is a parameter; the nearest is /env/attack"),
        (("bind", "latent/3", 0, 1), "found 'latent/3', allowed is a parameter"),
        (("bind", "/macro/2", 0, 1), "found /macro/2, allowed is what is no macro itself"),
        (("bind", "/phase", "peaks", "x"), "/phase: found 'x', allowed are peaks, noise, rtpghi"),
        (("bind", "/env/attack", 0, float("nan")), "to: found nan, allowed is a finite number"),
        (("bind", "/env/attack", 0), "found 2 arguments, allowed are: s address, f, or s from, f, or s to"),
        (("unbind", "/gain"), "found /gain, bound are /brightness"),
        (("name", "x" * 49), "allowed are up to 48 letters"),
    ],
)
def test_what_cannot_be_bound_is_said_in_a_sentence_and_changes_nothing(session, message, sentence):
    before = session.instrument.macros.all()
    with pytest.raises(ParameterError) as error:
        session.send(f"/macro/1/{message[0]}", *message[1:])
    assert sentence in str(error.value)
    assert session.instrument.macros.all() == before


def test_a_macro_moves_only_so_many_parameters(session):
    names = [name for name in session.instrument.parameters if name not in MACRO_NAMES][: MAX_BINDINGS + 1]
    session.send("/macro/1/unbind")
    for name in names[:-1]:
        session.send("/macro/1/bind", name, 0, 1)
    with pytest.raises(ParameterError, match="16 parameters are bound to it already"):
        session.send("/macro/1/bind", names[-1], 0, 1)


def test_what_the_model_lacks_is_not_moved_and_comes_back_with_a_model_that_has_it(session):
    session.send("/macro/1/bind", "/latent/1", 0, 1)
    session.send("/macro/1/bind", "/latent/2", 0, 1)
    session.instrument.use_model(harmonic_decoder(latents=1))
    session.send("/macro/1", 0.75)
    assert session.latents() == [0.75]
    session.instrument.use_model(small_decoder())
    session.send("/macro/1", 0.25)
    assert session.latents() == [0.25, 0.25]


# -- presets ----------------------------------------------------------------------


def test_a_preset_brings_macros_back_and_does_not_apply_them(session):
    session.send("/macro/1/name", "Bite")
    session.send("/macro/1/bind", "/env/release", 0.1, 4.0)
    session.send("/macro/1", 0.5)
    session.send("/env/release", 3.0)  # by hand, beside the macro
    session.send("/preset/save", "a")
    before, macros = session.instrument.values(), session.instrument.macros.all()
    session.send("/macro/1/unbind")
    session.send("/macro/1/name", "")
    session.send("/macro/2/bind", "/glide", 0, 1)
    session.send("/macro/1", 0.9)
    session.send("/preset/load", "a")
    assert session.instrument.values() == before and session.instrument.get("env/release") == 3.0
    assert session.instrument.macros.all() == macros


def test_a_preset_is_loaded_in_one_block_that_says_each_thing_once(session):
    session.send("/preset/save", "a")
    session.send("/macro/4", 1.0)
    session.engine.handed.clear()
    session.send("/preset/load", "a")
    (block,) = session.engine.handed
    latents = [event.index for event in block if event.kind == events.LATENT]
    assert sorted(latents) == [0, 1] and session.instrument.get("reverb/mix") == 0.0


def test_only_macros_that_are_not_as_at_first_are_written(session):
    session.send("/preset/save", "plain")
    session.send("/macro/3/name", "Motion")
    session.send("/preset/save", "named")
    assert '"macros"' not in (session.presets.folder / "plain.json").read_text()
    assert [macro.name for macro in session.presets.read("named").macros][2] == "Motion"


def test_a_preset_without_values_of_macros_puts_them_where_their_parameters_are(session):
    session.presets.write(Preset("old", "small", 2, {"brightness": -0.75, "reverb/mix": 0.75}, whole=True))
    session.send("/macro/1/unbind")
    session.send("/preset/load", "old")
    assert (session.instrument.get("macro/1"), session.instrument.get("macro/4")) == (0.125, 0.75)


def test_a_few_values_leave_the_macros_bound_as_they_are(session):
    session.send("/macro/1/name", "Mine")
    session.presets.write(Preset("latents", "small", 2, {"latent/1": 0.25}))
    session.send("/preset/load", "latents")
    assert session.instrument.macros.get(1).name == "Mine"


# -- morphs -----------------------------------------------------------------------


def test_a_morph_moves_values_straight_and_takes_the_bindings_of_the_preset_that_it_reaches(session):
    for name, value, end in (("a", 0.0, 1.0), ("b", 1.0, 0.5)):
        session.send("/macro/4/name", name)
        session.send("/macro/4/bind", "/reverb/mix", 0.0, end)
        session.send("/macro/4", value)
        session.send("/reverb/mix", 0.25)  # the same in both: the macro must not move it
        session.send("/preset/save", name)
    session.send("/morph", "a", "b", 0.0)
    seen = []
    for position in (0.0, 0.5, 1.0, 0.5, 0.0):
        session.send("/morph/position", position)
        tree = session.instrument
        seen.append((tree.get("macro/4"), tree.macros.get(4).name, tree.get("reverb/mix")))
    assert seen == [(0.0, "a", 0.25), (0.5, "a", 0.25), (1.0, "b", 0.25), (0.5, "b", 0.25), (0.0, "a", 0.25)]


def test_a_step_over_a_preset_counts_as_reaching_it(session):
    for latent, name in enumerate("abc"):
        session.send("/latent/1", latent / 2)
        session.send("/macro/1/name", name)
        session.send("/preset/save", name)
    session.send("/morph/path", "a", "b", "c")
    middle = session.morph.path.straight.stops[1]
    for step, name in ((-middle, "a"), (-0.1, "a"), (0.05, "b"), (0.1, "b"), (-0.1, "b"), (-middle, "a")):
        session.send("/morph/position", middle + step)
        assert session.instrument.macros.get(1).name == name


# -- single notes -----------------------------------------------------------------


def test_a_note_alone_can_be_as_if_a_macro_stood_elsewhere(session):
    session.send("/macro/1/bind", "/latent/2", 1.0, 0.0)
    session.send("/macro/1", 0.25)
    session.engine.handed.clear()
    session.send_all(("/mnote", 60, 100, 7), ("/ne/macro/1", 7, 0.75))
    (block,) = session.engine.handed
    (on, *moved) = block
    assert [(event.kind, event.index, event.a, event.b) for event in moved] == [
        (events.NOTE_LATENT, on.index, pytest.approx(1.0), MAX_LATENTS + TARGETS.index("brightness")),
        (events.NOTE_LATENT, on.index, pytest.approx(-0.5), 1),
    ]
    assert session.instrument.get("macro/1") == 0.25


@pytest.mark.parametrize("word", ["level", "pan", "noise", "brightness"])
def test_a_note_has_more_than_latents_of_its_own(session, word):
    session.send("/mnote", 60, 100, 7)
    (on,) = session.engine.handed.pop()
    session.send(f"/ne/{word}", 7, -0.5)
    place = MAX_LATENTS + TARGETS.index(word)
    assert session.engine.handed == [[events.Event(events.NOTE_LATENT, None, on.index, -0.5, place)]]


def test_a_macro_moves_the_noise_of_one_note(session):
    session.send("/mnote", 60, 100, 7)
    session.send("/macro/2/bind", "/noise/level", 1.0, 3.0)
    session.send("/macro/2", 0.0)
    (on,) = session.engine.handed[0]
    session.engine.handed.clear()
    session.send("/ne/macro/2", 7, 1.0)
    ((moved,),) = session.engine.handed
    assert (moved.kind, moved.index, moved.b) == (events.NOTE_LATENT, on.index, MAX_LATENTS + TARGETS.index("noise"))
    assert moved.a * NOISE_DB == pytest.approx(20 * math.log10(3.0))


def test_a_note_that_is_not_held_is_named(session):
    with pytest.raises(ParameterError, match="found id 9, allowed are the ids of notes that are held"):
        session.send("/ne/macro/1", 9, 0.5)


def test_a_pattern_means_macros_and_no_commands_of_them(session):
    session.namespace.perform(Message("/macro/[12]", (0.5,)), None)
    assert (session.instrument.get("macro/2"), session.instrument.macros.get(2).name) == (0.5, "Noise")
