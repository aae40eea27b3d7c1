"""A score says what to play when; a bad one says where it is wrong."""

import random
import struct
from pathlib import Path

import mido
import pytest
from small_decoder import small_decoder

from manned import events
from manned.config import MidiSettings
from manned.control.score import Score, first_sample, play
from manned.engine import Engine
from manned.errors import ScoreError
from manned.session import open_session
from manned.state.schedule import LOOKAHEAD_S

MIDI = MidiSettings()
EXAMPLES = Path(__file__).parents[1] / "examples"


def text_score(tmp_path, text):
    path = tmp_path / "score.txt"
    path.write_text(text, encoding="utf-8")
    return path


class Heard(Engine):
    """The engine, with a list of what it was told."""

    def __init__(self, samplerate):
        self.events = []
        super().__init__(samplerate)

    def push(self, events):
        self.events += events
        super().push(events)


def played(score, start=0, samplerate=8000, capacity=4096, midi=MIDI):
    """The events that a score gives the engine, and the errors that it reports."""
    engine, failures = Heard(samplerate), []
    session = open_session(decoder=small_decoder(), engine=engine)
    schedule = session.schedule
    schedule.capacity = capacity
    engine.events.clear()
    play(score, start, session.instrument, schedule, midi, failures.append, session.morph)
    while len(schedule):
        schedule.run(10**12)
    return engine.events, failures


def test_lines_become_osc_messages_in_order_of_time(tmp_path):
    score = Score.load(text_score(tmp_path, "\n0.5 /mnote 60 99.5 # middle C\n\n1e0 /gate true\n0 /a\n"))
    assert [(entry.seconds, *entry.message) for entry in score.entries] == [
        (0.0, "/a", ()),
        (0.5, "/mnote", (60, 99.5)),
        (1.0, "/gate", (True,)),
    ]
    assert score.seconds == 1.0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7), ("-7", -7), ("0.25", 0.25), ("-0.5", -0.5), ("true", True), ("false", False),
        ("F", "F"), ("C#", "C#"), ('"7"', "7"), ("'two words'", "two words"), ("peaks", "peaks"), ("it's", "it's"),
    ],
)  # fmt: skip
def test_an_argument_has_the_type_that_a_person_means(tmp_path, text, value):
    (entry,) = Score.load(text_score(tmp_path, f"0 /a {text}\n")).entries
    assert entry.message.arguments == (value,)
    assert type(entry.message.arguments[0]) is type(value)


def test_numbers_are_what_they_would_be_if_a_controller_had_sent_them(tmp_path):
    (entry,) = Score.load(text_score(tmp_path, "0 /latent/1 0.1\n")).entries
    assert entry.message.arguments == (struct.unpack(">f", struct.pack(">f", 0.1))[0],)


def test_a_sharp_is_part_of_its_word_and_a_comment_begins_a_word(tmp_path):
    score = Score.load(text_score(tmp_path, "0 /chroma C#\n1 /chroma F# # it's F#\n# \"2 /chroma A\n"))
    assert [entry.message for entry in score.entries] == [("/chroma", ("C#",)), ("/chroma", ("F#",))]


def test_lines_may_stand_in_any_order_and_equal_times_keep_the_files(tmp_path):
    score = Score.load(text_score(tmp_path, "2 /c\n1 /a\n2 /d\n1 /b\n"))
    assert [entry.message.address for entry in score.entries] == ["/a", "/b", "/c", "/d"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("soon /gate 1", "found time 'soon'"),
        ("-1 /gate 1", "found time '-1'"),
        ("nan /gate 1", "found time 'nan'"),
        ("1e9 /gate 1", "allowed are seconds from 0 to 86400"),
        ("1 gate 1", "allowed is 'seconds /address arguments…'"),
        ("1", "allowed is 'seconds /address arguments…'"),
        ('1 /model "half', "closing quotation mark"),
        ("1 /größe 1", "printable ASCII"),
    ],
)
def test_a_bad_line_is_named_with_what_was_found_and_what_is_allowed(tmp_path, line, found):
    path = text_score(tmp_path, f"0 /gate 1\n\n{line}\n")
    with pytest.raises(ScoreError, match="line 3: ") as caught:
        Score.load(path)
    assert found in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"# only a comment\n",
        b"\xff\xfe\x00\x01",
        b"MThd",
        b"MThd\0\0\0\6\0\0\0\1\xe7\x28MTrk\0\0\0\4\0\xff\x2f\0",  # times in film frames
    ],
)
def test_a_file_that_is_no_score_is_refused_in_one_sentence(tmp_path, content):
    path = tmp_path / "score"
    path.write_bytes(content)
    with pytest.raises(ScoreError) as caught:
        Score.load(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ScoreError, match="nowhere.txt: No such file"):
        Score.load(tmp_path / "nowhere.txt")


