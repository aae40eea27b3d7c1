"""MIDI ports that come, play, go and come again: real ones, of a JACK server."""

import asyncio
import contextlib
import functools
import json
import os
import subprocess
import sys
import time

import jack
import mido
import pytest
from jackd import JackServer
from midi_port import APPEARS_WITHIN_S, keyboard
from small_decoder import small_decoder

from manned.config import MidiSettings
from manned.control.midi.input import MidiInput
from manned.control.midi.port_names import counterpart, wanted
from manned.control.midi.ports import Ports, list_ports, reading_process
from manned.engine.engine import Engine
from manned.errors import EngineBusy
from manned.instrument import Instrument


@contextlib.asynccontextmanager
async def playing(**settings):
    """MIDI in that plays a small instrument."""
    instrument = Instrument(Engine(), small_decoder())
    midi = MidiInput(instrument, MidiSettings(**{"api": "jack", **settings}))
    await midi.start()
    try:
        yield instrument, midi
    finally:
        await midi.stop()


@contextlib.asynccontextmanager
async def plugged_in(midi):
    """A keyboard ``kbd`` that is played from."""
    with keyboard("kbd") as send:
        await until(lambda: midi.ports().get("kbd:out"))
        yield send


def in_a_loop(test):
    """A test that awaits, as pytest calls it."""

    @functools.wraps(test)
    def run(**fixtures):
        asyncio.run(test(**fixtures))

    return run


async def until(condition):
    deadline = time.monotonic() + APPEARS_WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        await asyncio.sleep(0.01)


def note_on(note):
    return mido.Message("note_on", note=note, velocity=100).bytes()


@in_a_loop
async def test_a_keyboard_plays_and_its_notes_are_let_go_when_it_vanishes_and_it_plays_again(jack_server):
    async with playing() as (instrument, midi):
        for note in (60, 62):
            async with plugged_in(midi) as send:
                send(mido.Message("control_change", control=64, value=127).bytes())
                send(note_on(note))
                await until(lambda: instrument.notes() == [("midi", "kbd:out", 1, note)])  # noqa: B023
            await until(lambda: instrument.notes() == [])
            await until(lambda: "kbd:out" not in midi.ports())
        assert midi.counts()["midi_messages"] == 4


@in_a_loop
async def test_a_keyboard_that_vanishes_while_the_engine_is_full_keeps_no_other_from_playing(jack_server):
    async with playing() as (instrument, midi):
        async with plugged_in(midi) as send:
            send(note_on(60))
            await until(instrument.notes)
            fill(instrument)
        await until(lambda: "kbd:out" not in midi.ports())
        instrument.engine.render(64)
        async with plugged_in(midi) as send:
            send(note_on(62))
            await until(lambda: instrument.notes() == [("midi", "kbd:out", 1, 62)])


@in_a_loop
async def test_a_port_can_be_ended_while_the_engine_is_full(jack_server):
    async with playing() as (instrument, midi), plugged_in(midi) as send:
        send(note_on(60))
        await until(instrument.notes)
        fill(instrument)
        await midi.stop()
        assert midi.ports() == {}
        assert instrument.notes() == []


def fill(instrument):
    """Hand an engine that does not run more than it has room for."""

    def set_for_ever():
        while True:
            instrument.set("gain", 0.5)

    with pytest.raises(EngineBusy):
        set_for_ever()


@in_a_loop
async def test_a_reading_process_that_cannot_be_started_is_tried_again(tmp_path, monkeypatch, caplog):
    python = tmp_path / "python"
    monkeypatch.setattr(sys, "executable", str(python))
    async with playing(api="alsa") as (_, midi):
        await until(lambda: "cannot be started" in caplog.text)
        python.write_text("""#!/bin/sh\necho '["ports", ["kbd:out"]]'\nread until_closed\n""")
        python.chmod(0o755)
        await until(lambda: "kbd:out" in midi.ports())


@in_a_loop
async def test_a_port_that_is_back_at_once_is_noticed_all_the_same(jack_server):
    async with playing() as (instrument, midi):
        async with plugged_in(midi) as send:
            send(note_on(60))
            await until(instrument.notes)
        with keyboard("kbd") as send:
            await until(lambda: not instrument.notes())
            await until(lambda: midi.ports().get("kbd:out"))
            send(note_on(64))
            await until(lambda: instrument.notes() == [("midi", "kbd:out", 1, 64)])


