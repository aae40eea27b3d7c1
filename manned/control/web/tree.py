"""What there is, as OSCQuery tells it: a tree of JSON objects made from the tables and the values.

The words are those of the OSCQuery proposal: FULL_PATH, CONTENTS, TYPE, ACCESS, VALUE, RANGE, CLIPMODE,
DESCRIPTION, UNIT.  Three of our own are for those who draw faders: LABEL, DEFAULT, and CURVE where it is no line.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from ...errors import MannedError
from ...instrument import Instrument
from ...table.address import ROOT, address_of
from ...table.argument import Argument
from ...table.commands import Command, command_table
from ...table.parameter import Parameter
from ...table.value import ValueType
from ..osc.feedback.views import values_of
from ..osc.namespace import Namespace
from ..osc.packet import Message

Node = dict[str, Any]

NO_VALUE, READ, WRITE, BOTH = range(4)
"""ACCESS."""

ATTRIBUTES = ("FULL_PATH", "CONTENTS", "TYPE", "ACCESS", "VALUE", "RANGE", "CLIPMODE", "DESCRIPTION", "UNIT") + (
    "LABEL",
    "DEFAULT",
    "CURVE",
)

UNITS = {"s": "time.second", "Hz": "time.hz", "dB": "gain.db"}
"""The proposal's names of our units; others are told as they are."""

TITLE = "A neural timbre synthesizer"


class QueryTree:
    """The tree of an instrument.  Control thread only.

    Parameters
    ----------
    namespace : manned.control.osc.namespace.Namespace
        Is asked what commands answer.
    """

    def __init__(self, namespace: Namespace):
        self._namespace = namespace
        self._instrument: Instrument = namespace.instrument
        self._rows: dict[str, Parameter] | None = None
        self._leaves: dict[str, Node] = {}

    @property
    def leaves(self) -> dict[str, Node]:
        """What is told of every address but its value, by its name; of those that the model has."""
        rows = self._instrument.parameters
        if rows is not self._rows:
            self._rows = rows
            self._leaves = {name: _leaf(name, row, [row]) for name, row in rows.items()}
            latents = self._instrument.latents
            for name, (row, number) in command_table().items():
                if not number or number[0] <= latents:
                    self._leaves[name] = _command(name, row, latents)
        return self._leaves

    def names(self, path: str) -> list[str]:
        """The names at a path and below it."""
        name = path.strip(ROOT)
        return [leaf for leaf in self.leaves if not name or leaf == name or leaf.startswith(name + "/")]

    def find(self, path: str) -> Node | None:
        """The node at a path, with all below it; None when there is none."""
        names = self.names(path)
        if not names:
            return None
        top = path.strip(ROOT)
        node: Node = {"FULL_PATH": ROOT + top, "DESCRIPTION": TITLE} if not top else {"FULL_PATH": ROOT + top}
        for name in names:
            place = node
            for part in _below(top, name):
                contents = place.setdefault("CONTENTS", {})
                here = place["FULL_PATH"].rstrip(ROOT) + ROOT + part
                place = contents.setdefault(part, {"FULL_PATH": here})
            place |= self._leaves[name]
            value = self._value(name)
            if value is not None and len(value) == len(place["TYPE"]):
                place["VALUE"] = value
                place["TYPE"] = "".join(map(_tag_of, value, place["TYPE"]))
        if names == [top]:
            self._ask(top, node)
        for container in _containers(node):
            container.setdefault("ACCESS", NO_VALUE)
        return node

    def _value(self, name: str) -> list[object] | None:
        """What stands at a name; None where nothing stands or where it takes asking."""
        try:
            return [_plain(value) for value in values_of(self._instrument, name)]
        except MannedError:
            return None

    def _ask(self, name: str, node: Node) -> None:
        """Find out what a command answers that holds no value: a list of names, the status."""
        if "VALUE" in node or not node["ACCESS"] & READ:
            return
        answers = _Answers()
        try:
            self._namespace.perform(Message(address_of(name), ()), answers)
        except MannedError:
            return
        if len(answers.heard) == 1:
            values = answers.heard[0]
            node["VALUE"] = [_plain(value) for value in values]
            node["TYPE"] = "".join(map(_tag, values)) or "N"


class _Answers:
    """A sender that keeps what it is answered."""

    key = "oscquery"
    outlet = None

    def __init__(self) -> None:
        self.heard: list[tuple[object, ...]] = []

    def send(self, address: str, *arguments: object) -> None:
        self.heard.append(arguments)


def _below(top: str, name: str) -> list[str]:
    rest = name[len(top) :].strip(ROOT)
    return rest.split(ROOT) if rest else []


def _containers(node: Node) -> Iterator[Node]:
    yield node
    for child in node.get("CONTENTS", {}).values():
        yield from _containers(child)


def _command(name: str, row: Command, latents: int) -> Node:
    arguments: list[Argument] = row.spread(row.most)
    if row.name == "latents":
        arguments = arguments[:latents]
    leaf = _leaf(name, row, arguments)
    if not row.arguments and row.asks:
        return leaf | {"TYPE": "s", "ACCESS": READ}
    return leaf | {"ACCESS": BOTH if row.asks else WRITE}


def _leaf(name: str, row: Parameter | Command, values: Sequence[ValueType]) -> Node:
    leaf: Node = {
        "FULL_PATH": address_of(name),
        "TYPE": "".join(value.osc_tag for value in values) or "N",
        "ACCESS": BOTH,
        "DESCRIPTION": row.description,
    }
    each = {
        "RANGE": [value.osc_range or None for value in values],
        "CLIPMODE": ["both" if "MIN" in value.osc_range else None for value in values],
        "UNIT": [UNITS.get(value.unit, value.unit) or None for value in values],
    }
    leaf |= {word: items for word, items in each.items() if any(items)}
    return leaf | _fader(row) if isinstance(row, Parameter) else leaf


def _fader(row: Parameter) -> Node:
    """What a fader of a parameter begins with; its curve as in `Parameter.curve`."""
    fader: Node = {"DEFAULT": [_plain(row.default)]}
    fader |= {"LABEL": row.label} if row.label else {}
    return fader | ({"CURVE": row.curve} if row.curve != "linear" else {})


def _tag_of(value: object, tag: str) -> str:
    """The type tag of a value at an address of a tag: a target of an LFO is a number or a word."""
    return "s" if isinstance(value, str) and tag == "i" else tag


def _plain(value: object) -> object:
    """A value as JSON has it; it has no infinities."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def _tag(value: object) -> str:
    if isinstance(value, bool):
        return "T"
    return "i" if isinstance(value, int) else "f" if isinstance(value, float) else "s"
