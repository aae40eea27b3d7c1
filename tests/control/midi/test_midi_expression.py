"""What the fingers do to single notes: aftertouch and MPE; portamento, legato, mono and poly."""

import functools

import mido
import pytest
from midi_messages import PORT, ListeningEngine, Playing, bend, cc, note, pressure, rpn
from small_decoder import small_decoder

from manned import events
from manned.config import MidiSettings
from manned.control.midi.player import Player
from manned.control.midi.zones import Zones
from manned.instrument import Instrument
from manned.limits import MAX_LATENTS, TARGETS


@pytest.fixture
def instrument():
    return Instrument(ListeningEngine(), small_decoder())


@pytest.fixture
def playing(instrument):
    """Makes a player with settings; plays messages, and returns the events that they became."""
    return functools.partial(Playing, instrument)


BRIGHTNESS = MAX_LATENTS + TARGETS.index("brightness")


def plain(handed):
    """Events without what only a unison tells."""
    return [event[:5] for event in handed]


def key_pressure(number, value, channel=1):
    return mido.Message("polytouch", channel=channel - 1, note=number, value=value)


def zone(members, channel=1):
    return rpn(6, members, channel)


def started(events_):
    return [event for event in events_ if event.kind == events.NOTE_ON]


def kinds(events_):
    return [event.kind for event in events_]


# -- aftertouch without MPE -------------------------------------------------------


def test_key_pressure_moves_a_latent_of_its_note_alone(playing):
    play = playing(pressure="latent/1")
    _, second = started(play(note("on", 60), note("on", 64)))
    assert plain(play(key_pressure(64, 127))) == [(events.NOTE_LATENT, None, second.index, 1.0, 0)]
    assert play(key_pressure(65, 127)) == []


def test_channel_pressure_moves_all_notes_of_its_channel(playing):
    play = playing(pressure="latent/2")
    notes = started(play(note("on", 60), note("on", 64), note("on", 60, channel=2)))
    moved = play(pressure(127))
    assert {(event.kind, event.index, event.a, event.b) for event in moved} == {
        (events.NOTE_LATENT, notes[0].index, 1.0, 1),
        (events.NOTE_LATENT, notes[1].index, 1.0, 1),
    }


def test_pressure_may_raise_the_level_of_the_note_or_do_nothing(playing):
    level, nothing = playing(pressure="level"), playing(pressure="")
    (on,) = started(level(note("on", 60)))
    assert plain(level(key_pressure(60, 127))) == [(events.NOTE_PRESSURE, None, on.index, 2.0, 0)]
    assert plain(level(key_pressure(60, 0))) == [(events.NOTE_PRESSURE, None, on.index, 1.0, 0)]
    assert nothing(note("on", 62), key_pressure(62, 100), pressure(100))[1:] == []


def test_channel_pressure_that_is_bound_moves_its_parameter(playing, instrument):
    play = playing(cc={"pressure": "vibrato/depth"})
    assert kinds(play(note("on", 60), pressure(127))) == [events.NOTE_ON, events.VIBRATO_DEPTH]
    assert instrument.get("vibrato/depth") == instrument.parameter("vibrato/depth").maximum


def test_pressure_on_a_latent_that_the_model_lacks_is_told_once(playing, caplog):
    play = playing(pressure="latent/9")
    with caplog.at_level("INFO"):
        assert play(note("on", 60), pressure(1), pressure(2))[1:] == []
    assert [record.getMessage() for record in caplog.records] == [
        "MIDI: the model has no latent/9, its controller does nothing"
    ]


def test_a_finger_moves_the_first_macro_of_its_note_from_where_it_stands_to_its_ends(playing, instrument):
    play = playing(mpe="lower")
    instrument.set("macro/1", 0.25)
    (on,) = started(play(note("on", 60, 2)))
    for message, offset in (
        (pressure(127, 2), 1.5), (pressure(0, 2), 0.0),
        (cc(74, 0, 2), -0.5), (cc(74, 127, 2), 1.5), (cc(74, 64, 2), 0.0),
    ):  # fmt: skip
        assert plain(play(message)) == [(events.NOTE_LATENT, None, on.index, pytest.approx(offset), BRIGHTNESS)]
    assert (instrument.get("macro/1"), instrument.get("brightness")) == (0.25, -0.5)


def test_pressing_and_sliding_add_up_where_they_move_the_same(playing, instrument):
    play = playing(mpe="lower")
    (on,) = started(play(note("on", 60, 2)))
    moved = play(cc(74, 0, 2), pressure(127, 2), cc(74, 64, 2))
    assert [(event.index, event.a) for event in moved] == [(on.index, -1.0), (on.index, 0.0), (on.index, 1.0)]


def test_pressure_may_move_all_that_another_macro_moves(playing, instrument):
    instrument.macros.bind(3, "latent/2", 1.0, 0.0)
    play = playing(pressure="macro/3")
    (on,) = started(play(note("on", 60)))
    assert plain(play(key_pressure(60, 127))) == [(events.NOTE_LATENT, None, on.index, -1.0, 1)]


