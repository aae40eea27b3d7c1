"""A MIDI file plays whatever it says that nobody needs; what cannot be played is named with track and byte."""

import random
import struct
import time
import tracemalloc

import pytest

from manned.control import midi_file
from manned.control.midi_file import MidiFile, is_midi_file
from manned.control.midi_track import MidiFileError
from manned.control.score import Score
from manned.errors import ScoreError

TWO_NOTES = bytes.fromhex("00903c64 8360803c40 00904064 8360804040")
END = bytes.fromhex("00ff2f00")
HEARD = [("note_on", 60, 0.0), ("note_off", 60, 0.5), ("note_on", 64, 0.5), ("note_off", 64, 1.0)]


def chunk(name, data, length=None):
    return name + struct.pack(">I", len(data) if length is None else length) + data


def midi(*tracks, form=None, count=None, division=480, between=b"", header=b""):
    """A MIDI file; tracks are data, or whole chunks when they begin with MTrk."""
    form = (1 if len(tracks) > 1 else 0) if form is None else form
    head = struct.pack(">HHH", form, len(tracks) if count is None else count, division & 0xFFFF) + header
    chunks = [track if track.startswith(b"MTrk") else chunk(b"MTrk", track) for track in tracks]
    return chunk(b"MThd", head) + between.join(chunks)


def heard(content):
    """Kind, note and seconds of the notes of a file; note-ons of velocity 0 are note-offs."""
    file = MidiFile(content)
    notes = []
    for message, seconds in zip(file.messages, file.seconds.tolist()):
        if message.type in ("note_on", "note_off"):
            kind = "note_on" if message.type == "note_on" and message.velocity else "note_off"
            notes.append((kind, message.note, round(seconds, 6)))
    return notes


META = {
    "a key of 8 sharps": "00ff59020800",
    "a key of 99 flats in mode 7": "00ff59029d07",
    "a key without a byte": "00ff5900",
    "an empty channel prefix": "00ff2000",
    "a long channel prefix": "00ff2003010203",
    "a time signature of 2 bytes": "00ff58020402",
    "a time signature of 5 bytes": "00ff58050402180801",
    "a short SMPTE offset": "00ff54020102",
    "an empty port": "00ff2100",
    "an empty sequence number": "00ff0000",
    "a text of no encoding": "00ff0103fffe80",
    "a text of length 300": "00ff01822c" + "41" * 300,
    "an unknown kind": "00ff6b0101",
    "a kind that is no kind": "00ffc803010203",
    "a sequencer's own": "00ff7f03000041",
    "an empty tempo": "00ff5100",
    "a tempo of 2 bytes": "00ff5102 07a1",
    "a tempo of 0": "00ff5103 000000",
}


@pytest.mark.parametrize("event", META.values(), ids=META.keys())
def test_a_meta_event_that_nobody_needs_stops_nothing(event):
    event = bytes.fromhex(event)
    assert heard(midi(event + TWO_NOTES + END)) == HEARD
    assert heard(midi(TWO_NOTES[:4] + event + TWO_NOTES[4:] + event + END)) == HEARD


def test_a_tempo_that_is_none_is_left_out_and_said():
    content = midi(bytes.fromhex("00ff5100") + TWO_NOTES + END)
    assert MidiFile(content).remarks == [
        "track 1, byte 22: a tempo that is 0 bytes long, allowed are 3; it is left out"
    ]


def test_tempos_of_all_tracks_count_for_all():
    first, second = bytes.fromhex("00ff5103 0f4240") + END, bytes.fromhex("8360ff5103 07a120") + TWO_NOTES + END
    # A beat of 1 s, and from its end on beats of 0.5 s.
    assert heard(midi(first, TWO_NOTES + END)) == [(kind, note, 2 * at) for kind, note, at in HEARD]
    assert heard(midi(first, second)) == [(kind, note, 1 + at) for kind, note, at in HEARD]


