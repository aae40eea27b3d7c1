"""Scala's files, read as their format's description says: https://www.huygens-fokker.org/scala/scl_format.html"""

import math

import pytest
import tuning_library as surge
from hypothesis import given, settings
from hypothesis import strategies as st

from manned.errors import TuningError
from manned.library import SHIPPED_SCALES
from manned.model.pitch import note_to_hz
from manned.model.scala import LONGEST_FILE, Keyboard, Scale, read_keyboard, read_scale
from manned.tuning import AUDIBLE, Tuning

WHITE_KEYS = (0, None, 1, None, 2, 3, None, 4, None, 5, None, 6)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Writes a text, or bytes, into a file; returns its path."""
    folder = tmp_path_factory.mktemp("tunings")

    def write(content, name="a.scl"):
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder / name

    return write


def ratio(over, under=1):
    return 1200 * math.log2(over / under)


# -- scales -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "cents"),
    [
        ("81/64", ratio(81, 64)),
        ("408.0", 408.0),
        ("408.", 408.0),
        ("5", ratio(5)),
        ("-5.0", -5.0),
        ("10/20", -1200.0),
        ("100.0 cents", 100.0),
        (" 100.0 C#", 100.0),
        (" 5/4   E\\", ratio(5, 4)),
        ("\t3/2 ! a fifth", ratio(3, 2)),
        ("3 / 2", ratio(3, 2)),
        ("2147483647/2147483646", ratio(2147483647, 2147483646)),
        ("19383245667680019896796723/19342813113834066795298816", 3.6150458),
        ("701.955000865387435910543", 701.9550008654),
        (".00000000000000000000000000000000000001", 1e-38),
        ("000000000000000000000000000003/2", ratio(3, 2)),
        ("9" * 6000 + "/" + "3" * 6000, ratio(3)),
        ("1" + "0" * 9000 + "/" + "1" + "0" * 8999, ratio(10)),
        (f"{3**400}/{2**634}", 400 * ratio(3) - 634 * 1200),
    ],
)
def test_the_pitch_lines_of_the_description_are_read(file, line, cents):
    assert read_scale(file(f"x\n1\n{line}\n")).cents == pytest.approx((cents,))


def test_comments_spaces_and_what_follows_the_last_pitch_are_left_out(file):
    scale = read_scale(file("! a.scl\n!\nA scale\n!c\n  2 \n!c\n 3/2\n! c\n 2/1\nsomething else\n", "my scale.scl"))
    assert scale == Scale("my scale", "A scale", (ratio(3, 2), 1200.0))


def test_a_scale_without_a_description_has_an_empty_line_for_it(file):
    assert read_scale(file("\n1\n2/1\n")).description == ""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_on_any_system(file, end):
    assert read_scale(file(end.join(["", "2", "3/2", "2/1"]))).cents == pytest.approx((ratio(3, 2), 1200.0))


def test_a_description_may_be_in_latin_1_or_utf_8(file):
    assert read_scale(file("Gültig\n1\n2\n".encode("latin-1"))).description == "Gültig"
    assert read_scale(file("\ufeffGültig\n1\n2\n")).description == "Gültig"


pitches = st.one_of(
    st.tuples(st.integers(1, 2**31 - 1), st.integers(1, 2**31 - 1)).map(lambda r: (f"{r[0]}/{r[1]}", ratio(*r))),
    st.integers(1, 2**31 - 1).map(lambda n: (str(n), ratio(n))),
    st.integers(-(10**9), 10**9).map(lambda n: (f"{n / 10**5:.5f}", n / 10**5)),
)
words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=20)
# What follows a pitch is no part of it, unless it goes on as a ratio does.
remarks = words.filter(lambda text: not text.lstrip().startswith("/"))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(pitches, remarks), min_size=1, max_size=40),
    words.filter(lambda text: not text.startswith("!")),
    st.lists(words, max_size=5),
    st.sampled_from(["\n", "\r\n"]),
)
def test_any_scale_is_read_as_it_was_written(file, written, description, comments, end):
    lines = [description, f" {len(written)}", *(f" {text} {note}" for (text, _), note in written)]
    for place, comment in enumerate(comments):
        lines.insert(place * 2, "!" + comment)
    scale = read_scale(file(end.join(lines)))
    assert scale.cents == pytest.approx([cents for (_, cents), _ in written])
    assert scale.description == description.strip()


@pytest.mark.parametrize(
    ("content", "line", "found", "allowed"),
    [
        ("x\nmany\n2/1\n", 2, "'many'", "the number of notes, a whole number 1–1024"),
        ("x\n0\n", 2, "'0'", "1–1024"),
        ("x\n-1\n2/1\n", 2, "'-1'", "1–1024"),
        ("x\n99999999999\n2/1\n", 2, "'99999999999'", "1–1024"),
        ("! c\nx\n2\n3/2\n-2/1\n", 5, "'-2/1'", "a ratio such as 3/2"),
        ("x\n1\nfifth\n", 3, "'fifth'", "a ratio such as 3/2"),
        ("x\n1\nfif.th\n", 3, "'fif.th'", "a ratio such as 3/2"),
        ("x\n1\n3/2/1\n", 3, "'3/2/1'", "a ratio such as 3/2"),
        ("x\n1\n3/\n", 3, "'3/'", "a ratio such as 3/2"),
        ("x\n1\n3 / two\n", 3, "'3 / two'", "a ratio such as 3/2"),
        ("x\n1\n3/0\n", 3, "'3/0'", "a ratio such as 3/2"),
        ("x\n1\n0\n", 3, "'0'", "a ratio such as 3/2"),
        ("x\n1\n.\n", 3, "'.'", "a ratio such as 3/2"),
        ("x\n1\n700,0\n", 3, "'700,0'", "a ratio such as 3/2"),
        ("x\n1\nnan\n", 3, "'nan'", "a ratio such as 3/2"),
        ("x\n1\n1e9.\n", 3, "'1e9.'", "a ratio such as 3/2"),
        ("x\n1\n100001.\n", 3, "'100001.'", "100000 cents"),
        ("x\n1\n" + "9" * 50 + "\n", 3, "'999", "100000 cents"),
        ("x\n1\n1/" + "9" * 9000 + "\n", 3, "'1/999", "100000 cents"),
        ("x\n1\n" + "9" * 9000 + ".\n", 3, "'999", "100000 cents"),
        ("x\n1\n1/" + "0" * 90 + "\n", 3, "'1/000", "a ratio such as 3/2"),
        ("x\n" + "9" * 9000 + "\n2\n", 2, "'999", "1–1024"),
    ],
)
def test_what_is_no_scale_is_told_with_file_line_and_what_is_allowed(file, content, line, found, allowed):
    path = file(content)
    with pytest.raises(TuningError) as error:
        read_scale(path)
    said = str(error.value)
    assert said.startswith(f"scale {path}, line {line}: found {found}")
    assert allowed in said


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "ends where the number of notes should be"),
        ("x\n3\n3/2\n2/1\n", "ends where a pitch should be"),
        (b"x\n1\n2/1\n" + b" " * LONGEST_FILE, f"larger than {LONGEST_FILE} bytes"),
    ],
)
def test_a_file_that_is_too_short_or_too_long_is_told(file, content, words):
    with pytest.raises(TuningError, match=words):
        read_scale(file(content))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(TuningError, match="no.scl: cannot be read .No such file"):
        read_scale(tmp_path / "no.scl")


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text("0123456789./x!- \n", max_size=200).map(str.encode)))
def test_whatever_a_file_holds_it_is_read_or_refused_in_one_sentence(file, content):
    for read in (read_scale, read_keyboard):
        try:
            read(file(content))
        except TuningError as error:
            assert "\n" not in str(error)


# -- keyboard mappings ------------------------------------------------------------


def mapping(degrees=(), first=0, last=127, middle=60, reference=69, hertz="440.0", octave=0, size=None):
    """The text of a ``.kbm`` file."""
    size = len(degrees) if size is None else size
    entries = ["x" if degree is None else degree for degree in degrees]
    numbers = [size, first, last, middle, reference, hertz, octave, *entries]
    return "! a mapping\n" + "".join(f"! what comes\n {number} \n" for number in numbers)


def test_a_mapping_is_read(file):
    read = read_keyboard(file(mapping(WHITE_KEYS, 21, 108, 48, 57, "220.5", 7), "white.kbm"))
    assert read == Keyboard("white", WHITE_KEYS, 21, 108, 48, 57, 220.5, 7)


def test_numbers_of_a_mapping_may_have_any_length(file):
    read = read_keyboard(file(mapping((0, "0" * 30 + "1"), middle="0" * 20 + "60", hertz="440." + "0" * 60 + "1")))
    assert (read.middle, read.degrees, read.hertz) == (60, (0, 1), 440.0)


def test_keys_at_the_end_that_are_not_mapped_may_be_left_out(file):
    assert read_keyboard(file(mapping((0, 1), size=4, reference=60))).degrees == (0, 1, None, None)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (mapping(size="all"), "found 'all', allowed is the size of the map, a whole number 0–1024"),
        (mapping(first=128), "found '128', allowed is the first key, a whole number 0–127"),
        (mapping(first=50, last=40), "found '40', allowed is the last key, a whole number 50–127"),
        (mapping(middle="-1"), "found '-1', allowed is the middle key"),
        (mapping(hertz="0"), "found '0', allowed is the reference frequency, 1–20000 Hz"),
        (mapping(hertz="nan"), "found 'nan', allowed is the reference frequency"),
        (mapping(octave="x"), "found 'x', allowed is the degree of the octave"),
        (mapping((0, "y")), "found 'y', allowed is a degree 0–1024, or x"),
        (mapping((0, None), reference=61), "its reference key 61 has no degree"),
        ("12\n0\n", "ends where the last key should be"),
    ],
)
def test_what_is_no_mapping_is_told(file, content, said):
    with pytest.raises(TuningError) as error:
        read_keyboard(file(content, "a.kbm"))
    assert said in str(error.value)


# -- pitches ----------------------------------------------------------------------

scales = st.lists(st.floats(1, 2400), min_size=1, max_size=40).map(lambda c: Scale("s", "", tuple(c)))


def test_equal_temperament_is_every_note_itself():
    assert [Tuning().pitch(note) for note in (0, 60, 61.37, 127)] == [0, 60, 61.37, 127]


@settings(deadline=None)
@given(scales)
def test_without_a_mapping_the_scale_begins_at_middle_c_and_repeats_at_its_period(scale):
    tuning = Tuning(scale)
    assert tuning.pitch(60) == pytest.approx(60)
    size, period = len(scale.cents), scale.cents[-1] / 100
    for key in range(60, 128 - size):
        here, there = tuning.pitch(key), tuning.pitch(key + size)
        if here is not None and there is not None:
            assert there - here == pytest.approx(period)


@settings(deadline=None)
@given(
    scales,
    st.lists(st.one_of(st.none(), st.integers(0, 60)), max_size=24),
    st.integers(0, 127),
    st.integers(0, 127),
    st.floats(20, 2000),
    st.integers(0, 60),
)
def test_a_mapping_tunes_its_reference_key_and_repeats_at_its_octave(scale, degrees, middle, reference, hertz, octave):
    if degrees:
        degrees[(reference - middle) % len(degrees)] = 3
    tuning = Tuning(scale, Keyboard("k", tuple(degrees), 0, 127, middle, reference, hertz, octave))
    assert note_to_hz(tuning.pitch(reference)) == pytest.approx(hertz)
    if not degrees:
        return
    period = scale.degree_cents(octave or len(scale.cents)) / 100
    for key in range(128 - len(degrees)):
        degree = degrees[(key - middle) % len(degrees)]
        here, there = tuning.pitch(key), tuning.pitch(key + len(degrees))
        if degree is None:
            assert here is None
        elif here is not None and there is not None:
            assert there - here == pytest.approx(period)


def test_degrees_beyond_the_scale_are_those_of_its_next_period():
    scale = Scale("fifth", "", (700.0, 1200.0))
    assert [scale.degree_cents(degree) for degree in (-1, 0, 1, 2, 3, 4)] == [-500, 0, 700, 1200, 1900, 2400]


def test_keys_outside_a_mappings_range_keep_equal_temperament():
    tuning = Tuning(None, Keyboard("k", (), 50, 70, 60, 60, 2 * note_to_hz(60), 0))
    assert [round(tuning.pitch(key), 9) for key in (49, 50, 70, 71)] == [49, 62, 82, 71]


def test_a_fraction_of_a_key_goes_on_towards_the_next_pitch():
    tuning = Tuning(Scale("third tones", "", (66.0, 132.0)))
    assert tuning.pitch(60.5) == pytest.approx(60.33)
    mapped = Tuning(None, Keyboard("k", (0, None), 0, 127, 60, 60, note_to_hz(60), 1))
    assert mapped.pitch(60.25) == pytest.approx(60.25)
    assert mapped.pitch(61) is None
    assert mapped.pitch(61.75) == pytest.approx(60.75)


def test_pitches_that_nobody_hears_are_none():
    tuning = Tuning(read_scale(SHIPPED_SCALES / "bohlen-pierce.scl"))
    heard = [tuning.pitch(key) for key in range(128)]
    assert heard[0] is None and heard[127] is None
    assert all(AUDIBLE[0] <= pitch <= AUDIBLE[1] for pitch in heard if pitch is not None)
    assert heard[60 + 13] - heard[60] == pytest.approx(12 * math.log2(3))


def test_the_shipped_files_are_valid_and_keep_middle_c_or_a():
    for path in SHIPPED_SCALES.glob("*.scl"):
        assert Tuning(read_scale(path)).pitch(60) == pytest.approx(60), path
    for path in SHIPPED_SCALES.glob("*.kbm"):
        assert Tuning(None, read_keyboard(path)).pitch(69) == pytest.approx(69), path


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(1, 2_400_000).map(lambda n: n / 1000), min_size=1, max_size=30),
    st.lists(st.one_of(st.none(), st.integers(0, 29)), max_size=24),
    st.integers(0, 100),
    st.integers(0, 100),
    st.integers(20_000, 2_000_000).map(lambda n: n / 1000),
)
def test_every_pitch_is_that_of_surge_xts_tuning_library(file, cents, degrees, middle, reference, hertz):
    degrees = [degree if degree is None else degree % len(cents) for degree in degrees]
    octave = 0
    if degrees:  # where both programs mean the same: a pattern of one period, with the reference key in it
        octave = len(cents)
        reference = middle + reference % len(degrees)
        degrees[reference - middle] = 0
    scl = f"x\n{len(cents)}\n" + "".join(f"{value:.3f}\n" for value in cents)
    kbm = mapping(degrees, 0, 127, middle, reference, f"{hertz:.3f}", octave)
    ours = Tuning(read_scale(file(scl)), read_keyboard(file(kbm, "a.kbm")))
    theirs = surge.Tuning(surge.parse_scl_data(scl), surge.parse_kbm_data(kbm.replace(" x ", "x")))
    for key in range(128):
        pitch = ours.pitch(key)
        if not theirs.is_midi_note_mapped(key):
            assert pitch is None
        elif pitch is not None:
            assert note_to_hz(pitch) == pytest.approx(theirs.frequency_for_midi_note(key), rel=1e-5)
