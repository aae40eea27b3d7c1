"""What MIDI messages do to an instrument."""

import random

import mido
import pytest
from small_decoder import small_decoder

from manned.control.midi.player import Player
from manned.engine.engine import Engine
from manned.instrument import Instrument
from manned.settings import MidiSettings
from manned.state.tree import Source

PORT = "a keyboard"


@pytest.fixture
def instrument():
    return Instrument(Engine(), small_decoder())


@pytest.fixture
def player(instrument):
    return Player(instrument, MidiSettings())


def note(kind, number, velocity=100, channel=1):
    return mido.Message(f"note_{kind}", channel=channel - 1, note=number, velocity=velocity)


def cc(controller, value, channel=1):
    return mido.Message("control_change", channel=channel - 1, control=controller, value=value)


def bend(pitch, channel=1):
    return mido.Message("pitchwheel", channel=channel - 1, pitch=pitch)


def sounding(instrument):
    """Numbers of the notes that have not been let go."""
    return sorted(key[-1] for key in instrument.notes())


def test_a_key_sounds_until_it_is_let_go(player, instrument):
    player.play(PORT, note("on", 60))
    player.play(PORT, note("on", 64))
    assert sounding(instrument) == [60, 64]
    player.play(PORT, note("off", 60))
    assert sounding(instrument) == [64]


def test_velocity_0_lets_a_key_go(player, instrument):
    player.play(PORT, note("on", 60))
    player.play(PORT, note("on", 60, velocity=0))
    assert sounding(instrument) == []


def test_the_same_key_on_two_ports_and_two_channels_is_three_notes(player, instrument):
    for port, channel in ((PORT, 1), (PORT, 2), ("another", 1)):
        player.play(port, note("on", 60, channel=channel))
    player.play(PORT, note("off", 60, channel=2))
    assert sorted(instrument.notes()) == [("midi", PORT, 1, 60), ("midi", "another", 1, 60)]


def test_the_pedal_holds_notes_until_it_comes_up(player, instrument):
    player.play(PORT, note("on", 60))
    player.play(PORT, cc(64, 127))
    player.play(PORT, note("off", 60))
    player.play(PORT, note("on", 64))
    assert sounding(instrument) == [60, 64]
    player.play(PORT, cc(64, 0))
    assert sounding(instrument) == [64]


def test_a_key_struck_again_under_the_pedal_sounds_on_when_the_pedal_comes_up(player, instrument):
    player.play(PORT, cc(64, 127))
    player.play(PORT, note("on", 60))
    player.play(PORT, note("off", 60))
    player.play(PORT, note("on", 60))
    player.play(PORT, cc(64, 0))
    assert sounding(instrument) == [60]


def test_half_a_pedal_is_up_below_64(player, instrument):
    player.play(PORT, cc(64, 64))
    player.play(PORT, note("on", 60))
    player.play(PORT, note("off", 60))
    assert sounding(instrument) == [60]
    player.play(PORT, cc(64, 63))
    assert sounding(instrument) == []


def test_a_pedal_belongs_to_its_port_and_channel(player, instrument):
    player.play(PORT, cc(64, 127, channel=1))
    for port, channel in ((PORT, 2), ("another", 1)):
        player.play(port, note("on", 60, channel=channel))
        player.play(port, note("off", 60, channel=channel))
    assert sounding(instrument) == []


def test_volume_and_expression_move_the_two_gains(player, instrument):
    player.play(PORT, cc(7, 127))
    player.play(PORT, cc(11, 0))
    assert instrument.get("gain") == 1.0
    assert instrument.get("expression") == 0.0


def test_a_controller_covers_the_whole_range_of_its_parameter(player, instrument):
    player.play(PORT, cc(21, 127))
    assert instrument.get("macro/1") == instrument.get("brightness") == 1.0
    player.play(PORT, cc(21, 0))
    assert (instrument.get("macro/1"), instrument.get("brightness")) == (0.0, -1.0)
    player.play(PORT, cc(73, 127))
    assert instrument.get("env/attack") == instrument.parameter("env/attack").maximum


def test_a_change_says_that_it_came_from_a_port(player, instrument):
    changes = []
    instrument.tree.listen(changes.extend)
    player.play(PORT, cc(7, 127))
    assert {change.source for change in changes} == {Source("midi", PORT)}
    assert "gain" in {change.name for change in changes}


def test_a_binding_takes_the_place_of_the_standard_meaning(instrument):
    player = Player(instrument, MidiSettings(cc={"64": "latent/2"}))
    player.play(PORT, cc(64, 127))
    player.play(PORT, note("on", 60))
    player.play(PORT, note("off", 60))
    assert instrument.get("latent/2") == 1.0
    assert sounding(instrument) == []


def test_an_empty_binding_of_one_channel_takes_nothing_from_the_others(instrument):
    player = Player(instrument, MidiSettings(cc={"74": "latent/2", "10:74": ""}))
    player.play(PORT, cc(74, 127, channel=10))
    assert instrument.get("latent/2") == 0.5
    player.play(PORT, cc(74, 127, channel=9))
    assert instrument.get("latent/2") == 1.0


def test_the_wheel_is_vibrato_until_a_preset_says_otherwise(player, instrument):
    player.play(PORT, cc(1, 127))
    assert instrument.get("vibrato/depth") == 1.0
    instrument.macros.unbind(3)
    instrument.macros.bind(3, "latent/2", 0.0, 1.0)
    player.play(PORT, cc(1, 0))
    assert (instrument.get("vibrato/depth"), instrument.get("latent/2")) == (1.0, 0.0)