TRACK = TWO_NOTES + END
CHUNKS = {
    "an alien chunk before": midi() + chunk(b"XFIH", b"abcdef") + chunk(b"MTrk", TRACK),
    "an alien chunk behind": midi(TRACK) + chunk(b"XFKM", b"MTr" * 5),
    "an alien chunk cut off behind": midi(TRACK) + b"XFKM\0\0\1\0abc",
    "two of odd lengths between": midi(END, TRACK, between=chunk(b"CASM", b"abc") + chunk(b"MDB1", b"")),
    "a line end between": midi(END, TRACK, between=b"\r\n"),
    "noughts between": midi(END, TRACK, between=bytes(7)),
    "noise between": midi(END, TRACK, between=bytes(range(128, 160))),
    "an alien chunk whose length lies": midi(END, TRACK, between=b"JUNK\0\0\0\3abcdefgh"),
    "an alien chunk longer than the file": midi(END, TRACK, between=b"JUNK\0\1\0\0abcdefgh"),
    "a track too long": midi(chunk(b"MTrk", TRACK, 4000)),
    "two tracks too long": midi(chunk(b"MTrk", END, 9), chunk(b"MTrk", TRACK, 2**32 - 1)),
    "a track that says it is empty": midi(chunk(b"MTrk", TRACK, 0)),
    "a track too short": midi(chunk(b"MTrk", TRACK, len(TRACK) - 9)),
    "a track too short before another": midi(chunk(b"MTrk", TRACK, 6), END),
    "a track with noise behind its end": midi(TRACK + b"\x80\x80\x80\xff\xff"),
    "no end of track": midi(TWO_NOTES),
    "no end of the first track": midi(bytes.fromhex("00ff0101 41"), TRACK),
    "more tracks said than there are": midi(TRACK, count=3),
    "fewer tracks said than there are": midi(END, TRACK, count=0),
    "a long header": midi(TRACK, header=b"new!"),
    "a header whose length lies": b"MThd\0\0\0\0" + midi(TRACK)[8:],
    "a header of length 5000": b"MThd\0\0\x13\x88" + midi(TRACK)[8:],
    "MacBinary": bytes(128) + midi(TRACK) + bytes(50),
    "RIFF": b"RIFF\0\0\0\0RMIDdata\0\0\0\0" + midi(TRACK),
    "RIFF with a list before": b"RIFF\0\0\0\0RMIDLIST\5\0\0\0INFOx\0data\0\0\0\0" + midi(TRACK),
    "format 2 with one song": midi(TRACK, form=2),
}


@pytest.mark.parametrize("content", CHUNKS.values(), ids=CHUNKS.keys())
def test_alien_chunks_and_wrong_lengths_stop_nothing(content):
    assert is_midi_file(content)
    assert heard(content) == HEARD


RUNNING = {
    "behind a system exclusive": "00903c64 8360f0037d01f7 003c00 00406483 604000",
    "behind a meta event": "00903c64 8360ff010141 003c00 004064 83604000",
    "behind a real-time byte": "00903c64 00f8 83603c00 00406483604000",
    "behind a song position": "00903c64 00f20102 83603c00 004064 83604000",
}


@pytest.mark.parametrize("events", RUNNING.values(), ids=RUNNING.keys())
def test_a_running_status_goes_on(events):
    assert heard(midi(bytes.fromhex(events) + END)) == HEARD


def test_system_exclusive_messages_may_come_in_parts_or_without_an_end():
    parts = bytes.fromhex("00f0037e7f09 00f70201f7 00f00443127d01 00903c64")
    file = MidiFile(midi(parts + END))
    assert [message.data for message in file.messages if message.type == "sysex"] == [
        (0x7E, 0x7F, 9, 1), (0x43, 0x12, 0x7D, 1),
    ]  # fmt: skip
    assert len(MidiFile(midi(bytes.fromhex("00f7021234 00f0028182 00903c64") + END)).messages) == 1


