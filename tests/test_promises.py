"""The tables of promises in docs/osc.md, docs/midi.md and docs/reliability.md name tests that there are."""

import re
from pathlib import Path

import pytest

from manned.promises import ADDRESSES, MANNERS, names
from manned.table.commands import COMMANDS

HERE = Path(__file__).parent
FILES = {path.stem: path for path in HERE.rglob("test_*.py") if "old" not in path.parts}
MIDI = (HERE.parent / "docs" / "midi.md").read_text()
RELIABILITY = (HERE.parent / "docs" / "reliability.md").read_text()


@pytest.mark.parametrize("row", [*ADDRESSES, *MANNERS], ids=lambda row: row.promise[:40])
def test_the_files_are_there_and_hold_the_addresses(row):
    text = "".join(FILES[name].read_text() for name in names(row.tests))
    for address in re.findall(r"`(/[^`]+)`", row.promise):
        assert any(way in text for way in ways(address)), f"{address} stands in none of {row.tests}"


def ways(address):
    """How a test may write an address: whole, or as the name of its parameter; with any number where it has one."""
    found = [re.sub(r"\{\w\}", number, address) for number in ("1", "2", "3", "{k}", "{number}")]
    return [*found, *(f'"{way.removeprefix("/")}' for way in found)]


def test_every_command_has_a_row():
    told = {address for row in ADDRESSES for address in re.findall(r"`(/[^`]+)`", row.promise)}
    assert {row.address for row in COMMANDS} <= told


def test_the_page_of_midi_names_files_that_are_there():
    rows = [line for line in MIDI.partition("## What shows it")[2].splitlines() if "test_" in line]
    named = [name for line in rows for name in re.findall(r"`(test_\w+)\.py`", line)]
    assert len(rows) == len(named) and set(named) <= set(FILES)
    assert {name for name in FILES if name.startswith("test_midi_")} <= set(named)


def test_the_page_of_reliability_names_files_that_are_there():
    named = re.findall(r"`((?:tests/|test_)[\w/.]+)`", RELIABILITY)
    missing = [name for name in named if Path(name).stem not in FILES and not (HERE.parent / name).exists()]
    assert len(named) > 15 and not missing