# -- zones ------------------------------------------------------------------------


def test_a_zone_is_led_by_channel_1_or_16_and_has_members_beside_it():
    zones = Zones()
    assert [zones.master(channel) for channel in range(1, 17)] == [None] * 16
    zones.configure(1, 3)
    zones.configure(16, 2)
    assert [zones.master(channel) for channel in range(1, 17)] == [None] + [1] * 3 + [None] * 9 + [16] * 2 + [None]
    assert (zones.members(1), zones.members(16), zones.members(5)) == ([2, 3, 4], [14, 15], [])


@pytest.mark.parametrize(
    ("second", "lower", "upper"),
    [((16, 10), 4, 10), ((16, 15), 0, 15), ((16, 0), 7, 0), ((16, 99), 0, 15), ((1, 0), 0, 7), ((1, 12), 12, 2)],
)
def test_a_zone_that_grows_takes_its_channels_from_the_other(second, lower, upper):
    zones = Zones("both")
    zones.configure(*second)
    assert (len(zones.members(1)), len(zones.members(16))) == (lower, upper)


def test_no_channel_is_in_two_zones_however_they_are_made():
    for start in ("off", "lower", "upper", "both"):
        for first in range(16):
            for second in range(16):
                zones = Zones(start)
                zones.configure(1, first)
                zones.configure(16, second)
                members = [*zones.members(1), *zones.members(16)]
                assert len(members) == len(set(members)) <= 15
                assert len(zones.members(16)) == second
                assert not zones.members(1) or 1 not in zones.members(16)


# -- notes of a zone --------------------------------------------------------------


@pytest.mark.parametrize("begun", ["by message", "by setting"])
def test_a_member_channel_bends_its_note_alone_by_48_semitones(playing, instrument, begun):
    play = playing(mpe="lower" if begun == "by setting" else "off")
    if begun == "by message":
        play(*zone(15))
    first, second = started(play(note("on", 60, 2), note("on", 60, 3)))
    assert plain(play(bend(8191, 3))) == [(events.NOTE_PITCH, None, second.index, 48.0, 0)]
    assert plain(play(bend(-4096, 2))) == [(events.NOTE_PITCH, None, first.index, -24.0, 0)]
    assert instrument.get("bend") == 0.0


def test_the_leading_channel_bends_all_notes(playing, instrument):
    play = playing(mpe="lower")
    play(note("on", 60, 2))
    assert kinds(play(bend(8191, 1))) == [events.BEND]
    assert instrument.get("bend") == 1.0


def test_rpn_0_on_one_member_sets_the_range_of_all_members(playing, instrument):
    play = playing(mpe="lower")
    (on,) = started(play(*rpn(0, 12, channel=5), note("on", 60, 2)))
    assert plain(play(bend(8191, 2))) == [(events.NOTE_PITCH, None, on.index, 12.0, 0)]
    assert instrument.get("bend/range") == 2.0
    play(*rpn(0, 7, channel=1))
    assert instrument.get("bend/range") == 7.0
    assert plain(play(bend(-8192, 2))) == [(events.NOTE_PITCH, None, on.index, -12.0, 0)]


def test_pressure_and_timbre_of_a_member_channel_move_its_note(playing, instrument):
    play = playing(mpe="upper", pressure="latent/1", timbre="latent/2", cc={"74": "latent/2"})
    first, second = started(play(note("on", 60, 15), note("on", 64, 14)))
    assert plain(play(pressure(127, 14))) == [(events.NOTE_LATENT, None, second.index, 1.0, 0)]
    assert plain(play(cc(74, 0, 15))) == [(events.NOTE_LATENT, None, first.index, -1.0, 1)]
    assert plain(play(cc(74, 64, 15))) == [(events.NOTE_LATENT, None, first.index, 0.0, 1)]
    assert instrument.get("latent/2") == 0.5
    play(cc(74, 127, 16))
    assert instrument.get("latent/2") == 1.0


def test_a_note_begins_with_what_its_channel_told_before(playing):
    play = playing(mpe="lower", pressure="latent/1", timbre="latent/2", cc={"74": "latent/2"})
    play(bend(4096, 2), pressure(0, 2), cc(74, 127, 2))
    on, pitch, pressed, timbre = play(note("on", 60, 2))
    assert pitch[:5] == (events.NOTE_PITCH, None, on.index, pytest.approx(24, abs=0.01), 0)
    assert pressed[:5] == (events.NOTE_LATENT, None, on.index, 0.0, 0)
    assert timbre[:5] == (events.NOTE_LATENT, None, on.index, 1.0, 1)


def test_the_pedal_of_the_leading_channel_holds_the_notes_of_its_zone(playing, instrument):
    play = playing(mpe="both")
    play(cc(64, 127, 1))
    for channel in (2, 3, 15):
        play(note("on", 60, channel), note("off", 60, channel))
    assert sorted(key[2] for key in instrument.notes()) == [2, 3]
    play(cc(64, 0, 1))
    assert instrument.notes() == []


