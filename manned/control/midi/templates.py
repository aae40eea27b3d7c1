"""Templates of controllers: TOML files that say what the knobs, faders and buttons of a device do.

``configs/controllers`` holds those that come with the program.  A port finds its
template by its name.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ... import files
from ...errors import ConfigError
from ...table.bindings import TAKEOVERS, Bindings

SHIPPED = Path(__file__).parents[2] / "controllers"
"""Folder of the templates that come with the program."""

KEYBOARD, SURFACE = "keyboard", "surface"
ROLES = (KEYBOARD, SURFACE)
SUFFIX = ".toml"
LARGEST_TEMPLATE = 65_536
_KEYS = {"device", "source", "ports", "role", "takeover", "feedback", "lit", "dark", "cc"}


@dataclass(frozen=True)
class Template:
    """What a port is, and what its controllers move.

    Attributes
    ----------
    name : str
        Of its file; empty for a port without a template.
    device, source : str
        For people: what it is for, and which public document its numbers are from.
    ports : tuple of str
        Patterns of the names of its ports.
    role : {'keyboard', 'surface'}
        Whether controllers have the meanings of the MIDI standard, or are plain controls.
    takeover : str
        One of `TAKEOVERS`; empty is pickup for surfaces and jump for keyboards.
    feedback : bool
        Whether the device shows what it is sent: by rings, motor faders or lamps.
    lit, dark : int
        Velocity of a key's lamp that is on, and off.
    bindings : Bindings
    """

    name: str = ""
    device: str = ""
    source: str = ""
    ports: tuple[str, ...] = ()
    role: str = KEYBOARD
    takeover: str = ""
    feedback: bool = False
    lit: int = 127
    dark: int = 0
    bindings: Bindings = field(default_factory=lambda: Bindings({}))


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether a pattern fits the name of a port: ``*`` and ``?`` as in files, otherwise a part of the name."""
    name = name.lower()
    for pattern in (pattern.lower().replace("[", "[[]") for pattern in patterns):
        if fnmatch.fnmatchcase(name, pattern if "*" in pattern or "?" in pattern else f"*{pattern}*"):
            return True
    return False


class Templates:
    """All templates, and which one a port has.

    Parameters
    ----------
    folders : sequence of Path
        Of the user's templates, which come before the shipped ones.
    chosen : mapping of str to str
        Pattern of a port's name to a template's name or a role, before the patterns of the templates.

    Raises
    ------
    ConfigError
        For a template that does not exist or cannot be read.
    """

    def __init__(self, folders: Sequence[Path] = (), chosen: Mapping[str, str] | None = None):
        self._templates: dict[str, Template] = {}
        for folder in (*folders, SHIPPED):
            for path in files.entries(folder):
                if files.has_suffix(path, SUFFIX):
                    self._templates.setdefault(files.stem(path, SUFFIX), read(path))
        self._chosen = dict(chosen or {})
        for pattern, word in self._chosen.items():
            if word not in ROLES and word not in self._templates:
                known = ", ".join((*ROLES, *sorted(self._templates)))
                raise ConfigError(f"midi.controllers: {pattern!r} is {word!r}, allowed are {known}")

    def names(self) -> list[str]:
        """Names of all templates."""
        return sorted(self._templates)

    def get(self, name: str) -> Template:
        """The template of a name."""
        return self._templates[name]

    def find(self, port: str) -> Template:
        """The template of a port, by the longest pattern that fits; an empty one when there is none for it."""
        for pattern, word in self._chosen.items():
            if matches(port, (pattern,)):
                return self._templates.get(word) or Template(role=word)
        fitting = [
            (len(pattern), template)
            for template in self._templates.values()
            for pattern in template.ports
            if matches(port, (pattern,))
        ]
        return max(fitting, key=lambda pair: pair[0])[1] if fitting else Template()


def read(path: Path) -> Template:
    """Read a template; raises `ConfigError` with the file, what was found and what is allowed."""
    where = f"controller {files.shown(path)}"
    try:
        table = files.read_toml(path, LARGEST_TEMPLATE)
    except OSError as error:
        raise ConfigError(f"{where}: cannot be read ({error.strerror})") from None
    unknown = sorted(table.keys() - _KEYS)
    if unknown:
        raise ConfigError(f"{where}: unknown key {unknown[0]}, allowed are {', '.join(sorted(_KEYS))}")
    role = _word(where, table, "role", ROLES, KEYBOARD)
    takeover = _word(where, table, "takeover", ("", *TAKEOVERS), "")
    ports = table.get("ports", [])
    if not isinstance(ports, list) or not all(isinstance(port, str) for port in ports):
        raise ConfigError(f"{where}: ports is {ports!r}, allowed is a list of texts")
    cc = table.get("cc", {})
    if not isinstance(cc, dict):
        raise ConfigError(f"{where}: cc is {cc!r}, allowed is a table: [cc]")
    try:
        bindings = Bindings(cc)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None
    return Template(
        files.stem(path, SUFFIX),
        str(table.get("device", "")),
        str(table.get("source", "")),
        tuple(ports),
        role,
        takeover,
        bool(table.get("feedback", False)),
        _velocity(where, table, "lit", 127),
        _velocity(where, table, "dark", 0),
        bindings,
    )


def _word(where: str, table: dict[str, Any], key: str, allowed: tuple[str, ...], otherwise: str) -> str:
    word = table.get(key, otherwise)
    if word not in allowed:
        raise ConfigError(f"{where}: {key} is {word!r}, allowed are {', '.join(filter(None, allowed))}")
    return word


def _velocity(where: str, table: dict[str, Any], key: str, otherwise: int) -> int:
    value = table.get(key, otherwise)
    if type(value) is not int or not 0 <= value <= 127:
        raise ConfigError(f"{where}: {key} is {value!r}, allowed is a whole number 0–127")
    return value
