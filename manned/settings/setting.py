"""A row of the table of settings: its check, how a text becomes its value, and every sentence about its range."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from .. import files
from ..errors import ConfigError, ParameterError
from ..table.bindings import parse_binding, parse_controller
from ..table.parameter import Parameter
from ..table.value import number_range


class Row(Protocol):
    """Whatever a name such as ``osc.port`` stands for."""

    def check(self, name: str, value: object) -> Any:
        """Return the value as it is kept.

        Raises
        ------
        ConfigError
            With the name, the value found and what is allowed.
        """
        ...

    def parse(self, text: str) -> object:
        """The value that a text of the environment or the command line stands for, as a file would hold it."""
        ...


@dataclass(frozen=True)
class Setting:
    """A key of a section.

    Attributes
    ----------
    default : bool, int, float, str, list or dict
    description : str
        What it means to a musician.
    kind : type
        Of the value, or of a list's items.
    minimum, maximum : float, optional
        Inclusive range of a number.
    unit : str
        Empty when the value has none.
    choices : tuple of str
        The words allowed, beside the numbers where there is a range.
    zero : str
        What a number of 0, outside the range, means; empty when 0 is not allowed.
    shown : str
        How people are told of the choices when they are many.
    number_is_text : bool
        Whether a whole number may be written for a text of digits.
    """

    default: Any
    description: str
    kind: type
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    zero: str = ""
    shown: str = ""
    number_is_text: bool = False

    @property
    def is_list(self) -> bool:
        """Whether the value is a list."""
        return isinstance(self.default, list)

    def check(self, name: str, value: object) -> Any:
        """Return the value as it is kept; raises `ConfigError`."""
        if self.number_is_text and type(value) is int:
            value = str(value)
        if isinstance(self.default, dict):
            refuse(name, value, f"a table: [{name}]")
        if isinstance(value, list) != self.is_list or not all(map(self._fits, _items(value))):
            refuse(name, value, self.allowed_text())
        return value

    def _fits(self, value: object) -> bool:
        if isinstance(value, str):
            return value in self.choices if self.choices else self.kind is str
        if self.kind is bool or isinstance(value, bool):
            return self.kind is bool and isinstance(value, bool)
        if self.minimum is None or self.maximum is None or not isinstance(value, (int, float)):
            return False
        if self.kind is int and not isinstance(value, int):
            return False
        if self.zero and value == 0:
            return True
        return math.isfinite(value) and self.minimum <= value <= self.maximum

    def parse(self, text: str) -> object:
        """The value that a text stands for; a list may be written without brackets, its items apart by commas."""
        value = parse_value(text)
        if self.is_list:
            return (
                value
                if isinstance(value, list)
                else [parse_value(item.strip()) for item in text.split(",") if item.strip()]
            )
        return text if self.kind is str and not isinstance(value, str) else value

    def allowed_text(self) -> str:
        """What is allowed, for people, e.g. ``a whole number 1–65535``."""
        words = [self.shown] if self.shown else [literal(choice) for choice in self.choices]
        if self.minimum is not None and self.maximum is not None:
            number = "a whole number" if self.kind is int else "a number"
            words.append(f"{number} {number_range(self.minimum, self.maximum, self.unit)}")
            if self.zero:
                words.append(f"0 ({self.zero})")
        elif not words:
            words.append("true or false" if self.kind is bool else "a text")
        text = " or ".join(words)
        return f"a list, each {text}" if self.is_list else text


@dataclass(frozen=True)
class StartValue:
    """The value of a parameter at start.  A number outside its range is refused, where a controller's is clamped."""

    row: Parameter

    def check(self, name: str, value: object) -> Any:
        """Return the value as the parameter takes it; raises `ConfigError`."""
        try:
            checked = self.row.check(value)
        except ParameterError:
            refuse(name, value, self.row.setting_text())
        if isinstance(value, (int, float)) and not isinstance(value, bool) and self.row.kind != "choice":
            if not self.row.minimum <= value <= self.row.maximum:
                refuse(name, value, self.row.setting_text())
        return checked

    def parse(self, text: str) -> object:
        """The value that a text stands for."""
        return parse_value(text)


@dataclass(frozen=True)
class Binding:
    """What a controller moves: a key of ``midi.cc``."""

    controller: str

    def check(self, name: str, value: object) -> str:
        """Return the name of the parameter and the words behind it; raises `ConfigError`."""
        parse_controller(self.controller)
        return parse_binding(self.controller, value).text

    def parse(self, text: str) -> object:
        """The name that a text stands for, with or without quotation marks."""
        value = parse_value(text)
        return value if isinstance(value, str) else text


@dataclass(frozen=True)
class PortRole:
    """What a port is: a key of ``midi.controllers``, which is a pattern of its name."""

    def check(self, name: str, value: object) -> str:
        """Return the role or the name of a template; that it exists is found out where templates are read."""
        if not isinstance(value, str) or not value:
            refuse(name, value, '"keyboard", "surface" or the name of a template')
        return value

    def parse(self, text: str) -> object:
        """The name that a text stands for, with or without quotation marks."""
        value = parse_value(text)
        return value if isinstance(value, str) else text


def parse_value(text: str) -> object:
    """The value that a text stands for in a TOML file; the text itself when it is no such value."""
    try:
        return files.parse_toml(f"value = {text}")["value"]
    except files.TomlError:
        return text


def refuse(name: str, value: object, allowed: str) -> NoReturn:
    """Raise a `ConfigError` that tells the name, the value found and what is allowed."""
    raise ConfigError(f"{name} is {literal(value)}, allowed is {allowed}")


def literal(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
