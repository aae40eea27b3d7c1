"""MIDI learn: the next control that is moved is bound, kept over a restart, and can be forgotten."""

import asyncio
import json
import random
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from midi_messages import Playing, cc, note
from midi_port import APPEARS_WITHIN_S, keyboard
from running import RunningManned
from session import Session
from small_decoder import small_decoder

from manned.control.midi.learned import FILE, Learned, port_key
from manned.control.midi.map import MidiMap
from manned.control.osc.namespace import Namespace
from manned.control.osc.packet import Message
from manned.errors import ParameterError

BOX = "my box:my box MIDI 1 20:0"


class Learning:
    """A player that learns, and a client that speaks to it by OSC."""

    def __init__(self, folder, **settings):
        self.learned = Learned(folder)
        self.play = Playing(port=BOX, parts={"learned": self.learned}, **settings)
        session = Session(small_decoder(), None)
        self.namespace = Namespace(
            self.play.instrument, dict, session.morph, midi=MidiMap(self.learned, self.play.player.ports)
        )
        self.answers = []
        self.key = "test"

    def send(self, address, *arguments):
        self.answers.append((address, *arguments))

    def osc(self, address, *arguments):
        self.answers = []
        self.namespace.perform(Message(address, arguments), self)
        return self.answers


@pytest.fixture
def learning(tmp_path):
    return Learning(tmp_path)


def sweep(play, controller, values=range(0, 128, 8), channel=1):
    for value in values:
        play(cc(controller, value, channel))


def test_the_next_control_that_is_moved_is_bound_and_the_client_is_told(learning):
    learning.osc("/midi/learn", "/latent/2")
    assert learning.osc("/midi/learn") == [("/midi/learn", "/latent/2")]
    sweep(learning.play, 30)
    assert learning.answers[-1] == ("/done", "/midi/learn", "/latent/2", BOX, "1:30")
    assert learning.play.get("latent/2") == pytest.approx(120 / 127)
    assert learning.osc("/midi/learn") == [("/midi/learn",)]


def test_several_are_learned_by_order_and_one_control_counts_once(learning):
    learning.osc("/midi/learn", "/latent/1", "/latent/2", "/env/attack")
    for controller in (20, 21, 22):
        sweep(learning.play, controller)
    rows = learning.osc("/midi/map")[0][1:]
    found = {rows[i + 1]: rows[i + 2] for i in range(0, len(rows), 4) if rows[i + 3] == "learned"}
    assert found == {"1:20": "/latent/1", "1:21": "/latent/2", "1:22": "/env/attack"}


def test_an_empty_text_gives_up_and_says_so(learning):
    learning.osc("/midi/learn", "/latent/1")
    (answer,) = learning.osc("/midi/learn", "")
    assert answer[:2] == ("/fail", "/midi/learn")
    sweep(learning.play, 30)
    assert list(learning.learned.every()) == []


def test_what_is_no_parameter_is_refused_with_the_nearest(learning):
    with pytest.raises(ParameterError, match="'env/atack' is no parameter, the nearest is 'env/attack'"):
        learning.osc("/midi/learn", "/env/atack")


def test_a_learned_control_loses_its_other_meaning_on_its_channel_and_port_alone(learning):
    learning.osc("/midi/learn", "/latent/2")
    sweep(learning.play, 7)
    gain = learning.play.get("gain")
    learning.play(cc(7, 0))
    assert (learning.play.get("gain"), learning.play.get("latent/2")) == (gain, 0.0)
    learning.play(cc(7, 127), port="another")
    assert learning.play.get("gain") == 1.0


@pytest.mark.parametrize(
    ("values", "words"),
    [([1, 1, 2, 1, 127, 127], " twos"), ([65, 65, 63], " offset"), ([1, 1, 65, 65], " sign"), (range(20), "")],
)
def test_the_kind_of_an_encoder_is_guessed_while_it_is_learned(learning, values, words):
    learning.osc("/midi/learn", "/latent/2")
    sweep(learning.play, 30, values)
    assert list(learning.learned.every()) == [(port_key(BOX), "1:30", f"latent/2{words}")]


def test_a_pair_of_14_bits_is_found_while_it_is_learned(learning):
    learning.osc("/midi/learn", "/latent/2")
    for value in range(0, 16384, 300):
        learning.play(cc(3, value >> 7), cc(35, value & 127))
    assert list(learning.learned.every()) == [(port_key(BOX), "1:3/35", "latent/2")]
    learning.play(cc(3, 64), cc(35, 1))
    assert learning.play.get("latent/2") == pytest.approx((64 * 128 + 1) / 16383)


def test_an_nrpn_can_be_learned(learning):
    learning.osc("/midi/learn", "/latent/2")
    learning.play(cc(99, 2), cc(98, 1), cc(6, 100), cc(38, 0))
    assert [row[1] for row in learning.learned.every()] == ["1:nrpn:257"]
    assert learning.play.get("latent/2") == pytest.approx(12800 / 16383)


