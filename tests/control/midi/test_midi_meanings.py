"""The table of meanings, and the page that tells musicians of it."""

import re
from pathlib import Path

import mido
import pytest

from manned.control.midi.meanings import MEANINGS, SYSTEM_MEANINGS
from manned.control.midi.templates import Templates
from manned.table.bindings import DEFAULT_BINDINGS, ENCODERS, TAKEOVERS, TOGGLE

PAGE = (Path(__file__).parents[3] / "docs" / "midi.md").read_text()
TABLE_LINES = [line for line in PAGE.splitlines() if line.startswith("|")]


def numbers(text):
    """Whole numbers of a text; 124–127 are four."""
    ranges = re.findall(r"(\d+)(?:–(\d+))?", text)
    return {number for first, last in ranges for number in range(int(first), int(last or first) + 1)}


def spelt_out(text):
    """The text with the parameters between two of them written out, as in "`macro/1` … `macro/4`"."""
    for first, last in re.findall(r"`macro/(\d+)` … `macro/(\d+)`", text):
        text += " ".join(f"`macro/{i}`" for i in range(int(first), int(last) + 1))
    return text


@pytest.mark.parametrize("row", MEANINGS, ids=lambda row: f"{row.kind} {row.number}")
def test_the_page_tells_of_every_meaning(row):
    told = [line for line in TABLE_LINES if row.name in line]
    assert told, f"docs/midi.md: no line of a table has {row.name!r}"
    if row.kind == "controller":
        assert any(row.number in numbers(line) for line in told), (
            f"docs/midi.md: the line of {row.name!r} does not have CC {row.number}"
        )


@pytest.mark.parametrize("row", SYSTEM_MEANINGS, ids=lambda row: row.number)
def test_the_page_tells_of_every_message_of_a_port(row):
    assert any(row.name in line for line in TABLE_LINES)


@pytest.mark.parametrize("name", Templates().names())
def test_the_page_tells_of_every_template(name):
    assert any(f"`{name}`" in line for line in TABLE_LINES)


@pytest.mark.parametrize("word", [*TAKEOVERS, *ENCODERS[1:], TOGGLE])
def test_the_page_tells_of_every_word_of_a_binding(word):
    assert any(f"`{word}`" in line for line in TABLE_LINES)


@pytest.mark.parametrize(("controller", "parameter"), DEFAULT_BINDINGS.items())
def test_the_page_tells_of_every_default_binding(controller, parameter):
    assert any(
        int(controller) in numbers(line.split("|")[1]) and f"`{parameter}`" in spelt_out(line)
        for line in TABLE_LINES
        if f"`/{parameter}`" not in line
    ), f"docs/midi.md: no line of a table has CC {controller} and `{parameter}`"


def test_no_message_has_two_meanings():
    meant = [(row.kind, row.number) for row in MEANINGS]
    assert len(meant) == len(set(meant))


def test_messages_are_those_that_mido_knows_and_controllers_are_in_range():
    for row in MEANINGS:
        if row.kind == "message":
            assert mido.Message(row.number).type == row.number
        elif row.kind == "controller":
            assert row.number in range(128)
    for row in SYSTEM_MEANINGS:
        assert mido.Message(row.number).type == row.number
