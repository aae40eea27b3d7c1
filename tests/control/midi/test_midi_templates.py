"""Templates: a device that is plugged in is understood at once, by its name, through real MIDI ports."""

import asyncio
from itertools import pairwise

import pytest
from harmonic_decoder import harmonic_decoder
from midi_messages import Playing, cc, device, note
from session import Session
from test_midi_ports import in_a_loop, until

from manned.control.midi.commands import MidiCommands
from manned.control.midi.input import MidiInput
from manned.control.midi.templates import SHIPPED, Templates, read
from manned.errors import ConfigError
from manned.settings import MidiSettings
from manned.table.bindings import BUTTONS
from manned.table.parameters import parameter_table

LATENTS = 16


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_template_can_be_read_and_says_where_its_numbers_are_from(path):
    template = read(path)
    assert template.device and template.source
    known = parameter_table(LATENTS)
    for controller, binding in template.bindings:
        assert binding.target in known or binding.target in BUTTONS, controller.text


@pytest.mark.parametrize(
    ("port", "name"),
    [
        ("nanoKONTROL2:nanoKONTROL2 nanoKONTROL2 _ CTRL 20:0", "nanokontrol2"),
        ("Launch Control XL:Launch Control XL MIDI 1 24:0", "launch-control-xl"),
        ("MIDI Mix:MIDI Mix MIDI 1 28:0", "midimix"),
        ("MPK mini 3:MPK mini 3 MIDI 1 20:0", "mpk-mini"),
        ("MPKmini2:MPKmini2 MIDI 1 20:0", "mpk-mini-2"),
        ("Launchkey Mini MK3:Launchkey Mini MK3 MIDI 1 20:0", "launchkey-mini"),
        ("Faderfox UC4:Faderfox UC4 MIDI 1 20:0", "faderfox-uc4"),
        ("USB Keyboard", ""),
    ],
)
def test_a_port_finds_its_template_by_its_name(port, name):
    assert Templates().find(port).name == name


def test_the_settings_choose_a_template_or_a_role_before_that():
    templates = Templates(chosen={"nanoKONTROL2*": "keyboard", "box": "generic-8"})
    assert (templates.find("nanoKONTROL2 1").role, templates.find("nanoKONTROL2 1").name) == ("keyboard", "")
    assert templates.find("My Box").name == "generic-8"
    with pytest.raises(ConfigError, match="'box' is 'generic-9', allowed are keyboard, surface, faderfox-uc4"):
        Templates(chosen={"box": "generic-9"})


def test_a_template_of_ones_own_comes_before_a_shipped_one(tmp_path):
    (tmp_path / "midimix.toml").write_text('ports = ["MIDI Mix"]\n[cc]\n16 = "gain"\n')
    assert [binding.target for _, binding in Templates([tmp_path]).find("MIDI Mix").bindings] == ["gain"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rolle = 1", "unknown key rolle"),
        ('role = "piano"', "role is 'piano', allowed are keyboard, surface"),
        ('[cc]\n1 = "nothing"', "'nothing' is no parameter"),
        ('[cc]\n130 = "gain"', "'130' is no controller"),
        ("lit = 128", "lit is 128"),
        ("ports = 3", "ports is 3"),
        ("[", "not valid TOML"),
    ],
)
def test_what_is_wrong_in_a_template_is_said_with_its_file(tmp_path, text, words):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        read(path)
    assert str(path) in str(error.value) and words in str(error.value)


def test_what_the_user_wrote_comes_before_the_template():
    play = Playing(port="nanoKONTROL2", cc={"0": "env/sustain"}, takeover="jump")
    play(cc(0, 0), cc(1, 127))
    assert (play.get("env/sustain"), play.get("latent/2")) == (0.0, 1.0)


# -- through real ports -----------------------------------------------------------

DEVICES = {
    "nanoKONTROL2": ("nanokontrol2", 1),
    "Launch Control XL": ("launch-control-xl", 9),
    "MIDI Mix": ("midimix", 1),
}


class Plugged:
    """An instrument with sixteen latents, and MIDI in that knows a device."""

    def __init__(self, folder, **settings):
        session = Session(harmonic_decoder(latents=LATENTS), folder)
        self.instrument = session.instrument
        self.done = []
        self._commands = MidiCommands(session.namespace)
        self.midi = MidiInput(self.instrument, MidiSettings(api="jack", **settings), session.morph, self)

    def perform(self, *words):
        """Do a command, and note it."""
        self.done.append(words)
        self._commands.perform(*words)

    async def __aenter__(self):
        await self.midi.start()
        self._playing = asyncio.create_task(self._play())
        return self

    async def __aexit__(self, *_):
        self._playing.cancel()
        await self.midi.stop()

    async def _play(self):
        """Take what is handed to the engine, as a sound system does."""
        while True:
            self.instrument.engine.render(64)
            await asyncio.sleep(0.002)

    async def settled(self, count):
        await until(lambda: self.midi.counts()["midi_messages"] >= count)


