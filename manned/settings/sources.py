"""Where settings come from: TOML files, the environment and the command line; later ones win."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .. import files
from ..errors import ConfigError
from . import names
from .folders import user_config_folder

SYSTEM_FILE = Path("/etc/manned/manned.toml")


def settings_files(config_file: Path | None, environment: Mapping[str, str]) -> list[Path]:
    """The files to read, in order: those of the system and of the user that are there, and the one asked for."""
    folder = user_config_folder(environment)
    usual = [SYSTEM_FILE] if folder is None else [SYSTEM_FILE, folder / "manned.toml"]
    found = [path for path in usual if files.is_file(path)]
    return found if config_file is None else [*found, config_file]


def read_all(paths: Iterable[Path], environment: Mapping[str, str], overrides: Iterable[str]) -> dict[str, Any]:
    """The checked values of all sources by their names.

    Parameters
    ----------
    paths : iterable of Path
    environment : mapping
    overrides : iterable of str
        ``section.key=value`` texts of the command line.

    Raises
    ------
    ConfigError
        For files that are missing or not TOML, unknown keys and values that are
        not allowed; it tells the source.
    """
    values: dict[str, Any] = {}
    for path in paths:
        for name, value in _in_file(path):
            _store(values, files.shown(path), name, value)
    for variable, name, text in names.in_environment(environment):
        _store_text(values, f"environment variable {variable}", name, text)
    for override in overrides:
        name, separator, text = override.partition("=")
        if not separator:
            raise ConfigError(f"--set {override}: allowed is section.key=value")
        _store_text(values, "--set", name.strip(), text.strip())
    return values


def _in_file(path: Path) -> Iterator[tuple[str, object]]:
    """The names and values of a file; tables in a table (midi.cc) likewise."""
    try:
        tables = files.read_toml(path)
    except OSError as error:
        raise ConfigError(f"config {files.shown(path)}: cannot be read ({error.strerror})") from None
    for section, table in tables.items():
        if not isinstance(table, dict):
            yield section, table
            continue
        for key, value in table.items():
            if isinstance(value, dict):
                yield from ((f"{section}.{key}.{inner}", item) for inner, item in value.items())
            else:
                yield f"{section}.{key}", value


def _store(values: dict[str, Any], source: str, name: str, value: object) -> None:
    try:
        values[name] = names.find(name).check(name, value)
    except ConfigError as error:
        raise ConfigError(f"config {source}: {error}") from None


def _store_text(values: dict[str, Any], source: str, name: str, text: str) -> None:
    try:
        row = names.find(name)
        values[name] = row.check(name, row.parse(text))
    except ConfigError as error:
        raise ConfigError(f"config {source}: {error}") from None