def inputs_connected_to(output):
    """Names of the JACK ports that an output is connected to."""
    lines = subprocess.check_output(["jack_lsp", "-c", output], text=True).splitlines()
    return [line.strip() for line in lines if line.startswith("   ")]


@in_a_loop
async def test_a_connection_that_is_undone_by_hand_stays_undone_until_it_is_made_by_hand(jack_server):
    async with playing() as (instrument, midi), plugged_in(midi) as send:
        send(note_on(60))
        await until(instrument.notes)
        (ours,) = await asyncio.to_thread(inputs_connected_to, "kbd:out")
        subprocess.run(["jack_disconnect", "kbd:out", ours], check=True)
        await until(lambda: not instrument.notes() and midi.ports().get("kbd:out") is False)
        await asyncio.sleep(1.2)
        assert await asyncio.to_thread(inputs_connected_to, "kbd:out") == []
        subprocess.run(["jack_connect", "kbd:out", ours], check=True)
        await until(lambda: midi.ports().get("kbd:out"))
        send(note_on(62))
        await until(lambda: instrument.notes() == [("midi", "kbd:out", 1, 62)])


@in_a_loop
async def test_a_keyboard_that_stops_sensing_is_let_go_of_and_a_clock_is_followed(jack_server):
    async with playing() as (instrument, midi), plugged_in(midi) as send:
        send([0xFE])
        send(note_on(60))
        await until(instrument.notes)
        await until(lambda: not instrument.notes())
        send([0xFA])
        begun = time.monotonic()
        for number in range(24 * 6):
            await asyncio.sleep(max(begun + number / 48 - time.monotonic(), 0))
            send([0xF8])
        await until(lambda: midi.counts().get("midi_beat") == 6.0)
        assert midi.counts()["midi_tempo"] == pytest.approx(120, rel=0.005)


@in_a_loop
async def test_exclusive_messages_come_through_whole(jack_server):
    async with playing() as (instrument, midi), plugged_in(midi) as send:
        send([0xF0, 0x7F, 0x7F, 4, 1, 0, 0x20, 0xF7])
        await until(lambda: instrument.get("gain") == pytest.approx(0.25, abs=0.001))


@in_a_loop
async def test_exclusive_messages_in_pieces_are_put_together(jack_server):
    async with playing() as (instrument, midi), plugged_in(midi) as send:
        for piece in ([0xF0, 0x7F, 0x7F, 4], [0xFE], [1, 0], [0x20, 0xF7]):
            send(piece)
        await until(lambda: instrument.get("gain") == pytest.approx(0.25, abs=0.001))
        send([0xF0, 0x7F, 0x7F, 4])
        send(note_on(60))
        await until(instrument.notes)
        assert midi.counts()["midi_rejected"] == 0


