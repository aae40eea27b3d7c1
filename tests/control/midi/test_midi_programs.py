"""A program change loads the preset of that number."""

import time

import mido
import pytest
from midi_port import APPEARS_WITHIN_S, keyboard
from running import RunningManned
from session import Session
from small_decoder import small_decoder

from manned import events
from manned.config import MidiSettings
from manned.control.midi.player import Player
from manned.control.score import Score, play
from manned.state.preset import Preset
from manned.state.preset_folder import PresetFolder

PORT = "a keyboard"


def store(folder, *names):
    """Presets whose first latent is 0.25 for the first one, 0.5 for the second."""
    for number, name in enumerate(names, 1):
        PresetFolder(folder).write(Preset(name, "small", 2, {"latent/1": 0.25 * number, "env/release": float(number)}))


@pytest.fixture
def session(tmp_path):
    store(tmp_path / "presets", "01 bells", "02 glass")
    return Session(small_decoder(), tmp_path)


@pytest.fixture
def player(session):
    return player_of(session)


def player_of(session, **settings):
    return Player(session.instrument, MidiSettings(**settings), session.morph)


def program(number, channel=1):
    return mido.Message("program_change", channel=channel - 1, program=number)


@pytest.mark.parametrize(("number", "name", "latent"), [(0, "01 bells", 0.25), (1, "02 glass", 0.5)])
def test_a_program_is_the_preset_of_that_number_all_of_it_in_one_block(session, player, number, name, latent):
    player.play(PORT, program(number))
    assert session.presets.current == name
    (block,) = session.engine.handed
    assert [(event.kind, event.a) for event in block] == [(events.LATENT, latent), (events.CONTROL, number + 1.0)]


def test_a_key_that_is_held_sounds_on_in_the_new_preset(session, player):
    player.play(PORT, mido.Message("note_on", note=60, velocity=100))
    player.play(PORT, program(1))
    assert session.instrument.notes() == [("midi", PORT, 1, 60)]


def test_a_program_ends_a_travel_as_every_preset_does(session, player):
    session.send("/morph", "01 bells", "02 glass", 1.0, 2.0)
    session.play(0.5)
    player.play(PORT, program(0))
    session.play(0.5)
    assert session.instrument.get("latent/1") == 0.25


def test_a_program_without_a_preset_changes_nothing_and_is_told_once(session, player, caplog):
    before = session.instrument.values()
    with caplog.at_level("INFO"):
        for _ in range(3):
            player.play(PORT, program(2))
    assert session.instrument.values() == before
    assert not any(session.engine.handed)
    assert [record.getMessage() for record in caplog.records] == [
        "MIDI: program 2 changes nothing (preset 2: no such number, allowed are 0–1)"
    ]


def test_a_program_whose_preset_is_damaged_changes_nothing_and_says_so(session, player, tmp_path, caplog):
    (tmp_path / "presets" / "01 bells.json").write_text("{")
    before = session.instrument.values()
    with caplog.at_level("INFO"):
        player.play(PORT, program(0))
    assert session.instrument.values() == before
    assert f"MIDI: program 0 changes nothing (preset {tmp_path}/presets/01 bells.json: cannot be read" in caplog.text


def test_a_program_on_a_channel_that_is_not_heard_does_nothing(session):
    player = player_of(session, channels=[2])
    player.play(PORT, program(1, channel=1))
    assert session.presets.current == ""
    player.play(PORT, program(1, channel=2))
    assert session.presets.current == "02 glass"


def test_under_mpe_only_the_leader_of_a_zone_speaks_of_programs(session):
    player = player_of(session, mpe="lower")
    player.play(PORT, program(1, channel=2))
    assert session.presets.current == ""
    player.play(PORT, program(1, channel=1))
    assert session.presets.current == "02 glass"


def test_a_program_of_a_midi_file_is_an_instrument_of_general_midi_and_loads_nothing(session, tmp_path):
    track = mido.MidiTrack([program(1).copy(time=960), mido.Message("note_on", note=60, time=0)])
    mido.MidiFile(ticks_per_beat=480, tracks=[track]).save(tmp_path / "score.mid")
    failures = []
    score = Score.load(tmp_path / "score.mid")
    play(score, 1000, session.instrument, session.schedule, MidiSettings(), failures.append, session.morph)
    session.schedule.run(10**12)
    assert failures == [] and session.instrument.notes()
    assert session.presets.current == ""


def test_a_keyboard_that_is_plugged_in_chooses_the_preset(tmp_path, jack_server):
    store(tmp_path / "presets", "01 bells", "02 glass")
    with (
        keyboard("kbd") as send,
        RunningManned(tmp_path, "--set", "midi.api=jack", "--set", f"state.folder={tmp_path}") as manned,
    ):
        deadline = time.monotonic() + APPEARS_WITHIN_S
        while manned.ask("/preset/load") != "02 glass":
            assert time.monotonic() < deadline, manned.log.read_text()
            send(program(1).bytes())
        assert manned.ask("/latent/1") == "0.5"
