"""Every row of the tables is whole: a wrong one fails a test that names it."""

import pytest

from manned import events
from manned.control.osc.commands import HANDLERS
from manned.errors import ParameterError
from manned.limits import MAX_LATENTS
from manned.reference import ROOT, write
from manned.table.argument import Argument
from manned.table.commands import COMMANDS, DONE, FAIL, REPLIES, Command, command_table
from manned.table.parameter import NO_EVENT
from manned.table.parameters import ROWS, parameter_table
from manned.table.value import shown

KINDS = {value for value in vars(events).values() if isinstance(value, int)}
ALL = parameter_table(MAX_LATENTS)
named = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
commanded = pytest.mark.parametrize("row", COMMANDS, ids=lambda row: row.name)


@named
def test_a_parameter_takes_its_own_default(row):
    assert row.check(row.default) == row.default
    assert row.minimum < row.maximum


@named
def test_a_parameter_has_a_label_and_a_sentence(row):
    assert row.label and row.description.endswith(".") and row.description[0].isupper()
    assert ("{" in row.label) == ("{" in row.name)


@named
def test_a_choice_has_words_and_nothing_else_has(row):
    assert (row.kind in ("choice", "target")) == bool(row.choices)
    if row.kind == "choice":
        assert (row.minimum, row.maximum) == (0, len(row.choices) - 1)
        assert [row.check(place) for place in range(len(row.choices))] == list(row.choices) or row.name == "hop"


@named
def test_a_parameter_that_is_the_engines_names_an_event_there_is(row):
    assert row.event == NO_EVENT or row.event in KINDS


@named
def test_ends_of_a_faders_travel_are_ends_of_the_range(row):
    ends = (row.from_unit(0.0), row.from_unit(1.0))
    wanted = (row.choices[0], row.choices[-1]) if row.kind == "choice" else (row.minimum, row.maximum)
    assert ends == pytest.approx(wanted) if row.kind != "choice" else ends == wanted


def test_each_event_is_sent_by_one_parameter_alone():
    sent = [(row.event, row.index) for row in ALL.values() if row.event != NO_EVENT]
    assert sorted(sent) == sorted(set(sent))


def test_no_name_stands_twice_or_in_both_tables():
    names = [row.name for row in (*ROWS, *COMMANDS)]
    assert sorted(names) == sorted(set(names))
    assert not ALL.keys() & command_table().keys()


@named
def test_a_parameter_has_an_osc_type_and_range(row):
    assert row.osc_tag in ("f", "i", "s", "T")
    limits = row.osc_range
    assert limits.get("VALS", []) == (list(row.choices) if row.kind == "choice" else [])
    if row.osc_tag in ("f", "i"):
        assert (limits["MIN"], limits["MAX"]) == (row.minimum, row.maximum)


@commanded
def test_a_command_has_one_handler(row):
    assert row.name in HANDLERS


def test_a_handler_has_a_command():
    assert HANDLERS.keys() == {row.name for row in COMMANDS}


@commanded
def test_a_command_has_a_sentence_and_names_its_arguments(row):
    assert row.description.endswith(".") and row.description[0].isupper()
    for argument in row.arguments:
        assert argument.name and argument.minimum < argument.maximum and argument.least <= argument.most
        assert (argument.kind == "choice") == bool(argument.choices)


@commanded
def test_arguments_that_may_be_left_out_are_the_last_and_only_the_last_may_be_many(row):
    optional = [argument.optional for argument in row.arguments]
    assert optional == sorted(optional)
    assert all(argument.least == argument.most for argument in row.arguments[:-1])


@commanded
def test_a_command_has_osc_types_and_ranges(row):
    assert len(row.osc_range) == row.most
    assert len(row.osc_type) == max(row.most, 1) and set(row.osc_type) <= set("fisTN")


def test_what_is_an_answer_is_no_command():
    assert {DONE, FAIL, "/error", "/synced", "/status.reply", "/version.reply"} == REPLIES


def test_a_command_checks_its_arguments_by_its_row():
    row = Command(
        "x", "Try.", (Argument("level"), Argument("name", "text"), Argument("id", "id", optional=True)), asks="all"
    )
    assert row.take(()) == ()
    assert row.take((2, 12)) == (1.0, "12")
    assert row.take((True, "a", 7.0)) == (1.0, "a", 7)
    assert (row.osc_type, row.arguments_text) == ("fsi", "f level 0–1, s name, [i id], or none to ask")
    for arguments, words in (
        ((1,), "found 1 arguments, allowed are: f level 0–1, s name"),
        (("much", "a"), "level: found 'much', allowed is a number 0–1"),
        ((None, "a"), "level: found nil"),
        ((0.5, b"a"), "name: found a blob, allowed is a text"),
        ((0.5, "a", 0.5), "id: found 0.5, allowed is a whole number"),
        ((0.5, "a", 2**53), "id: found 9007199254740992, allowed is a whole number"),
    ):
        with pytest.raises(ParameterError) as caught:
            row.take(arguments)
        assert str(caught.value).startswith(words)


@pytest.mark.parametrize("name", ["docs/osc.md", "configs/manned.toml"])
def test_files_made_from_the_tables_are_in_step(tmp_path, name):
    for folder in ("docs", "configs"):
        (tmp_path / folder).mkdir()
    write(tmp_path)
    assert (tmp_path / name).read_text() == (ROOT / name).read_text(), "run: make reference"


def test_what_came_by_osc_is_shown_to_people():
    assert [shown(value) for value in (None, b"x", "x", 0.5)] == ["nil", "a blob", "'x'", "0.5"]
