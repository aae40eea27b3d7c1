"""Messages of a whole port: clock, active sensing, resets, master volume, tuning, bank select."""

import random

import mido
import pytest
from midi_messages import PORT, Playing, bend, cc, note, rpn, sysex

from manned import events
from manned.control.midi.clock import BeatClock
from manned.control.midi.system import TEMPO
from manned.table.parameter import Parameter


def pitches(handed):
    """Pitch of every note that began, bends of the same moment added."""
    began = {event.index: event.a for event in handed if event.kind == events.NOTE_ON}
    for event in handed:
        if event.kind == events.NOTE_PITCH and event.index in began:
            began[event.index] += event.a
    return list(began.values())


def bends(handed):
    return [event.a for event in handed if event.kind == events.NOTE_PITCH]


# -- resets and master volume -----------------------------------------------------

RESETS = {
    "General MIDI on": sysex(0x7E, 0x7F, 9, 1),
    "General MIDI off": sysex(0x7E, 0x7F, 9, 2),
    "General MIDI 2 on": sysex(0x7E, 0x10, 9, 3),
    "GS reset": sysex(0x41, 0x10, 0x42, 0x12, 0x40, 0, 0x7F, 0, 0x41),
    "XG on": sysex(0x43, 0x10, 0x4C, 0, 0, 0x7E, 0),
    "system reset": mido.Message("reset"),
}


@pytest.mark.parametrize("name", RESETS)
def test_a_reset_puts_everything_of_its_port_back(name):
    play = Playing()
    play(note("on", 60), cc(64, 127), cc(11, 0), bend(8191), *rpn(2, 76), *rpn(0, 12))
    play(RESETS[name])
    assert play.held() == []
    assert [play.get(what) for what in ("bend", "bend/range", "expression")] == [0.0, 2.0, 1.0]
    assert pitches(play(note("on", 60))) == [60.0]


def test_a_reset_leaves_other_ports_alone():
    play = Playing()
    play(note("on", 60))
    play(note("on", 64), RESETS["system reset"], port="another")
    assert play.held() == [(PORT, 1, 60)]


@pytest.mark.parametrize(("coarse", "gain"), [(127, 1.0), (0, 0.0), (64, 64 * 128 / 16383)])
def test_the_master_volume_is_the_instruments_gain(coarse, gain):
    play = Playing()
    play(sysex(0x7F, 0x7F, 4, 1, 127 if coarse == 127 else 0, coarse))
    assert play.get("gain") == pytest.approx(gain)


def test_exclusive_messages_of_all_kinds_never_raise():
    play, chance = Playing(), random.Random(1)
    heads = [(0x7E, 0x7F, 8), (0x7F, 0, 8), (0x7F, 0x7F, 4), (0x41,), (0x43, 0x10), ()]
    for _ in range(5000):
        body = [chance.randrange(128) for _ in range(chance.randrange(40))]
        play(sysex(*chance.choice(heads), *body), note("on", chance.randrange(128)))
        play.instrument.engine.render(64)


# -- tuning -----------------------------------------------------------------------


def test_scale_tuning_moves_the_notes_of_its_channels():
    play = Playing()
    cents = [64] * 12
    cents[4] = 64 - 14
    play(note("on", 64))
    assert bends(play(sysex(0x7F, 0x7F, 8, 8, 0, 0, 1, *cents))) == [pytest.approx(-0.14)]
    assert pitches(play(note("on", 76), note("on", 77), note("on", 64, 2))) == [pytest.approx(75.86), 77.0, 64.0]


def test_scale_tuning_of_two_bytes_reaches_100_cents_and_may_wait_for_the_next_note():
    play = Playing()
    values = [0x40, 0] * 12
    values[0:2] = [0, 0]
    play(note("on", 60))
    assert bends(play(sysex(0x7E, 0x7F, 8, 9, 3, 0x7F, 0x7F, *values))) == []
    assert pitches(play(note("on", 72), note("on", 60, 16))) == [pytest.approx(71.0), pytest.approx(59.0)]


def test_a_single_note_is_tuned_while_it_sounds():
    play = Playing()
    play(note("on", 60))
    assert bends(play(sysex(0x7F, 0x7F, 8, 2, 0, 1, 60, 60, 0x40, 0))) == [pytest.approx(0.5)]
    assert pitches(play(note("on", 60), note("on", 61))) == [pytest.approx(60.5), 61.0]
    play(sysex(0x7F, 0x7F, 8, 7, 0, 0, 1, 60, 0x7F, 0x7F, 0x7F))
    assert pitches(play(note("on", 60))) == [pytest.approx(60.5)]


def test_a_bulk_dump_tunes_every_key():
    play = Playing()
    keys = [byte for key in range(128) for byte in (max(key - 1, 0), 0x40, 0)]
    play(sysex(0x7E, 0x7F, 8, 1, 0, *b"quarter down    ", *keys, 0))
    assert pitches(play(note("on", 60), note("on", 72))) == [pytest.approx(59.5), pytest.approx(71.5)]


def test_a_channel_plays_the_tuning_program_that_it_chose():
    play = Playing()
    play(sysex(0x7F, 0x7F, 8, 2, 5, 1, 60, 61, 0, 0), sysex(0x7F, 0x7F, 8, 7, 1, 5, 1, 60, 62, 0, 0))
    play(*rpn(3, 5, 2), *rpn(4, 1, 3), *rpn(3, 5, 3), *rpn(3, 6, 4))
    keys = [note("on", 60, channel) for channel in (1, 2, 3, 4)]
    assert pitches(play(*keys)) == [62.0, 61.0, 62.0, 60.0]  # the first chose none and has what came last