def test_keys_of_a_keyboard_are_not_learned_and_those_of_a_surface_are(tmp_path):
    for controllers, count in (({}, 0), ({"box": "surface"}, 1)):
        learning = Learning(tmp_path / str(count), controllers=controllers)
        learning.osc("/midi/learn", "/gate toggle")
        learning.play(note("on", 40), note("off", 40))
        assert len(list(learning.learned.every())) == count


def test_it_is_there_after_a_restart_also_under_another_number_of_the_port(learning, tmp_path):
    learning.osc("/midi/learn", "/latent/2")
    sweep(learning.play, 30)
    again = Learning(tmp_path)
    again.play(cc(30, 0), port="my box:my box MIDI 1 24:0")
    assert again.play.get("latent/2") == 0.0


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("nanoKONTROL2:nanoKONTROL2 MIDI 1 20:0", "nanoKONTROL2:nanoKONTROL2 MIDI 1"),
        ("a2j:MPK mini [24] (capture): in", "a2j:MPK mini (capture): in"),
        ("kbd:out", "kbd:out"),
    ],
)
def test_a_port_is_known_again_without_the_numbers_that_change(name, key):
    assert port_key(name) == key


def test_what_was_learned_is_forgotten_by_its_address_or_altogether(learning):
    learning.osc("/midi/learn", "/latent/1", "/latent/2", "/gain")
    for controller in (20, 21, 22):
        sweep(learning.play, controller)
    assert learning.osc("/midi/unlearn", "/latent/1") == [("/done", "/midi/unlearn", "/latent/1", "1")]
    assert learning.osc("/midi/unlearn", "/latent/1")[0][:2] == ("/fail", "/midi/unlearn")
    assert learning.osc("/midi/unlearn", "") == [("/done", "/midi/unlearn", "", "2")]
    assert list(learning.learned.every()) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"format": 9, "ports": {}}', b'{"format": 1, "ports": {"x": {"1": "nothing"}}}', b"\xff" * 9],
)
def test_a_damaged_file_is_told_of_and_kept_aside(tmp_path, caplog, content):
    (tmp_path / FILE).write_bytes(content)
    assert list(Learned(tmp_path).every()) == []
    assert "cannot be read" in caplog.text
    assert (tmp_path / f"{FILE}~").read_bytes() == content


def test_the_file_is_whole_whenever_it_is_looked_at(tmp_path):
    learning, chance = Learning(tmp_path), random.Random(1)

    async def learn_much():
        for number in range(60):
            learning.osc("/midi/learn", f"/latent/{number % 2 + 1}")
            sweep(learning.play, 20 + number % 10, channel=number % 16 + 1)
            if (tmp_path / FILE).exists():
                assert json.loads((tmp_path / FILE).read_text())["format"] == 1
            await asyncio.sleep(chance.random() * 0.002)

    asyncio.run(learn_much())
    assert set(Learned(tmp_path).every()) == set(learning.learned.every())


def test_of_two_writes_that_overtake_each_other_the_newest_stays(tmp_path):
    learning = Learning(tmp_path)

    async def learn_two():
        asyncio.get_running_loop().set_default_executor(Overtaken(max_workers=1))
        learning.osc("/midi/learn", "/latent/1", "/latent/2")
        for controller in (20, 21):
            sweep(learning.play, controller)

    asyncio.run(learn_two())
    assert set(Learned(tmp_path).every()) == set(learning.learned.every())


class Overtaken(ThreadPoolExecutor):
    """Does last what it was given first."""

    def submit(self, work, *arguments):
        self.waiting = [(work, arguments), *getattr(self, "waiting", ())]
        return Future()

    def shutdown(self, *arguments, **options):
        for work, values in self.waiting:
            work(*values)
        super().shutdown(*arguments, **options)


def test_without_midi_the_commands_say_so():
    session = Session(small_decoder(), None)
    with pytest.raises(ParameterError, match="there is no MIDI here"):
        session.send("/midi/learn", "/latent/1")
    assert session.send("/midi/map") == [("/midi/map",)]
    assert session.send("/midi/takeover") == [("/midi/takeover",)]


def test_what_was_learned_is_there_after_a_kill(tmp_path, jack_server):
    options = ("--set", "midi.api=jack", "--set", f"state.folder={tmp_path}")
    with keyboard("kbd") as send:
        with RunningManned(tmp_path, *options) as manned:
            assert manned.send("/midi/learn", "/latent/2").returncode == 0
            wait(lambda: send(cc(30, 100).bytes()), lambda: "1:30" in manned.ask("/midi/map"))
            wait(lambda: None, (tmp_path / FILE).exists)
            manned.process.kill()
        with RunningManned(tmp_path, *options) as manned:
            wait(lambda: send(cc(30, 127).bytes()), lambda: float(manned.ask("/latent/2")) == 1.0)


def wait(action, condition):
    deadline = time.monotonic() + APPEARS_WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        action()
        time.sleep(0.05)