@in_a_loop
async def test_messages_are_due_as_far_apart_as_they_lie_in_their_period(jack_server):
    told = []
    ports = Ports("jack", ["*"], False, lambda *message: told.append(message), lambda name: None, lambda name: None)
    await ports.start()
    try:
        with playing_a_period(note_on(60), note_on(62), jack_server.blocksize // 2):
            await until(lambda: len(told) == 2)
    finally:
        await ports.stop()
    (_, first, came, due), (_, second, came_later, due_later) = told
    assert (first, second) == (note_on(60), note_on(62))
    apart_s = jack_server.blocksize / 2 / jack_server.samplerate
    assert due_later - due == pytest.approx(apart_s, abs=2e-4)
    assert came_later - came == pytest.approx(apart_s, abs=2e-4)
    assert abs(came - due) < 0.1 and abs(time.monotonic() - came) < APPEARS_WITHIN_S


@contextlib.contextmanager
def playing_a_period(first, second, frames):
    """A program that sends a message at the beginning of a period, once it is connected, and another frames later."""
    client = jack.Client("sequencer", no_start_server=True)
    port = client.midi_outports.register("out")
    sent = []

    @client.set_process_callback
    def process(_):
        port.clear_buffer()
        if port.number_of_connections and not sent:
            port.write_midi_event(0, first)
            port.write_midi_event(frames, second)
            sent.append(True)

    with client:  # active
        yield


@in_a_loop
async def test_only_the_ports_that_are_asked_for_are_played_from(jack_server):
    async with playing(ports=["LEFT*", "organ"]) as (_, midi):
        with keyboard("left hand"), keyboard("right hand"), keyboard("the organ"):
            await until(lambda: midi.counts()["midi_ports"] == "left hand:out, manned, the organ:out")
            assert midi.ports() == {
                "left hand:out": True,
                "right hand:out": False,
                "the organ:out": True,
                "manned": True,
            }


@in_a_loop
async def test_a_port_of_our_own_can_be_connected_to(jack_server):
    async with playing(ports=[]) as (instrument, midi):
        with keyboard("kbd") as send:
            await until(lambda: "kbd:out" in midi.ports())
            subprocess.run(["jack_connect", "kbd:out", "manned-midi:manned"], check=True)
            send(note_on(60))
            await until(lambda: instrument.notes() == [("midi", "manned", 1, 60)])


@in_a_loop
async def test_no_port_of_our_own_is_offered_when_none_is_wanted(jack_server):
    async with playing(virtual_port=False) as (_, midi):
        with keyboard("kbd"):
            await until(lambda: midi.ports().get("kbd:out"))
            listed = await asyncio.to_thread(subprocess.check_output, ["jack_lsp"], text=True)
            assert "manned-midi:manned" not in listed


@in_a_loop
async def test_broken_messages_are_counted_and_the_next_one_plays(jack_server):
    async with playing() as (instrument, midi), plugged_in(midi) as send:
        for broken in ([0x90, 60], [0x45], [0x90, 200, 1], [0xF4]):
            send(broken)
        send(note_on(60))
        await until(instrument.notes)
        assert midi.counts()["midi_rejected"] == 4


@in_a_loop
async def test_messages_keep_their_order_and_none_is_lost(jack_server):
    async with playing() as (instrument, midi), plugged_in(midi) as send:
        for i in range(1000):
            send(mido.Message("control_change", control=21, value=i % 128).bytes())
            await asyncio.sleep(0.001)
        send(note_on(60))
        await until(instrument.notes)
        assert midi.counts()["midi_messages"] == 1001
        assert instrument.get("macro/1") == pytest.approx((999 % 128) / 127)


@in_a_loop
async def test_a_server_that_dies_takes_its_notes_along_and_nothing_else(tmp_path, monkeypatch):
    server = JackServer(tmp_path / "jackd.log", monkeypatch)
    server.start()
    try:
        async with playing() as (instrument, midi):
            async with plugged_in(midi) as send:
                send(note_on(60))
                await until(instrument.notes)
            with keyboard_process("other"):
                await until(lambda: midi.ports().get("other:out"))
                await asyncio.to_thread(server.stop)
                await until(lambda: midi.counts()["midi_ports"] == "" and midi.counts()["midi_system"] == "none")
                assert instrument.notes() == []
            await asyncio.to_thread(server.start)
            async with plugged_in(midi) as send:
                send(note_on(62))
                await until(lambda: instrument.notes() == [("midi", "kbd:out", 1, 62)])
    finally:
        server.stop()


@in_a_loop
async def test_the_virtual_port_plays_from_when_somebody_connects_to_it(jack_server):
    async with playing(ports=()) as (instrument, midi):
        with keyboard("kbd") as send:
            await until(lambda: "kbd:out" in midi.ports())
            assert not midi.ports()["kbd:out"]
            with jack.Client("hand", no_start_server=True) as client:
                (ours,) = client.get_ports(":manned$", is_midi=True, is_input=True)
                client.connect("kbd:out", ours)
            await asyncio.sleep(0.1)
            send(note_on(60))
            await until(lambda: len(instrument.notes()) == 1)


@contextlib.contextmanager
def keyboard_process(name):
    """A keyboard in a program of its own, which may go down with the server."""
    code = f"""
import rtmidi
port = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name={name!r})
port.open_virtual_port("out")
input()
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.communicate()


@in_a_loop
async def test_no_midi_system_is_said_once_and_none_is_started(monkeypatch, caplog):
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "manned-test-absent")
    monkeypatch.delenv("JACK_NO_START_SERVER", raising=False)
    with caplog.at_level("INFO", logger="manned"):
        async with playing() as (_, midi):
            await until(lambda: caplog.records)
            await asyncio.sleep(1.2)
            assert midi.counts() == {"midi_messages": 0, "midi_rejected": 0, "midi_system": "none", "midi_ports": ""}
    assert len(caplog.records) == 1
    assert "looking for one" in caplog.text
    assert not any(name.startswith("jack_manned-test-absent") for name in os.listdir("/dev/shm"))


def test_the_reading_process_ends_with_the_daemon_and_not_before():
    reader = subprocess.Popen(reading_process("none"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert json.loads(reader.stdout.readline()) == ["system", None]
    reader.terminate()
    with pytest.raises(subprocess.TimeoutExpired):
        reader.wait(0.3)
    reader.communicate(timeout=APPEARS_WITHIN_S)
    assert reader.returncode == 0


@in_a_loop
async def test_midi_can_be_left_out():
    async with playing(api="none") as (_, midi):
        assert midi.ports() == {}
        assert midi.counts()["midi_system"] == "none"


def test_no_ports_are_listed_where_midi_is_left_out():
    assert list_ports("none") == (None, [])


def test_ports_can_be_listed_without_an_instrument(jack_server):
    with keyboard("kbd"):
        system, names = list_ports("jack")
    assert system == "jack"
    assert "kbd:out" in names


@pytest.mark.parametrize(
    ("name", "patterns", "answer"),
    [
        ("nanoKONTROL2:nanoKONTROL2 MIDI 1 20:0", ["*"], True),
        ("nanoKONTROL2:nanoKONTROL2 MIDI 1 20:0", ["nanokontrol2*"], True),
        ("nanoKONTROL2:nanoKONTROL2 MIDI 1 20:0", ["midi ?"], False),
        ("nanoKONTROL2:nanoKONTROL2 MIDI 1 20:0", ["midi 1"], True),
        ("a2j:MPK mini [24] (capture): in", ["a2j:MPK mini [24]*"], True),
        ("system:midi_capture_1", ["keyboard", "system:*"], True),
        ("system:midi_capture_1", [], False),
        ("Midi Through:Midi Through Port-0 14:0", ["*"], False),
        ("Midi Through:Midi Through Port-0 14:0", ["midi through*"], True),
        ("manned-midi:manned", ["*", "manned*"], False),
    ],
)
def test_patterns_choose_ports(name, patterns, answer):
    assert wanted(name, patterns) is answer


@pytest.mark.parametrize(
    ("name", "outputs", "found"),
    [
        ("nanoKONTROL2 20:0", ["nanoKONTROL2 20:0", "other 24:0"], "nanoKONTROL2 20:0"),
        ("a2j:MIDI Mix [24] (capture): x", ["a2j:MIDI Mix [24] (playback): x"], "a2j:MIDI Mix [24] (playback): x"),
        ("box:out", ["box:in", "boxes:in"], "box:in"),
        ("box:out", ["other:in"], None),
    ],
)
def test_a_port_finds_the_output_of_its_device(name, outputs, found):
    assert counterpart(name, outputs) == found


@pytest.fixture
def inputs(jack_server):
    """JACK inputs of this process, and the pipe that they tell."""
    from manned.control.midi.jack_input import JackInput

    told, telling = os.pipe()
    found = JackInput("reads", telling)
    try:
        yield found, told
    finally:
        found.close()
        os.close(telling)
        os.close(told)


def test_there_is_room_for_so_many_ports_and_again_when_one_is_taken_back(inputs):
    from manned.control.midi.jack_input import MOST_PORTS

    found, _ = inputs
    numbers = [number for number, _ in (found.offer() for _ in range(MOST_PORTS))]
    for number in numbers:
        found.listen(number)
    assert len(set(numbers)) == MOST_PORTS and found.offer() is None
    found.take_back(numbers[3])
    number, _ = found.offer()
    found.listen(number)
    assert number not in numbers and found.offer() is None


def test_a_pipe_that_nobody_reads_holds_up_nobody(inputs):
    found, told = inputs
    number, name = found.offer("in")
    found.listen(number)
    with keyboard("kbd") as send, jack.Client("hand", no_start_server=True) as client:
        client.connect("kbd:out", name)
        for _ in range(4000):
            send(note_on(60))
            time.sleep(0.0002)
        before = client.frame_time
        time.sleep(0.2)
        assert client.frame_time > before + 0.1 * client.samplerate
    lines = os.read(told, 1 << 20).split(b"\n")
    assert 100 < len(lines) < 4000 and {len(line) for line in lines[:-1]} == {46} and lines[-1] == b""
