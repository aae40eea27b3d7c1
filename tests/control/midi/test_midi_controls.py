"""Knobs, faders, encoders and buttons: soft takeover, endless encoders, 14 bits, NRPN, surfaces."""

import random
from itertools import pairwise

import pytest
from midi_messages import Playing, cc, note

from manned.control.midi.encoders import guess, steps
from manned.control.midi.takeover import position_of
from manned.errors import ConfigError
from manned.table.bindings import Bindings
from manned.table.parameters import parameter_table

NAME = "latent/1"


def fader(how, **more):
    return Playing(cc={"20": f"{NAME} {how}", **more})


def sweep(play, values, controller=20, channel=1):
    """Values of a parameter while a fader goes through some places."""
    seen = []
    for value in values:
        play(cc(controller, value, channel))
        seen.append(play.get(NAME))
    return seen


def test_by_jump_a_fader_moves_its_parameter_at_once():
    assert sweep(fader("jump"), [127]) == [1.0]


def test_by_pickup_a_fader_waits_until_it_is_met():
    play = fader("pickup")
    assert sweep(play, [0, 20, 50]) == [0.5] * 3
    assert sweep(play, [63]) == [pytest.approx(63 / 127)]
    assert sweep(play, [100]) == [pytest.approx(100 / 127)]


@pytest.mark.parametrize("way", [(0, 127), (127, 0)])
def test_by_pickup_a_fader_that_crosses_in_one_step_takes_over(way):
    assert sweep(fader("pickup"), way)[1] == way[1] / 127


def test_a_parameter_that_somebody_else_moved_has_to_be_picked_up_again():
    play = fader("pickup")
    sweep(play, [60, 64, 90])
    play.instrument.set(NAME, 0.1)
    assert sweep(play, [91, 92, 60]) == [0.1] * 3
    assert sweep(play, [12])[0] == pytest.approx(12 / 127)


def test_pickup_never_jumps_by_more_than_the_fader_moved_or_its_catch():
    chance = random.Random(1)
    play = fader("pickup")
    place = 0
    for _ in range(2000):
        if chance.random() < 0.02:
            play.instrument.set(NAME, chance.random())
        before, former = play.get(NAME), place
        place = min(max(place + chance.randint(-6, 6), 0), 127)
        (after,) = sweep(play, [place])
        assert abs(after - before) <= (abs(place - former) + 1.5) / 127 + 1e-9


def test_by_scale_fader_and_parameter_meet_at_the_end():
    play = fader("scale")
    assert sweep(play, [100]) == [0.5]
    seen = sweep(play, range(101, 128))
    assert seen == sorted(seen) and seen[-1] == pytest.approx(1.0)
    assert max(b - a for a, b in pairwise(seen)) < 0.03


def test_by_scale_going_down_meets_at_the_bottom():
    play = fader("scale")
    sweep(play, [100])
    seen = sweep(play, range(99, -1, -1))
    assert seen == sorted(seen, reverse=True) and seen[-1] == pytest.approx(0.0)


def test_keyboards_jump_and_surfaces_pick_up_unless_the_settings_say_otherwise():
    settings = {"cc": {"20": NAME}, "controllers": {"box": "surface"}}
    assert sweep(Playing(**settings), [127]) == [1.0]
    assert sweep(Playing(port="my box", **settings), [127]) == [0.5]
    assert sweep(Playing(port="my box", takeover="jump", **settings), [127]) == [1.0]


def test_words_of_a_choice_are_picked_up_in_their_own_part_of_the_way():
    play = Playing(cc={"20": "mode pickup"})
    play(cc(20, 127))
    assert play.get("mode") == "poly"
    play(cc(20, 10), cc(20, 60))
    assert play.get("mode") == "mono"


@pytest.mark.parametrize("name", sorted(parameter_table(2)))
def test_a_position_and_its_value_belong_together(name):
    row = parameter_table(2)[name]
    for place in range(0, 128, 7):
        value = row.from_unit(place / 127)
        assert row.from_unit(position_of(row, value)) == pytest.approx(value, abs=1e-9) or row.kind == "choice"
        if row.kind == "choice":
            assert row.from_unit(position_of(row, value)) == value


# -- encoders ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "count"),
    [("twos", 1, 1), ("twos", 127, -1), ("twos", 3, 3), ("offset", 65, 1), ("offset", 62, -2), ("offset", 64, 0)]
    + [("sign", 2, 2), ("sign", 65, -1), ("sign", 67, -3)],
)
def test_an_encoder_tells_steps(kind, value, count):
    assert steps(kind, value) == count
    play = Playing(cc={"20": f"{NAME} {kind}"})
    play(cc(20, value))
    assert play.get(NAME) == pytest.approx(0.5 + count / 127)


def test_an_encoder_stops_at_the_ends_and_comes_back_at_once():
    play = Playing(cc={"20": f"{NAME} twos"})
    for _ in range(100):
        play(cc(20, 1))
    assert play.get(NAME) == 1.0
    play(cc(20, 127))
    assert play.get(NAME) == pytest.approx(126 / 127)


