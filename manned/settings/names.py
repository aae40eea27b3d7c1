"""Names of settings: the row of ``section.key``, the nearest known name, and the environment's variables."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache

from ..errors import ConfigError
from ..limits import MAX_LATENTS
from ..table.parameters import parameter_table
from .sections import SECTIONS
from .setting import Binding, PortRole, Row, Setting, StartValue

START = "start."
BINDING = "midi.cc."
CONTROLLER = "midi.controllers."
LATENTS_SUGGESTED = 8
"""Latents whose names are suggested for a name that is not known."""


@cache
def settings() -> dict[str, Setting]:
    """Every key of the sections by its name, ``section.key``."""
    return {
        f"{section}.{key.name}": key.metadata["setting"] for section, keys in SECTIONS.items() for key in fields(keys)
    }


@cache
def _start_values(latents: int) -> dict[str, StartValue]:
    return {START + name: StartValue(row) for name, row in parameter_table(latents).items()}


def find(name: str) -> Row:
    """The row that a name stands for.

    Raises
    ------
    ConfigError
        When there is none; it tells the nearest known name.
    """
    if name.startswith(BINDING):
        return Binding(name.removeprefix(BINDING))
    if name.startswith(CONTROLLER):
        return PortRole()
    row = settings().get(name) or _start_values(MAX_LATENTS).get(name)
    if row is None:
        known = [*settings(), *_start_values(LATENTS_SUGGESTED)]
        nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0]
        raise ConfigError(f"unknown key {name}, the nearest known one is {nearest}")
    return row


def in_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """``(variable, name, text)`` of every variable that names one of our sections, e.g. ``MANNED_OSC_PORT``."""
    names = {_variable(name): name for name in (*settings(), *_start_values(MAX_LATENTS))}
    for variable, text in environment.items():
        prefix, _, rest = variable.partition("_")
        section, _, key = rest.lower().partition("_")
        if prefix == "MANNED" and f"{section}." in (*(f"{known}." for known in SECTIONS), START):
            name = f"{section}.{key}"
            if name.startswith("midi.cc_"):
                name = BINDING + key.removeprefix("cc_")
            yield variable, names.get(variable, name), text


def _variable(name: str) -> str:
    return "MANNED_" + name.upper().replace(".", "_").replace("/", "_")
