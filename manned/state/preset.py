"""A preset, and how it is written as a small JSON file."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..limits import CLASSES
from ..table.macros import DEFAULT_MACROS, MACROS, Macro, MacroBinding
from ..table.parameter import Parameter
from ..table.value import Value

FORMAT = 2
"""What is written.  Format 1, of version 0.1, has no macros and knows neither authors nor kinds."""

_ALWAYS_THERE = "voices"
"""A value that every preset of format 1 has that was made of a whole instrument."""

_RENAMED = {("atlas", 3): "atlas-0.1", ("atlas-spectrum", 3): "atlas-0.1"}
"""Models that had another name: name and latents then, name now."""


@dataclass(frozen=True)
class Preset:
    """Some parameters and their values, and what else belongs to a sound.

    Attributes
    ----------
    name : str
        With its folder, if it lies in one: ``bells/Glass``.
    model : str
        Name of the decoder that it was made on.
    latents : int
        How many latents that has.
    values : dict
        By parameter name, and texts by the name of the command that holds each.
    weights : tuple of float
        Of the pitch classes that the drone mixes, C first; empty when it plays one.
    macros : tuple of Macro
        All of them; empty where it says nothing of them.
    whole : bool
        Whether what it does not name is at its default.  Else that stays as it is when it is loaded.
    author, comment : str
        For people; empty where nothing is said.
    kinds : tuple of str
        Words by which it can be found, as ``bells`` or ``dark``.
    """

    name: str
    model: str
    latents: int
    values: dict[str, Value]
    weights: tuple[float, ...] = ()
    macros: tuple[Macro, ...] = ()
    whole: bool = False
    author: str = ""
    comment: str = ""
    kinds: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """The folder that it lies in; empty where it lies in none."""
        return self.name.rpartition("/")[0]

    def is_of(self, kind: str) -> bool:
        """Whether it lies in a folder, or has a kind, of that name."""
        return kind.casefold() in map(str.casefold, (self.folder, *self.kinds))

    def value(self, row: Parameter) -> Value | None:
        """What it says of a parameter, unchecked; None when that stays as it is.

        What its own model has no latent for is not known to it.
        """
        if row.name in self.values or not self.whole:
            return self.values.get(row.name)
        return None if "latent/" in row.name and row.index >= self.latents else row.default

    def point(self, rows: list[Parameter], others: list[float]) -> list[Value]:
        """Its latents for a model with such rows; those that it does not know are as in ``others``."""
        found = map(self.value, rows)
        return [other if value is None else value for value, other in zip(found, others)]

    def remark(self, name: str, latents: int) -> str:
        """What becomes of its latents on a model of that name with so many; empty when all is as it was."""
        if self.latents > latents:
            return f"made on {self.model} with {self.latents} latents, {name} takes the first {latents}"
        if self.latents < latents:
            return f"made on {self.model} with {self.latents} latents, the others of {name} stay as they were"
        if self.model != name:
            return f"made on {self.model}, played by {name}"
        return ""


def write_preset(preset: Preset) -> bytes:
    """A preset as the bytes of its file; what is empty or at its default is left out, but for values."""
    macros = {
        str(number): {"name": macro.name, "bind": macro.bindings}
        for number, (macro, default) in enumerate(zip(preset.macros, DEFAULT_MACROS), 1)
        if macro != default
    }
    more = {
        "whole": preset.whole,
        "author": preset.author,
        "comment": preset.comment,
        "kinds": preset.kinds,
        "macros": macros,
        "chroma weights": preset.weights,
    }
    content = {"format": FORMAT, "model": preset.model, "latents": preset.latents, "values": preset.values}
    content |= {key: value for key, value in more.items() if value}
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False).encode()


def read_preset(name: str, content: bytes) -> Preset:
    """A preset of the bytes of its file.

    Raises
    ------
    ValueError
        When they are none; its text says why.
    """
    try:
        found = json.loads(content)
        if found["format"] not in (1, FORMAT):
            raise ValueError(f"format {found['format']!r}, this version reads formats 1 and {FORMAT}")
        values = dict(found["values"])
        if not all(isinstance(key, str) and _plain(value) for key, value in values.items()):
            raise ValueError("a value is neither a number nor a word")
        weights = tuple(map(float, found.get("chroma weights", ())))
        if weights and not (
            len(weights) == CLASSES and all(0.0 <= weight <= 1.0 for weight in weights) and any(weights)
        ):
            raise ValueError(f"its chroma weights are not {CLASSES} numbers 0–1")
        model, latents = str(found["model"]), int(found["latents"])
        whole = _ALWAYS_THERE in values if found["format"] == 1 else found.get("whole", False) is True
        return Preset(
            name,
            _RENAMED.get((model, latents), model),
            latents,
            values,
            weights,
            _macros(found.get("macros", {})) if whole or "macros" in found else (),
            whole=whole,
            author=_text(found.get("author", "")),
            comment=_text(found.get("comment", "")),
            kinds=tuple(map(_text, found.get("kinds", ()))),
        )
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError, ValueError) as error:
        if type(error) is ValueError:
            raise
        raise ValueError(f"cannot be read ({type(error).__name__}: {error})") from None


def _macros(found: Mapping[str, Any]) -> tuple[Macro, ...]:
    """The macros of a file, which names those that are not at their default by their numbers."""
    macros = list(DEFAULT_MACROS)
    for number, macro in found.items():
        bindings = []
        for name, start, end in macro.get("bind", ()):
            if not (isinstance(name, str) and _plain(start) and _plain(end)):
                raise ValueError(f"macro {number} is not bound by an address and two values")
            bindings.append(MacroBinding(name, start, end))
        if int(number) not in range(1, MACROS + 1):
            raise ValueError(f"there is a macro {number}, allowed are 1–{MACROS}")
        macros[int(number) - 1] = Macro(_text(macro.get("name", "")), tuple(bindings))
    return tuple(macros)


def _text(value: object) -> str:
    """A text on one line; anything else is a `ValueError`."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return " ".join(value.split())


def _plain(value: object) -> bool:
    return isinstance(value, (bool, str)) or (isinstance(value, (int, float)) and math.isfinite(value))