def test_a_note_under_the_pedal_is_still_bent(playing):
    play = playing(mpe="lower")
    (on,) = started(play(cc(64, 127, 1), note("on", 60, 2), note("off", 60, 2)))
    assert [event.index for event in play(bend(100, 2))] == [on.index]


def test_all_notes_off_on_the_leading_channel_is_for_its_zone(playing, instrument):
    play = playing(mpe="both")
    play(note("on", 60, 1), note("on", 60, 2), note("on", 62, 3), note("on", 64, 15))
    play(cc(123, 0, 1))
    assert [key[2:] for key in instrument.notes()] == [(15, 64)]


def test_reset_on_the_leading_channel_resets_what_its_members_told(playing):
    play = playing(mpe="lower", pressure="latent/1", timbre="latent/2", cc={"74": "latent/2"})
    (on,) = started(play(note("on", 60, 2), bend(8191, 2), pressure(100, 2), cc(74, 10, 2)))
    moved = play(cc(121, 0, 1))
    assert (events.NOTE_PITCH, None, on.index, 0.0, 0) in plain(moved)
    assert {(event.a, event.b) for event in moved if event.kind == events.NOTE_LATENT} == {(0.0, 0), (0.0, 1)}
    assert kinds(play(note("on", 62, 2))) == [events.NOTE_ON]


def test_a_new_zone_lets_go_of_the_notes_of_its_channels_and_begins_anew(playing, instrument):
    play = playing()
    play(*rpn(0, 12), bend(8191), note("on", 60, 1), note("on", 60, 3), note("on", 60, 9))
    play(*zone(5))
    assert [key[2] for key in instrument.notes()] == [9]
    assert (instrument.get("bend"), instrument.get("bend/range")) == (0.0, 2.0)


def test_without_a_zone_every_channel_is_an_ordinary_one_again(playing, instrument):
    play = playing(mpe="lower")
    play(*zone(0), note("on", 60, 2))
    assert kinds(play(bend(8191, 2))) == [events.BEND]


def test_zones_belong_to_their_port_and_go_with_it(playing, instrument):
    play = playing()
    play(*zone(15))
    play.player.play("another", bend(8191, 2))
    assert instrument.get("bend") == 1.0
    play.player.forget("another")
    play.player.forget(PORT)
    assert kinds(play(note("on", 60, 2), bend(8191, 2))) == [events.NOTE_ON, events.BEND]


@pytest.mark.parametrize("channel", [2, 15])
def test_only_channels_1_and_16_can_lead_a_zone(playing, channel):
    play = playing()
    play(*zone(3, channel))
    assert kinds(play(bend(100, 3))) == [events.BEND]


def test_keys_without_a_pitch_are_silent_and_nothing_fails(playing, instrument):
    instrument.tune("just-major", "white-keys")
    play = playing(mpe="lower")
    assert started(play(note("on", 61, 2), bend(100, 2), pressure(3, 2), note("off", 61, 2))) == []
    assert instrument.notes() == []


# -- portamento, legato, mono and poly --------------------------------------------


def test_portamento_is_switched_off_and_comes_back_as_it_was_set_meanwhile(playing, instrument):
    play = playing()
    play(cc(5, 64))
    time = instrument.get("portamento")
    assert time > 0
    play(cc(65, 0), cc(65, 0))
    assert instrument.get("portamento") == 0.0
    play(cc(65, 127))
    assert instrument.get("portamento") == time
    play(cc(65, 0), cc(5, 127))
    assert instrument.get("portamento") == 0.0
    play(cc(65, 127))
    assert instrument.get("portamento") == instrument.parameter("portamento").maximum


def test_the_legato_switch_plays_legato_while_it_is_down(playing, instrument):
    play = playing()
    instrument.set("mode", "mono")
    play(cc(68, 127), cc(68, 100))
    assert instrument.get("mode") == "legato"
    play(cc(68, 0))
    assert instrument.get("mode") == "mono"


@pytest.mark.parametrize(("controller", "before", "after"), [(126, "poly", "mono"), (127, "legato", "poly")])
def test_mono_and_poly_are_chosen_and_let_go_of_the_keys(playing, instrument, controller, before, after):
    play = playing()
    instrument.set("mode", before)
    play(note("on", 60), cc(controller, 0))
    assert instrument.get("mode") == after
    assert instrument.notes() == []


def test_the_settings_say_what_the_player_does(instrument):
    settings = MidiSettings(mpe="upper", pressure="level", timbre="", channels=[15, 16], cc={"16:pressure": "gain"})
    player = Player(instrument, settings)
    for message in (note("on", 60, 15), pressure(127, 15), cc(74, 1, 15), pressure(0, 16), note("on", 60, 2)):
        player.play(PORT, message)
    assert kinds(instrument.engine.handed)[-3:] == [events.NOTE_ON, events.NOTE_PRESSURE, events.GAIN]