def test_damaged_midi_files_are_refused_or_read_but_never_crash(tmp_path):
    whole = mido.MidiFile(EXAMPLES / "tune.mid")
    path = tmp_path / "tune.mid"
    whole.save(path)
    content = path.read_bytes()
    generator = random.Random(1)
    refused = 0
    for _ in range(300):
        damaged = bytearray(content[: generator.randrange(5, len(content) + 1)])
        for _ in range(generator.randrange(4)):
            damaged[generator.randrange(4, len(damaged))] = generator.randrange(256)
        path.write_bytes(damaged)
        try:
            Score.load(path)
        except ScoreError:
            refused += 1
    assert refused > 50


def test_a_midi_file_follows_its_tempo_map_and_merges_its_tracks(tmp_path):
    tempo = mido.MidiTrack([
        mido.MetaMessage("set_tempo", tempo=500_000),
        mido.MetaMessage("set_tempo", tempo=1_000_000, time=480),
    ])  # fmt: skip
    notes = mido.MidiTrack([
        mido.Message("note_on", note=60, time=240),
        mido.Message("note_off", note=60, time=480),
        mido.MetaMessage("end_of_track", time=960),
    ])  # fmt: skip
    path = tmp_path / "tempo.mid"
    mido.MidiFile(type=1, ticks_per_beat=480, tracks=[tempo, notes]).save(path)
    score = Score.load(path)
    heard, _ = played(score, samplerate=8000)
    assert [(event.kind, event.when) for event in heard] == [(events.NOTE_ON, 2000), (events.NOTE_OFF, 8000)]
    assert score.seconds == pytest.approx(3.0)


def test_a_text_score_and_an_equal_midi_file_tell_the_engine_the_same(tmp_path):
    text = Score.load(text_score(tmp_path, "0 /mnote 60 100\n0.5 /expression 1\n1 /mnote/rel 60\n1 /mnote 64 1\n"))
    track = mido.MidiTrack([
        mido.Message("note_on", note=60, velocity=100),
        mido.Message("control_change", control=11, value=127, time=480),
        mido.Message("note_on", note=60, velocity=0, time=480),
        mido.Message("note_on", note=64, velocity=1),
    ])  # fmt: skip
    mido.MidiFile(ticks_per_beat=480, tracks=[track]).save(tmp_path / "score.mid")
    assert played(Score.load(tmp_path / "score.mid"), start=5000) == played(text, start=5000)


def test_controllers_of_a_midi_file_move_what_the_config_binds(tmp_path):
    track = mido.MidiTrack([mido.Message("control_change", control=20, value=127)])
    mido.MidiFile(tracks=[track]).save(tmp_path / "score.mid")
    heard, _ = played(Score.load(tmp_path / "score.mid"), midi=MidiSettings(cc={"20": "latent/2"}))
    assert heard == [events.Event(events.LATENT, 0, 1, 1.0)]


def test_entries_are_played_in_order_at_their_exact_sample(tmp_path):
    text = "0 /gate 1\n0.00006 /xy 0 1\n0.00007 /octave 3\n1.5 /bend 1\n1.5 /gate 0\n"
    score = Score.load(text_score(tmp_path, text))
    heard, failures = played(score, start=5000)
    assert [(event.kind, event.when - 5000) for event in heard] == [
        (events.GATE, 0),
        (events.LATENT, 0),
        (events.LATENT, 0),
        (events.OCTAVE, 1),
        (events.BEND, 12_000),
        (events.GATE, 12_000),
    ]
    assert failures == []


def test_an_entry_that_cannot_be_played_is_reported_with_its_line_and_the_rest_goes_on(tmp_path):
    path = text_score(tmp_path, "0 /gate 1\n1 /latent/1 high\n2 /nothing\n3 /mnote 60\n4 /gate 0\n")
    heard, failures = played(Score.load(path))
    assert [event.kind for event in heard] == [events.GATE, events.GATE]
    assert [str(failure).partition(": ")[0] for failure in failures] == [f"score {path}, line {n}" for n in (2, 3, 4)]
    assert "/latent/1: found 'high', allowed is a number 0–1" in str(failures[0])


def test_a_question_in_a_score_is_no_error(tmp_path):
    assert played(Score.load(text_score(tmp_path, "0 /status\n0 /gate\n"))) == ([], [])


def test_a_long_score_takes_one_place_in_the_schedule(tmp_path):
    score = Score.load(text_score(tmp_path, "".join(f"{index} /bend 0\n" for index in range(500))))
    heard, _ = played(score, capacity=1)
    assert [event.when for event in heard] == [8000 * index for index in range(500)]


def test_a_score_begins_late_enough_to_be_told_ahead():
    assert first_sample(1000, 44100) - 1000 > LOOKAHEAD_S * 44100