def test_notes_that_sound_follow_another_program():
    play = Playing()
    play(sysex(0x7F, 0x7F, 8, 2, 5, 1, 60, 61, 0, 0), *rpn(3, 6), note("on", 60))
    assert bends(play(*rpn(3, 5))) == [1.0]


def test_a_bulk_dump_with_a_bank_tunes_its_program():
    play = Playing()
    keys = [byte for key in range(128) for byte in (max(key - 1, 0), 0x40, 0)]
    play(sysex(0x7E, 0x7F, 8, 4, 2, 7, *b"quarter down    ", *keys, 0), *rpn(4, 2), *rpn(3, 7), *rpn(3, 7, 2))
    assert pitches(play(note("on", 60), note("on", 60, 2))) == [59.5, 60.0]


def test_tuning_goes_with_its_port():
    play = Playing()
    play(sysex(0x7F, 0x7F, 8, 2, 0, 1, 60, 61, 0, 0))
    play.player.forget(PORT)
    assert pitches(play(note("on", 60))) == [60.0]


# -- active sensing ---------------------------------------------------------------


def test_a_port_that_stops_sensing_lets_go_of_its_notes():
    play = Playing()
    play(mido.Message("active_sensing"), note("on", 60), cc(64, 127))
    play(note("on", 64), port="another")
    now = max(port.heard_at for port in play.player.ports())
    play.player.tick(now + 0.29)
    assert len(play.held()) == 2
    play.player.tick(now + 0.31)
    assert play.held() == [("another", 1, 64)]


def test_a_late_look_says_nothing_of_a_port():
    play = Playing()
    play(mido.Message("active_sensing"), note("on", 60))
    (port,) = play.player.ports()
    later = port.heard_at + 5
    play.player.late(later)
    play.player.tick(later)
    assert play.held() == [(PORT, 1, 60)]


# -- clock ------------------------------------------------------------------------


def ticks(tempo, beats, start=0.0, jitter=0.0, block=0.0):
    """Times of the ticks of so many beats; late by chance, or at the next block of a sound system."""
    chance = random.Random(1)
    for number in range(round(beats * 24)):
        exact = start + number * 60 / tempo / 24 + chance.random() * jitter
        yield exact if not block else -(-exact // block) * block


@pytest.mark.parametrize("tempo", [40.0, 97.3, 120.0, 220.0])
@pytest.mark.parametrize("unevenly", [{}, {"jitter": 0.004}, {"block": 1024 / 44100}])
def test_the_tempo_of_a_clock_is_found_within_half_a_percent(tempo, unevenly):
    clock = BeatClock()
    told = [clock.tick("a", seconds) for seconds in ticks(tempo, 16, **unevenly)]
    assert clock.tempo == pytest.approx(tempo, rel=0.005)
    later = [value for value in told[24 * 8 :] if value is not None]
    assert all(value == pytest.approx(tempo, rel=0.005) for value in later)


def test_a_new_tempo_is_there_two_beats_later():
    clock = BeatClock()
    for seconds in ticks(120, 8):
        clock.tick("a", seconds)
    for seconds in ticks(150, 2.5, start=4.0):
        clock.tick("a", seconds)
    assert clock.tempo == pytest.approx(150, rel=0.005)


def test_one_clock_counts_at_a_time():
    clock = BeatClock()
    for seconds, port in sorted([*((at, "a") for at in ticks(120, 8)), *((at, "b") for at in ticks(90, 6))]):
        clock.tick(port, seconds)
    assert clock.tempo == pytest.approx(120, rel=0.001)


def test_the_clock_sets_the_tempo_where_there_is_one():
    play = Playing()
    rows = {**play.instrument.parameters, TEMPO: Parameter(TEMPO, "float", 20.0, 300.0, 100.0, "Tempo.")}
    play.instrument.tree.use(rows)
    for seconds in ticks(131, 4):
        play.player.play(PORT, mido.Message("clock"), seconds)
    assert play.get(TEMPO) == pytest.approx(131, rel=0.005)


def test_start_stop_continue_and_song_position_are_followed():
    play = Playing()
    times = ticks(120, 100)

    def run(beats):
        for _ in range(round(beats * 24)):
            play.player.play(PORT, mido.Message("clock"), next(times))
        return play.player.transport()["midi_beat"]

    assert play.player.transport() == {}
    play(mido.Message("start"))
    assert run(2) == 2.0
    play(mido.Message("stop"))
    assert run(1) == 2.0
    play(mido.Message("continue"))
    assert run(1) == 3.0
    play(mido.Message("songpos", pos=64))
    assert run(1) == 17.0
    play(mido.Message("start"))
    assert run(0.5) == 0.5
    assert play.player.transport()["midi_tempo"] == pytest.approx(120, rel=0.005)


# -- banks ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bank", "model"),
    [
        ([cc(0, 1)], True),
        ([cc(0, 0), cc(32, 1)], True),
        ([], False),
        ([cc(0, 0), cc(32, 0)], False),
        ([cc(0, 2)], False),
    ],
)
def test_bank_1_is_models(bank, model):
    class Told(list):
        def perform(self, name, *arguments):
            self.append((name, *arguments))

        def load(self, number):
            self.append(("preset", number))

    told = Told()
    play = Playing(parts={"commands": told, "programs": told})
    play(*bank, mido.Message("program_change", program=3))
    assert told == [("model", 3)] if model else [("preset", 3)]
