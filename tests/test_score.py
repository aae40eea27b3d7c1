"""A score says what to play when; a bad one says where it is wrong."""

import random
from pathlib import Path

import mido
import pytest

from manned.errors import ParameterError, ScoreError
from manned.schedule import LOOKAHEAD_S, Schedule
from manned.score import GRID, Score, first_sample, parse_argument, play

EXAMPLES = Path(__file__).parents[1] / "examples"


def text_score(tmp_path, text):
    path = tmp_path / "score.txt"
    path.write_text(text, encoding="utf-8")
    return path


def played(score, start=0, samplerate=1000, refuse=()):
    """What a score does, as (sample, what), and the errors it reports."""
    schedule, done, failures = Schedule(), [], []

    def osc(address, arguments, when):
        if address in refuse:
            raise ParameterError(f"{address}: refused")
        done.append((when, address, *arguments))

    play(score, schedule, start, samplerate, osc, lambda message, when: done.append((when, message.type)), failures.append)
    while len(schedule):
        schedule.run(10**12)
    return done, failures


def test_lines_become_osc_messages_with_numbers_truths_and_texts(tmp_path):
    score = Score.load(text_score(tmp_path, '\n0.5 /mnote 60 99.5 # middle C\n\n1e0 /model "my model"\n1 /gate true\n'))
    assert [(entry.seconds, *entry.message) for entry in score.entries] == [
        (0.5, "/mnote", [60, 99.5]),
        (1.0, "/model", ["my model"]),
        (1.0, "/gate", [True]),
    ]
    assert score.seconds == 1.0


@pytest.mark.parametrize(
    "text, value",
    [
        ("7", 7), ("-7", -7), ("0.25", 0.25), ("-1e-3", -1e-3), ("true", True), ("false", False),
        ("F", "F"), ("C#", "C#"), ('"7"', "7"), ("'two words'", "two words"), ("peaks", "peaks"), ('"', '"'),
    ],
)  # fmt: skip
def test_an_argument_has_the_type_that_a_person_means(text, value):
    assert parse_argument(text) == value
    assert type(parse_argument(text)) is type(value)


def test_a_sharp_is_part_of_its_word_and_a_comment_begins_a_word(tmp_path):
    score = Score.load(text_score(tmp_path, "0 /chroma C#\n1 /chroma F# # it's F#\n# \"2 /chroma A\n"))
    assert [entry.message for entry in score.entries] == [("/chroma", ["C#"]), ("/chroma", ["F#"])]


def test_lines_may_stand_in_any_order_and_equal_times_keep_the_files(tmp_path):
    score = Score.load(text_score(tmp_path, "2 /c\n1 /a\n2 /d\n1 /b\n"))
    assert [entry.message[0] for entry in score.entries] == ["/a", "/b", "/c", "/d"]


@pytest.mark.parametrize(
    "line, found",
    [
        ("soon /gate 1", "found time 'soon'"),
        ("-1 /gate 1", "found time '-1'"),
        ("nan /gate 1", "found time 'nan'"),
        ("1e9 /gate 1", "allowed are seconds from 0 to 86400"),
        ("1 gate 1", "allowed is 'seconds /address arguments…'"),
        ("1", "allowed is 'seconds /address arguments…'"),
        ('1 /model "half', "closing quotation mark"),
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
    "content", [b"", b"# only a comment\n", b"\xff\xfe\x00\x01", b"MThd", b"MThd\0\0\0\6\0\0\0\1\xe7\x28MTrk\0\0\0\4\0\xff\x2f\0"]
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
    assert played(score, samplerate=1000)[0] == [(250, "note_on"), (1000, "note_off")]
    assert score.seconds == pytest.approx(3.0)


def test_entries_are_played_in_order_at_their_exact_sample(tmp_path):
    score = Score.load(text_score(tmp_path, "0 /a 1\n0.0004 /b\n0.0006 /c\n1.5 /d\n1.5 /e\n"))
    assert played(score, start=500)[0] == [(500, "/a", 1), (500, "/b"), (501, "/c"), (2000, "/d"), (2000, "/e")]


def test_an_entry_that_cannot_be_played_is_reported_with_its_line_and_the_rest_goes_on(tmp_path):
    path = text_score(tmp_path, "0 /a\n1 /bad\n2 /b\n")
    done, failures = played(Score.load(path), refuse={"/bad"})
    assert done == [(0, "/a"), (2000, "/b")]
    assert [str(failure) for failure in failures] == [f"score {path}, line 2: /bad: refused"]


def test_a_long_score_takes_one_place_in_the_schedule(tmp_path):
    score = Score.load(text_score(tmp_path, "".join(f"{index} /a\n" for index in range(5000))))
    schedule, done = Schedule(capacity=1), []
    play(score, schedule, 0, 10, lambda address, arguments, when: done.append(when), None, None)
    schedule.run(100_000)
    assert done == [10 * index for index in range(5000)]


def test_a_score_begins_on_the_hop_grid_late_enough_to_be_told_ahead():
    for clock in (0, 1, 12_345_678):
        start = first_sample(clock, 44100)
        assert start % GRID == 0
        assert LOOKAHEAD_S * 44100 < start - clock < GRID + 44100