@pytest.mark.parametrize("name", DEVICES)
def test_every_control_does_what_its_template_says_and_never_jumps(name, jack_server, tmp_path):
    asyncio.run(sweep_device(name, tmp_path))


async def sweep_device(name, folder):
    template, channel = DEVICES[name]
    bindings = list(read(SHIPPED / f"{template}.toml").bindings)
    async with Plugged(folder) as plugged:
        with device(name) as (send, _):
            await until(lambda: plugged.midi.ports().get(f"{name}:out"))
            steps, sent, got = {}, 0, plugged.instrument.get
            plugged.instrument.tree.listen(
                lambda changes: [steps.setdefault(change.name, []).append(change.value) for change in changes]
            )
            for controller, binding in bindings:
                steps.clear()
                plugged.done.clear()
                row = plugged.instrument.parameters.get(binding.target)
                before = row and got(binding.target)
                if isinstance(controller.number, str) or row is None or binding.toggle:
                    if isinstance(controller.number, str):
                        number = int(controller.number.removeprefix("note:"))
                        pressed, let_go = note("on", number, channel, 127), note("off", number, channel)
                    else:
                        pressed, let_go = cc(controller.number, 127, channel), cc(controller.number, 0, channel)
                    send(pressed.bytes())
                    send(let_go.bytes())
                    sent += 2
                    await plugged.settled(sent)
                    if row is None:
                        assert plugged.done == [(binding.target,)], controller.text
                    else:
                        assert got(binding.target) != before, controller.text
                    continue
                for value in [*range(128), *range(127, -1, -1)]:
                    send(cc(controller.number, value, channel).bytes())
                    sent += 1
                    if value % 16 == 0:
                        await asyncio.sleep(0.001)
                await plugged.settled(sent)
                values = [before, *steps[binding.target]]
                assert max(values) == row.maximum and min(values) == row.minimum, controller.text
                places = [((value - row.minimum) / (row.maximum - row.minimum)) for value in values]
                if row.curve == "linear":
                    assert max(abs(a - b) for a, b in pairwise(places)) <= 2.6 / 127, controller.text
            assert plugged.instrument.notes() == []
            assert plugged.midi.counts()["midi_rejected"] == 0
        await until(lambda: f"{name}:out" not in plugged.midi.ports())


@in_a_loop
async def test_a_device_shows_what_is_set_and_is_left_alone_while_it_is_touched(jack_server, tmp_path):
    async with Plugged(tmp_path) as plugged:
        with device("nanoKONTROL2") as (send, heard):
            await until(lambda: plugged.midi.ports().get("nanoKONTROL2:out"))
            await until(lambda: (0xB0, 0, 64) in heard() and (0xB0, 23, 64) in heard())
            plugged.instrument.set("latent/1", 0.25)
            await until(lambda: (0xB0, 0, 32) in heard())
            send(cc(0, 33).bytes())
            await plugged.settled(1)
            count = len(heard())
            plugged.instrument.set("latent/1", 1.0)
            await asyncio.sleep(0.25)
            assert not [message for message in heard()[count:] if message[:2] == (0xB0, 0)]
            await until(lambda: heard()[-1] == (0xB0, 0, 127))


@in_a_loop
async def test_values_are_shown_at_most_thirty_times_a_second_and_the_last_one_always(jack_server, tmp_path):
    async with Plugged(tmp_path) as plugged:
        with device("nanoKONTROL2") as (_, heard):
            await until(lambda: (0xB0, 0, 64) in heard())
            count = len(heard())
            for number in range(500):
                plugged.instrument.set("latent/1", number / 500)
                await asyncio.sleep(0.001)
            plugged.instrument.set("latent/1", 0.0)
            await until(lambda: heard()[-1] == (0xB0, 0, 0))
            assert len(heard()) - count < 60


@in_a_loop
async def test_a_lamp_follows_the_button_that_toggles(jack_server, tmp_path):
    async with Plugged(tmp_path) as plugged:
        with device("Launch Control XL") as (send, heard):
            await until(lambda: (0x90, 41, 12) in heard())
            send(note("on", 41, 9, 127).bytes())
            send(note("off", 41, 9).bytes())
            await until(lambda: (0x98, 41, 60) in heard())
            assert plugged.instrument.get("gate") is True


@in_a_loop
async def test_nothing_is_sent_where_feedback_is_off(jack_server, tmp_path):
    async with Plugged(tmp_path, feedback=False) as plugged:
        with device("nanoKONTROL2") as (_, heard):
            await until(lambda: plugged.midi.ports().get("nanoKONTROL2:out"))
            plugged.instrument.set("latent/1", 0.25)
            await asyncio.sleep(0.3)
            assert heard() == []