@pytest.mark.parametrize(
    ("division", "tick_s"),
    [(0xE728, 1e-3), (0xE250, 1 / 2400), (0xE850, 1 / 1920), (0xE350, 1001 / 30_000 / 80), (0xE701, 0.04)],
)
def test_times_may_count_film_frames_and_no_tempo_matters(division, tick_s):
    content = midi(bytes.fromhex("00ff5103 0f4240") + TRACK, division=division)
    assert [at for _, _, at in heard(content)] == pytest.approx([0, 480 * tick_s, 480 * tick_s, 960 * tick_s])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (midi(TRACK, division=0), "byte 12: 0 ticks per beat, allowed are 1–32767"),
        (midi(TRACK, division=0xE700), "25 film frames a second with 0 ticks each, allowed are 24, 25, 29 and 30"),
        (midi(TRACK, division=0x8040), "128 film frames a second with 64 ticks each"),
        (midi(TRACK, form=3), "byte 8: its format is 3, allowed are 0 and 1"),
        (midi(TRACK, TRACK, form=2), "its format is 2 (2 songs in one file), allowed are 0 and 1"),
        (midi(END, bytes.fromhex("003c64") + TRACK), "track 2, byte 35: found data byte 60 where a status is due"),
        (midi(TWO_NOTES + bytes.fromhex("818080800000") + END), "track 1, byte 40: a time or a length of more than 4"),
        (midi(b"\xff" * 100_000 + TRACK), "track 1, byte 22: a time or a length of more than 4 bytes"),
        (midi(), "it has no tracks"),
        (midi(TRACK)[:11], "byte 11: it ends in its header"),
        (b"RIFF\0\0\0\0RMIDdata\0\0\0\0nothing", "a RIFF file without a MIDI file inside"),
        (b"RIFF\0\0\0\0RMID", "a RIFF file without a MIDI file inside"),
    ],
)  # fmt: skip
def test_what_cannot_be_played_is_named_with_its_place(tmp_path, content, said):
    with pytest.raises(MidiFileError) as caught:
        MidiFile(content)
    assert said in str(caught.value)
    (tmp_path / "a.mid").write_bytes(content)
    with pytest.raises(ScoreError) as caught:
        Score.load(tmp_path / "a.mid")
    assert str(caught.value).startswith(f"score {tmp_path}/a.mid: ") and said in str(caught.value)


def test_a_file_that_is_cut_off_plays_as_far_as_it_goes_and_says_so():
    whole = midi(TRACK)
    for kept in range(22, len(whole)):
        file = MidiFile(whole[:kept])
        assert heard(whole[:kept]) == HEARD[: len(file.messages)]
        assert f"track 1, byte 18: it says that it is 22 bytes long, {kept - 22} are there" in file.remarks


def test_a_rest_at_the_end_is_kept_as_far_as_somebody_waits_for_it():
    a_day = bytes.fromhex("ffffff7f ff2f00")
    file = MidiFile(midi(TWO_NOTES + a_day))
    assert file.length_s == 61.0
    assert file.remarks == [f"it ends {0xFFFFFFF / 960:.0f} s after its last message, 60 s of that are kept"]
    assert MidiFile(midi(TWO_NOTES + bytes.fromhex("8740ff2f00"))).length_s == pytest.approx(2.0)


def test_values_above_127_are_played_as_127_and_said():
    file = MidiFile(midi(bytes.fromhex("00903cc8 83603cff") + END))
    assert [message.velocity for message in file.messages] == [127, 127]
    assert file.remarks == ["track 1, byte 24: it holds values above 127, which are played as 127"]


