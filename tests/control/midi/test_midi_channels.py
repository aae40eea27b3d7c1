"""Channels are apart: wheel, volume, expression, tuning and pedals belong to one channel of one port."""

import numpy as np
import pytest
from midi_messages import PORT, Playing, bend, cc, note, pressure, rpn
from small_decoder import small_decoder

from manned import events
from manned.control.midi.player import Player
from manned.engine.engine import Engine
from manned.instrument import Instrument
from manned.settings import MidiSettings


def of(kind, handed):
    return [(event.index, event.a) for event in handed if event.kind == kind]


def started(handed):
    return [event.index for event in handed if event.kind == events.NOTE_ON]


def two_notes(**settings):
    """A player with a note of channel 1 and one of channel 2, and their numbers."""
    play = Playing(**settings)
    return play, *started(play(note("on", 60), note("on", 64, 2)))


def test_the_wheel_of_a_channel_that_plays_nothing_bends_no_other():
    play = Playing()
    play(note("on", 60))
    assert play(bend(8191, 2)) == []
    assert play.get("bend") == 0.0


def test_the_wheel_of_each_channel_bends_its_own_notes():
    play, first, second = two_notes()
    assert of(events.NOTE_PITCH, play(bend(8191, 1))) == [(first, 2.0)]
    assert of(events.NOTE_PITCH, play(bend(-8192, 2))) == [(second, -2.0)]
    assert play.get("bend") == 0.0


def test_a_wheel_that_was_moved_before_another_channel_plays_stays_with_its_own_notes():
    play = Playing()
    (first,) = started(play(note("on", 60), bend(8191)))
    assert play.get("bend") == 1.0
    handed = play(note("on", 64, 2))
    assert of(events.NOTE_PITCH, handed) == [(first, 2.0)]
    assert play.get("bend") == 0.0


def test_the_tail_of_a_note_follows_the_wheel_and_the_level_of_its_channel():
    play, first, second = two_notes()
    play.instrument.set("env/release", 1.0)
    (later,) = started(play(note("off", 60), note("on", 62)))
    assert of(events.NOTE_PITCH, play(bend(8191))) == [(later, 2.0), (first, 2.0)]
    assert of(events.NOTE_PRESSURE, play(cc(11, 0))) == [(later, 0.0), (first, 0.0)]
    assert of(events.NOTE_PITCH, play(bend(8191, 2))) == [(second, 2.0)]


def test_a_tail_that_has_ended_is_told_nothing():
    play, *_ = two_notes()
    play.instrument.set("env/release", 0.1)
    play(note("off", 60))
    play.instrument.engine.render(44100)
    assert play(bend(8191)) == []


def test_a_tail_keeps_the_bend_of_its_channel_when_another_begins_to_play():
    play = Playing()
    (first,) = started(play(note("on", 60), bend(8191), note("off", 60)))
    handed = play(note("on", 64, 2))
    assert of(events.NOTE_PITCH, handed) == [(first, 2.0)]
    assert play.get("bend") == 0.0


def test_a_finger_that_was_lifted_bends_its_note_no_more_but_its_zone_does():
    play = Playing(mpe="lower")
    (first,) = started(play(note("on", 60, 2), bend(-4096, 2), note("off", 60, 2)))
    assert play(bend(0, 2)) == []
    (other,) = started(play(note("on", 67, 1), port="another"))
    assert of(events.NOTE_PITCH, play(bend(8191, 1))) == [(first, -22.0)]
    assert of(events.NOTE_PITCH, play(bend(-8192, 1))) == [(first, -26.0)]
    assert other


def test_a_wheel_of_a_channel_without_notes_is_forgotten_when_another_begins_to_play():
    play = Playing()
    play(bend(8191, 2), cc(11, 0, 2), note("on", 60))
    assert (play.get("bend"), play.get("expression")) == (0.0, 1.0)
    (second,) = started(play(note("on", 64, 2)))
    assert second


def test_what_a_channel_told_before_its_first_note_holds_for_it():
    play = Playing()
    play(note("on", 60), bend(8191, 2), cc(11, 0, 2))
    handed = play(note("on", 64, 2))
    (second,) = started(handed)
    assert of(events.NOTE_PITCH, handed) == [(second, 2.0)]
    assert of(events.NOTE_PRESSURE, handed) == [(second, 0.0)]


def test_volume_and_expression_are_the_level_of_the_notes_of_their_channel():
    play, first, second = two_notes()
    assert of(events.NOTE_PRESSURE, play(cc(11, 0, 2))) == [(second, 0.0)]
    ((index, level),) = of(events.NOTE_PRESSURE, play(cc(7, 127)))
    assert index == first
    assert level * play.get("gain") == pytest.approx(1.0)
    assert play.get("expression") == 1.0


def test_volume_expression_and_pressure_of_a_note_multiply():
    play, first, _ = two_notes(pressure="level")
    play(cc(7, 64), cc(11, 64))
    ((index, level),) = of(events.NOTE_PRESSURE, play(pressure(127)))
    assert (index, level) == (first, pytest.approx((64 / 127) ** 2 / 0.7 * 2))
    ((index, level),) = of(events.NOTE_PRESSURE, play(pressure(0)))
    assert (index, level) == (first, pytest.approx((64 / 127) ** 2 / 0.7))