def test_an_encoder_reaches_every_word_of_a_choice():
    play, seen = Playing(cc={"20": "phase twos"}), set()
    for _ in range(127):
        play(cc(20, 1))
        seen.add(play.get("phase"))
    assert seen == {"peaks", "noise", "rtpghi"}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 1, 2, 1, 127, 127, 126], "twos"),
        ([1, 1, 1, 2], "twos"),
        ([65, 65, 66, 63, 63], "offset"),
        ([65, 65, 65], "offset"),
        ([1, 1, 2, 65, 65, 66], "sign"),
        ([60, 61, 62, 63, 64, 65], "absolute"),
        ([0, 3, 9, 20, 41], "absolute"),
        ([126, 125, 124, 123], "absolute"),
        ([1, 2, 3, 4, 5], "absolute"),
        ([64], "absolute"),
        ([127, 0, 127, 0], "absolute"),
    ],
)
def test_the_kind_of_an_encoder_is_guessed(values, kind):
    assert guess(values) == kind


# -- 14 bits ----------------------------------------------------------------------


def test_a_pair_of_controllers_moves_smoothly():
    play = Playing(cc={"1/33": NAME})
    seen = []
    for value in range(0, 16384, 50):
        play(cc(1, value >> 7), cc(33, value & 127))
        seen.append(play.get(NAME))
    assert seen[1:] == pytest.approx([value / 16383 for value in range(50, 16384, 50)])


def test_no_value_lies_between_the_halves_of_a_pair():
    play, changes = Playing(cc={"1/33": NAME}), []
    play(cc(1, 63), cc(33, 126))
    play.instrument.tree.listen(changes.extend)
    play(cc(1, 63), cc(33, 127), cc(1, 64), cc(33, 0))
    values = [change.value for change in changes if change.name == NAME]
    assert values == pytest.approx([(63 * 128 + 127) / 16383, 64 * 128 / 16383])


def test_a_device_that_sends_the_coarse_half_alone_reaches_both_ends():
    play = Playing(cc={"1/33": NAME})
    play(cc(1, 127))
    assert play.get(NAME) == 1.0


def test_a_fine_half_that_never_comes_is_not_waited_for_for_ever():
    play = Playing(cc={"1/33": NAME})
    play(cc(1, 10), cc(33, 5), cc(1, 100))
    assert play.get(NAME) == pytest.approx((10 * 128 + 5) / 16383)
    play.player.tick(0.0)
    assert play.get(NAME) == pytest.approx((100 * 128 + 5) / 16383)


@pytest.mark.parametrize("port", ["a keyboard", "my box"])
def test_an_nrpn_is_a_controller_of_14_bits(port):
    play = Playing(port=port, cc={"nrpn:123": NAME}, controllers={"box": "surface"}, takeover="jump")
    play(cc(99, 0), cc(98, 123), cc(6, 64), cc(38, 1))
    assert play.get(NAME) == pytest.approx((64 * 128 + 1) / 16383)
    play(cc(97, 0))
    assert play.get(NAME) == pytest.approx((64 * 128 + 1) / 16383 - 1 / 127)
    play(cc(98, 124), cc(6, 0))
    assert play.get(NAME) > 0.4


def test_an_nrpn_that_is_bound_to_nothing_does_nothing():
    play = Playing()
    before = play.instrument.values()
    play(cc(99, 1), cc(98, 2), cc(6, 100), cc(38, 1), cc(96, 0))
    assert play.instrument.values() == before


# -- surfaces and buttons ---------------------------------------------------------


def test_on_a_surface_no_controller_has_its_standard_meaning():
    play = Playing(port="my box", controllers={"my*": "surface"}, cc={})
    before = play.instrument.values()
    for controller in range(120):
        play(cc(controller, 127), cc(controller, 0))
    assert play.instrument.values() == before


def test_keys_of_a_surface_are_buttons_and_never_notes():
    play = Playing(port="my box", controllers={"my*": "surface"}, cc={"note:36": "gate toggle"})
    play(note("on", 36), note("off", 36), note("on", 40))
    assert play.get("gate") is True
    assert play.held() == []
    play(note("on", 36), note("off", 36))
    assert play.get("gate") is False


def test_a_button_that_toggles_goes_on_to_the_next_word():
    play, seen = Playing(cc={"20": "phase toggle"}), []
    for _ in range(4):
        play(cc(20, 127), cc(20, 0))
        seen.append(play.get("phase"))
    assert seen == ["noise", "rtpghi", "peaks", "noise"]


def test_a_button_without_a_word_is_on_while_it_is_down():
    play = Playing(cc={"20": "gate"})
    play(cc(20, 127))
    assert play.get("gate") is True
    play(cc(20, 0))
    assert play.get("gate") is False


def test_a_button_does_a_command_once_a_press():
    class Commands(list):
        def perform(self, name, *arguments):
            self.append((name, *arguments))

    done = Commands()
    play = Playing(cc={"20": "preset/next", "note:1": "allsoundoff"}, parts={"commands": done})
    play(cc(20, 127), cc(20, 127), cc(20, 0), cc(20, 127), note("on", 1), note("off", 1))
    assert done == [("preset/next",), ("preset/next",), ("allsoundoff",)]


@pytest.mark.parametrize(
    ("key", "good"),
    [("1/33", True), ("31/63", True), ("1/34", False), ("32/64", False), ("nrpn:16383", True), ("nrpn:16384", False)]
    + [("10:nrpn:5", True), ("10:1/33", True), ("note:127", True), ("note:128", False), ("17:1/33", False)],
)
def test_keys_of_the_table_may_be_pairs_nrpn_and_notes(key, good):
    if good:
        assert [controller.text for controller, _ in Bindings({key: NAME})] == [key]
    else:
        with pytest.raises(ConfigError, match="no controller"):
            Bindings({key: NAME})


def test_a_word_that_nobody_knows_is_named():
    with pytest.raises(ConfigError, match="found 'slowly' behind the parameter, allowed are jump, pickup"):
        Bindings({"20": "latent/1 slowly"})