def test_a_million_events_at_one_instant_are_refused_early_and_in_little_memory(tmp_path):
    events = {"notes": b"\0\x90\x3c\x40" + b"\0\x3c\x40" * 999_999, "controllers": b"\0\xb0\x07\x40" * 1_000_000}
    for name, track in events.items():
        (tmp_path / name).write_bytes(midi(track + END))
        started = time.process_time()
        tracemalloc.start()
        try:
            with pytest.raises(ScoreError, match=r"track 1, byte \d+: more than 65536 messages at one instant"):
                Score.load(tmp_path / name)
            assert tracemalloc.get_traced_memory()[1] < 60 << 20
        finally:
            tracemalloc.stop()
        assert time.process_time() - started < 3
    tracks = midi(*[bytes.fromhex("0090") + b"\x3c\x40" + b"\0\x3c\x40" * 99 + END] * 700)
    with pytest.raises(
        MidiFileError, match=r"track \d+, byte \d+: more than 65536 messages at one instant, at 0.000 s"
    ):
        MidiFile(tracks)


def test_there_are_bounds_on_a_whole_file(monkeypatch, tmp_path):
    monkeypatch.setattr(midi_file, "MOST_MESSAGES", 3)
    with pytest.raises(MidiFileError, match="track 2, byte 50: more messages than a score may have"):
        MidiFile(midi(TWO_NOTES[:9] + END, TRACK))
    monkeypatch.setattr("manned.control.score.MOST_BYTES", 20)
    (tmp_path / "a.mid").write_bytes(midi(TRACK))
    with pytest.raises(ScoreError, match="larger than 20 bytes"):
        Score.load(tmp_path / "a.mid")


DRUMS = bytes.fromhex("00992440 00b94040 8360892440")


def score_of(tmp_path, content, **options):
    (tmp_path / "a.mid").write_bytes(content)
    return Score.load(tmp_path / "a.mid", **options)


def test_drums_are_left_out_and_said_unless_they_are_wanted(tmp_path):
    content = midi(TRACK, DRUMS + END)
    score = score_of(tmp_path, content)
    assert [entry.message.channel for entry in score.entries] == [0, 0, 0, 0]
    assert score.remarks == (
        f"score {tmp_path}/a.mid: 1 notes of channel 10 are drums and left out, --drums plays them",
    )
    score = score_of(tmp_path, content, drums=True)
    assert [entry.message.channel for entry in score.entries].count(9) == 3 and score.remarks == ()


def test_a_file_of_drums_alone_is_refused_and_the_option_named(tmp_path):
    with pytest.raises(ScoreError, match="holds nothing but the drums of channel 10, --drums plays them"):
        score_of(tmp_path, midi(DRUMS + END))
    assert len(score_of(tmp_path, midi(DRUMS + END), drums=True).entries) == 3


def test_channel_10_of_a_file_with_mpe_zones_is_a_note_like_others(tmp_path):
    zone = bytes.fromhex("00b06500 00b06406 00b0060f")
    score = score_of(tmp_path, midi(zone + TRACK, DRUMS + END))
    assert len(score.entries) == 3 + 4 + 3 and score.remarks == ()


def test_an_entry_knows_its_track_byte_and_time(tmp_path):
    score = score_of(tmp_path, midi(END, TRACK))
    assert [entry.where.partition(", ")[2] for entry in score.entries] == [
        "track 2, byte 36, at 0.000 s", "track 2, byte 41, at 0.500 s",
        "track 2, byte 45, at 0.500 s", "track 2, byte 50, at 1.000 s",
    ]  # fmt: skip


def test_whatever_a_file_holds_it_is_read_or_refused_in_one_sentence():
    whole = [
        *CHUNKS.values(),
        midi(TRACK, DRUMS + END),
        midi(*[bytes.fromhex(event) + TRACK for event in META.values()]),
    ]
    generator = random.Random(15)
    refused = 0
    for number in range(1500):
        damaged = bytearray(whole[number % len(whole)])
        for _ in range(generator.randrange(1, 6)):
            damaged[generator.randrange(len(damaged))] = generator.randrange(256)
        damaged = bytes(damaged[: generator.randrange(len(damaged) + 1)] if number % 3 else damaged)
        try:
            file = MidiFile(damaged)
        except MidiFileError as error:
            refused += 1
            assert "\n" not in str(error) and str(error)[0] != "("
        else:
            assert len([*file.messages]) == len(file.seconds)
    assert 100 < refused < 1400