def test_volumes_that_a_sequencer_sends_to_all_channels_at_the_start_count_for_each():
    play = Playing()
    play(cc(7, 127, 1), cc(7, 20, 2), note("on", 60))
    assert play.get("gain") == 1.0
    play(note("off", 60))
    (_, of_tail), (_, level) = of(events.NOTE_PRESSURE, play(note("on", 60, 2)))
    assert play.get("gain") == pytest.approx(0.7)
    assert level * 0.7 == pytest.approx(20 / 127)
    assert of_tail * 0.7 == pytest.approx(1.0)


def test_rpn_0_belongs_to_its_channel():
    play, first, second = two_notes()
    play(*rpn(0, 12, 2))
    assert of(events.NOTE_PITCH, play(bend(8191, 1), bend(8191, 2))) == [(first, 2.0), (second, 12.0)]
    assert play.get("bend/range") == 2.0


def test_fine_and_coarse_tuning_move_the_notes_of_their_channel():
    play = Playing()
    (on,) = [event for event in play(*rpn(2, 76), note("on", 60)) if event.kind == events.NOTE_ON]
    assert on.a == 72.0
    assert of(events.NOTE_PITCH, play(*rpn(1, 0, fine=0))) == [(on.index, -1.0)]
    (other,) = [event for event in play(note("on", 60, 2)) if event.kind == events.NOTE_ON]
    assert other.a == 60.0


def test_the_drone_follows_a_channel_that_plays_alone():
    play = Playing()
    play.instrument.set("gate", True)
    play(note("on", 60), bend(8191), cc(7, 64))
    assert (play.get("bend"), play.get("gain")) == (1.0, pytest.approx(64 / 127))


def test_two_ports_are_apart_like_two_channels():
    play = Playing()
    (first,) = started(play(note("on", 60)))
    (second,) = started(play(note("on", 60), port="another"))
    assert of(events.NOTE_PITCH, play(bend(8191), port="another")) == [(second, 2.0)]
    assert of(events.NOTE_PITCH, play(bend(8191))) == [(first, 2.0)]


def test_members_of_a_zone_share_the_wheel_of_its_leader_and_no_other():
    play = Playing(mpe="lower")
    first, second = started(play(note("on", 60, 2), note("on", 64, 3)))
    (other,) = started(play(note("on", 67, 1), port="another"))
    assert of(events.NOTE_PITCH, play(bend(8191, 1))) == [(first, 2.0), (second, 2.0)]
    assert other


def test_a_port_that_is_lost_takes_its_expression_and_switches_along():
    play = Playing()
    play.instrument.set("portamento", 0.5)
    play(note("on", 60), cc(11, 10), cc(65, 0), cc(68, 127), bend(8191))
    assert (play.get("portamento"), play.get("mode")) == (0.0, "legato")
    play.player.forget(PORT)
    assert (play.get("expression"), play.get("portamento"), play.get("mode")) == (1.0, 0.5, "poly")
    assert (play.get("bend"), play.held()) == (0.0, [])


@pytest.mark.parametrize(("switch", "name", "value"), [(cc(65, 0), "portamento", 0.25), (cc(68, 127), "mode", "mono")])
def test_what_is_set_while_a_switch_holds_stays(switch, name, value):
    play = Playing()
    play.instrument.set("portamento", 0.5)
    play(switch)
    play.instrument.set(name, value)
    play(cc(switch.control, 127 - switch.value))
    assert play.get(name) == value


def test_a_switch_holds_as_long_as_one_channel_has_it_down():
    play = Playing()
    play(cc(68, 127, 1), cc(68, 127, 2), cc(68, 0, 1))
    assert play.get("mode") == "legato"
    play(cc(68, 0, 2))
    assert play.get("mode") == "poly"


def test_the_sostenuto_pedal_holds_the_keys_that_were_down_and_no_others():
    play = Playing()
    play(note("on", 60), cc(66, 127), note("on", 64), note("off", 60), note("off", 64))
    assert play.held() == [(PORT, 1, 60)]
    play(cc(66, 0))
    assert play.held() == []


def test_sostenuto_and_sustain_each_hold_what_is_theirs():
    play = Playing()
    play(note("on", 60), cc(66, 127), cc(64, 127), note("on", 64), note("off", 60), note("off", 64), cc(64, 0))
    assert play.held() == [(PORT, 1, 60)]
    play(cc(64, 127), cc(66, 0))
    assert play.held() == [(PORT, 1, 60)]
    play(cc(64, 0))
    assert play.held() == []


def test_notes_under_the_soft_pedal_are_softer():
    play = Playing()
    loud, soft, other = (
        event.b
        for event in play(note("on", 60), cc(67, 127), note("on", 62), note("on", 64, 2))
        if event.kind == events.NOTE_ON
    )
    assert soft == pytest.approx(loud * 2 / 3)
    assert other == loud


def test_one_keyboard_sounds_as_the_parameters_do():
    """The wheel and the pedal of a lone channel are heard as /bend and /expression, bit for bit, tails too."""

    def heard(by_midi):
        instrument = Instrument(Engine(), small_decoder())
        player = Player(instrument, MidiSettings())
        moves = {20: ("bend", 1.0, bend(8191)), 40: ("expression", 64 / 127, cc(11, 64)), 60: ("gain", 0.0, cc(7, 0))}
        blocks = []
        for number in range(80):
            if number == 0:
                player.play(PORT, note("on", 60))
            if number == 50:
                player.play(PORT, note("off", 60))
            if number in moves:
                name, value, message = moves[number]
                player.play(PORT, message) if by_midi else instrument.set(name, value)
            blocks.append(instrument.engine.render(256))
        return np.concatenate(blocks)

    assert np.array_equal(heard(by_midi=True), heard(by_midi=False))