def test_a_latent_that_the_model_lacks_is_told_once_and_ignored(instrument, caplog):
    player = Player(instrument, MidiSettings(cc={"28": "latent/8"}))
    before = instrument.values()
    with caplog.at_level("INFO"):
        for value in range(10):
            player.play(PORT, cc(28, value))
    assert instrument.values() == before
    assert [record.getMessage() for record in caplog.records] == [
        "MIDI: the model has no latent/8, its controller does nothing"
    ]


@pytest.mark.parametrize(("pitch", "position"), [(-8192, -1.0), (-4096, -0.5), (0, 0.0), (8191, 1.0)])
def test_the_wheel_bends_both_ways_to_the_end(player, instrument, pitch, position):
    player.play(PORT, bend(pitch))
    assert instrument.get("bend") == position


def test_the_14_bits_of_the_wheel_are_all_used(player, instrument):
    player.play(PORT, bend(1))
    assert instrument.get("bend") == pytest.approx(1 / 8191)


def test_rpn_0_sets_the_bend_range_in_semitones_and_cents(player, instrument):
    for controller, value in ((101, 0), (100, 0), (6, 12), (38, 50)):
        player.play(PORT, cc(controller, value))
    assert instrument.get("bend/range") == pytest.approx(12.5)


@pytest.mark.parametrize("other", [[(101, 0), (100, 1)], [(101, 127), (100, 127)], [(101, 0), (100, 0), (99, 0)], []])
def test_data_entry_for_anything_else_leaves_the_bend_range(player, instrument, other):
    for controller, value in (*other, (6, 24)):
        player.play(PORT, cc(controller, value))
    assert instrument.get("bend/range") == 2.0


@pytest.mark.parametrize("controller", [123, 124, 125, 126, 127])
def test_all_notes_off_lets_go_of_the_keys_of_its_channel_and_not_of_the_drone(player, instrument, controller):
    instrument.set("gate", True)
    player.play(PORT, note("on", 60, channel=1))
    player.play(PORT, note("on", 62, channel=2))
    player.play(PORT, cc(controller, 0, channel=1))
    assert sounding(instrument) == [62]
    assert instrument.get("gate") is True


def test_all_notes_off_leaves_to_the_pedal_what_it_holds(player, instrument):
    player.play(PORT, cc(64, 127))
    player.play(PORT, note("on", 60))
    player.play(PORT, cc(123, 0))
    assert sounding(instrument) == [60]
    player.play(PORT, cc(64, 0))
    assert sounding(instrument) == []


def test_all_sound_off_ends_everything_even_under_the_pedal(player, instrument):
    instrument.set("gate", True)
    player.play(PORT, cc(64, 127))
    player.play(PORT, note("on", 60))
    player.play("another", note("on", 62))
    player.play(PORT, cc(120, 0))
    assert sounding(instrument) == []
    assert instrument.get("gate") is False


def test_reset_puts_bend_expression_and_pedal_back(player, instrument):
    for message in (cc(64, 127), note("on", 60), note("off", 60), bend(8191), cc(11, 10), cc(101, 0), cc(100, 0)):
        player.play(PORT, message)
    player.play(PORT, cc(121, 0))
    player.play(PORT, cc(6, 24))
    assert sounding(instrument) == []
    assert (instrument.get("bend"), instrument.get("expression")) == (0.0, 1.0)
    assert instrument.get("bend/range") == 2.0


def test_channels_that_are_not_heard_do_nothing(instrument):
    player = Player(instrument, MidiSettings(channels=[2, 16]))
    before = instrument.values()
    for message in (note("on", 60), cc(7, 1), cc(120, 0), bend(100)):
        player.play(PORT, message)
    assert instrument.values() == before
    assert instrument.notes() == []
    player.play(PORT, note("on", 60, channel=16))
    assert sounding(instrument) == [60]


def test_a_port_that_is_forgotten_leaves_nothing_behind_and_others_alone(player, instrument):
    for port in (PORT, "another"):
        player.play(port, cc(64, 127))
        player.play(port, note("on", 60))
        player.play(port, note("on", 62))
        player.play(port, note("off", 62))
    player.play(PORT, bend(8191))
    player.forget(PORT)
    assert sorted(instrument.notes()) == [("midi", "another", 1, 60), ("midi", "another", 1, 62)]
    assert instrument.get("bend") == 0.0
    player.play(PORT, note("on", 64))
    player.play(PORT, note("off", 64))
    assert ("midi", PORT, 1, 64) not in instrument.notes()


@pytest.mark.parametrize("kind", ["clock", "active_sensing", "start", "sysex", "song_select"])
def test_messages_without_a_meaning_here_do_nothing(player, instrument, kind):
    before = instrument.values()
    player.play(PORT, note("on", 60))
    player.play(PORT, mido.Message(kind))
    assert instrument.values() == before
    assert sounding(instrument) == [60]


def test_ten_thousand_random_messages_never_raise_and_can_all_be_let_go(player, instrument):
    chance = random.Random(1)
    for number in range(10_000):
        if number % 64 == 0:  # the engine takes only so many notes at once
            instrument.engine.render(64)
        status = chance.randrange(0x80, 0xF0)
        length = 1 if status & 0xF0 in (0xC0, 0xD0) else 2
        data = [chance.randrange(128) for _ in range(length)]
        if status & 0xF0 == 0xB0 and chance.random() < 0.3:  # zones and bend ranges come and go
            data[0] = chance.choice([6, 100, 101])
            data[1] = chance.choice([0, 6, 15]) if data[0] != 101 else 0
        player.play(chance.choice(["one", "two"]), mido.Message.from_bytes([status, *data]))
    for name, value in instrument.values().items():
        assert instrument.parameter(name).check(value) == value
    for port in ("one", "two"):
        player.forget(port)
    assert instrument.notes() == []
    assert instrument.get("bend") == 0.0
