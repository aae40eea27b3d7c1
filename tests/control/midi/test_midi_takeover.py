"""Which way a fader must go to pick its parameter up is told to who asks."""

from midi_messages import PORT, Playing, cc

from manned.control.midi.learned import Learned
from manned.control.midi.map import MidiMap

NAME = "latent/1"


def waiting(play):
    """Controller and way of every fader that waits."""
    told = MidiMap(Learned(), play.player.ports, play.player.waits_for).waiting()
    return [
        (controller, way) for port, controller, address, way in told if port == PORT and address.startswith("/latent")
    ]


def test_a_fader_waits_up_or_down_until_it_has_picked_its_parameter_up():
    play = Playing(cc={"20": f"{NAME} pickup"})
    assert waiting(play) == []
    play(cc(20, 10))
    assert waiting(play) == [("20", "up")]
    play(cc(20, 64))
    assert waiting(play) == []
    play(cc(20, 90))
    assert play.get(NAME) == 90 / 127 and waiting(play) == []
    play.instrument.set(NAME, 0.1)
    assert waiting(play) == [("20", "down")]


def test_what_jumps_turns_or_is_a_button_never_waits():
    words = {"20": "jump", "21": "scale", "22": "twos", "23": "toggle"}
    play = Playing(cc={number: f"{NAME} {word}" for number, word in words.items()})
    for number in words:
        play(cc(int(number), 3))
    play.instrument.set(NAME, 0.9)
    assert waiting(play) == []


def test_of_a_binding_of_one_channel_that_channel_counts():
    play = Playing(cc={"2:20": f"{NAME} pickup"})
    play(cc(20, 10, channel=1))
    assert waiting(play) == []
    play(cc(20, 10, channel=2))
    assert waiting(play) == [("2:20", "up")]


def test_a_pair_of_controllers_is_told_as_the_pair():
    play = Playing(cc={"16/48": f"{NAME} pickup"})
    play(cc(16, 5), cc(48, 0))
    assert waiting(play) == [("16/48", "up")]
