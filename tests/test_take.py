"""A take is what was played while it was recorded, and renders to the same sound."""

import numpy as np
import pytest
import soundfile
from session import Session
from small_decoder import small_decoder, small_decoder_file

from manned.config import load_config
from manned.control import take as module
from manned.control.midi.input import MidiInput
from manned.control.osc.dated import Dated
from manned.control.osc.packet import write_message
from manned.control.osc.receiver import Receiver
from manned.control.score import Score
from manned.control.take import Take
from manned.errors import ScoreError
from manned.render import render
from manned.settings import MidiSettings

NOBODY = type("Nobody", (), {"key": "test", "outlet": None, "send": lambda self, address, *arguments: None})()


class Live:
    """An instrument that is played by OSC packets and MIDI bytes, block by block, with a take of it."""

    def __init__(self, folder):
        self.session = Session(small_decoder(), None)
        self.instrument, self.engine = self.session.instrument, self.session.engine
        self.take = Take(self.instrument)
        self.receiver = Receiver(self.session.namespace, Dated(self.session.schedule))
        self.receiver.done = self.take.osc
        self._midi = MidiInput(self.instrument, MidiSettings(api="none"))
        self._midi.heard = self.take.midi
        self._folder = folder

    def osc(self, address, *arguments):
        self.receiver.receive(write_message(address, *arguments), NOBODY)

    def midi(self, *data):
        self._midi.received("My keys", list(data), 0.0)

    def play(self, seconds):
        return self.engine.render(round(seconds * 44100 / 256) * 256, 256)[:, 0]

    def render_again(self):
        small_decoder_file(self._folder)
        settings = {"model.folders": self._folder, "model.name": "small", "audio.channels": 1}
        config = load_config(None, [f"{name}={value}" for name, value in settings.items()], environment={})
        render(Score.load(self.take.path), self._folder / "again.wav", config)
        return soundfile.read(self._folder / "again.wav", dtype="float32")[0]


@pytest.fixture
def live(tmp_path):
    return Live(tmp_path)


def test_it_renders_to_what_was_heard(live, tmp_path):
    live.osc("/latents", 0.3, 0.7)
    live.osc("/env/attack", 0.02)
    live.osc("/macro/2/bind", "/env/release", 0.1, 0.9)
    live.osc("/macro/2/name", "fade")
    live.osc("/gain", 0.5)
    live.play(0.31)
    live.take.begin(tmp_path / "take.wav", live.engine.clock)
    heard = [live.play(0.2)]
    for message in (
        ("/mnote", 60, 100), ("/latent/1", 0.9), ("/ne/pitch", 60, 3.0), ("/mnote/rel", 60), ("/gate", 1),
        ("/xy", 0.1, 0.2),
        ("/status",), ("/gate",), ("/gain",), ("/nothing", 1), ("/gate", 0),
    ):  # fmt: skip
        live.osc(*message)
        heard.append(live.play(0.15))
    for data in ((0x90, 64, 100), (0xB0, 7, 60), (0xE0, 0, 96), (0xB0, 22, 100), (0x80, 64, 0)):
        live.midi(*data)
        heard.append(live.play(0.15))
    heard = np.concatenate(heard)
    again = live.render_again()
    assert len(again) >= len(heard)  # it ends with the tail
    np.testing.assert_allclose(again[: len(heard)], heard, rtol=0, atol=0.02 * heard.max())
    begins = [np.flatnonzero(np.abs(sound) > 1e-4)[0] for sound in (heard, again)]
    assert begins[0] == begins[1] > 8000
    lines = (tmp_path / "take.txt").read_text().splitlines()
    assert lines[1] == "# manned render take.txt -o again.wav --model small"
    assert not any(word in line for line in lines for word in ("/status", "/nothing"))
    assert sum(line.endswith('midi "My keys" 90 40 64') for line in lines) == 1


def test_it_never_overwrites_and_ends_when_it_is_too_large(live, tmp_path, monkeypatch, caplog):
    (tmp_path / "take.txt").write_text("dear to somebody")
    live.take.begin(tmp_path / "take.wav", 0)
    path = live.take.path
    assert path == tmp_path / "take-2.txt" and (tmp_path / "take.txt").read_text() == "dear to somebody"
    monkeypatch.setattr(module, "MOST_BYTES", path.stat().st_size + 100)
    for _ in range(20):
        live.osc("/gain", 0.25)
    assert path.stat().st_size <= module.MOST_BYTES
    assert f"take {path}: it ends here, the recording goes on" in caplog.text
    Score.load(path)


def test_one_that_cannot_be_written_is_told_and_nothing_else_happens(live, tmp_path, caplog):
    live.take.begin(tmp_path / "nowhere" / "take.wav", 0)
    live.osc("/gate", 1)
    assert "nowhere/take.txt: it ends here, the recording goes on (No such file" in caplog.text
    assert live.instrument.get("gate") is True


def test_what_no_line_can_hold_is_left_out_and_the_rest_renders(live, tmp_path):
    live.osc("/macro/1/name", """Bob's "bite\"""")
    live.take.begin(tmp_path / "take.wav", live.engine.clock)
    live.osc("/macro/2/name", """7" 'n' 12\"""")
    live.midi(0x90, 60)  # cut off by its driver, and played by nobody
    live.midi(0x90, 60, 100)
    live.midi(0x80, 60, 0)
    lines = (tmp_path / "take.txt").read_text().splitlines()
    said = [line.partition(":")[0] for line in lines if " is left out: " in line]
    assert [line.split()[2] for line in said] == ["/macro/1/name", "/macro/2/name"]
    played = [entry.message.bytes() for entry in Score.load(tmp_path / "take.txt").entries if entry.port]
    assert played == [[0x90, 60, 100], [0x80, 60, 0]]


@pytest.mark.parametrize("port", ["two\nlines", 'a "port"', "\udcff", "# no comment", ""])
def test_a_port_may_be_called_anything(live, tmp_path, port):
    live.take.begin(tmp_path / "take.wav", 0)
    live.take.midi(port, [0x90, 60, 100])
    (entry,) = [entry for entry in Score.load(tmp_path / "take.txt").entries if entry.port]
    assert entry.message.bytes() == [0x90, 60, 100]


@pytest.mark.parametrize(
    "line", ["0 midi", '0 midi "a"', '0 midi "a" 90 3c', '0 midi "a" 90 3c 80', "0 midi a 90 zz 1"]
)
def test_a_line_that_is_no_midi_message_is_named(tmp_path, line):
    (tmp_path / "a.txt").write_text(line + "\n")
    with pytest.raises(ScoreError, match="line 1: found '0 midi.*allowed is 'seconds midi \"port\" bytes…'"):
        Score.load(tmp_path / "a.txt")
