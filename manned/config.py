"""Reads the settings: from TOML files, the environment and the command line.

Later sources win: built-in defaults, ``/etc/manned/manned.toml``,
``$XDG_CONFIG_HOME/manned/manned.toml``, the file of ``--config``, environment
variables ``MANNED_SECTION_KEY`` and ``--set section.key=value``.  A key that is
not in the table of `manned.settings`, or a value outside its range, is a
`ConfigError`.
"""

from __future__ import annotations

import difflib
import math
import os
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from . import files
from .control.midi.bindings import DEFAULT_BINDINGS, check_target, parse_controller
from .errors import ConfigError, ParameterError
from .library import Library
from .limits import MAX_LATENTS
from .settings import (
    SECTIONS,
    AudioSettings,
    LogSettings,
    MidiSettings,
    ModelSettings,
    OscSettings,
    StateSettings,
    TuningSettings,
    allowed_text,
    default_value,
    literal,
)
from .table.parameters import parameter_table

SYSTEM_FILE = Path("/etc/manned/manned.toml")
A4 = "tuning/a4"


@dataclass(frozen=True)
class Config:
    """All settings, checked.

    Attributes
    ----------
    audio, osc, midi, model, tuning, state, log : dataclass
        One attribute per key of the section.
    start : dict
        Parameter values at start, by parameter name.
    files : tuple of path
        The files that were read, in order.
    """

    audio: AudioSettings = field(default_factory=AudioSettings)
    osc: OscSettings = field(default_factory=OscSettings)
    midi: MidiSettings = field(default_factory=MidiSettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    state: StateSettings = field(default_factory=StateSettings)
    tuning: TuningSettings = field(default_factory=TuningSettings)
    start: dict[str, float | int | bool | str] = field(default_factory=dict)
    log: LogSettings = field(default_factory=LogSettings)
    files: tuple[Path, ...] = field(default=(), compare=False)
    config_file: Path | None = field(default=None, compare=False)
    overrides: tuple[str, ...] = field(default=(), compare=False)

    def reload(self) -> Config:
        """Read the same sources again.  Raises `ConfigError` as `load_config` does."""
        return load_config(self.config_file, self.overrides)

    def with_changes(self, other: Config) -> Config:
        """These settings, with what of others can be taken over while playing: MIDI, the tuning, the log."""
        start = {name: value for name, value in self.start.items() if name != A4}
        if A4 in other.start:
            start[A4] = other.start[A4]
        return replace(self, midi=other.midi, tuning=other.tuning, log=other.log, start=start)

    @property
    def library(self) -> Library:
        """Where names of decoders, scales and keyboard mappings are looked up."""
        return Library(_expanded(self.model.folders), _expanded(self.tuning.folders))

    @property
    def preset_folder(self) -> Path:
        """Folder of the presets, with ``~`` resolved."""
        folder = self.state.folder or os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
        if not folder:
            folder = os.path.join(os.environ.get("XDG_STATE_HOME") or "~/.local/state", "manned")
        return Path(os.path.expanduser(folder)) / "presets"


def _expanded(folders: list[str]) -> tuple[Path, ...]:
    """Folders with ``~`` resolved."""
    return tuple(Path(os.path.expanduser(folder)) for folder in folders)


def load_config(config_file=None, overrides=(), environment=None) -> Config:
    """Read the settings from all their sources.

    Parameters
    ----------
    config_file : str or path, optional
        A file on top of the system's and the user's; it must exist.
    overrides : sequence of str
        ``section.key=value`` texts, which win over everything.
    environment : mapping, optional
        Default ``os.environ``.

    Raises
    ------
    ConfigError
        For files that are missing or not TOML, unknown keys (the nearest known
        one is named) and values that are not allowed.
    """
    environment = os.environ if environment is None else environment
    home = environment.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    paths = [path for path in (SYSTEM_FILE, Path(home) / "manned" / "manned.toml") if files.is_file(path)]
    if config_file is not None:
        paths.append(Path(config_file))
    values = {}
    for path in paths:
        for name, value in _flatten(path, _read(path)):
            _store(values, str(path), name, value)
    for variable, name, text in _environment_names(environment):
        _store(values, f"environment variable {variable}", name, _parse(name, text))
    for text in overrides:
        name, separator, value = text.partition("=")
        if not separator:
            raise ConfigError(f"--set {text}: allowed is section.key=value")
        _store(values, "--set", name.strip(), _parse(name.strip(), value.strip()))
    sections = {}
    for section, settings in SECTIONS.items():
        given = {key: value for (where, key), value in values.items() if where == section}
        if section == "midi":
            bound = {key[3:]: given.pop(key) for key in [*given] if key.startswith("cc.")}
            given["cc"] = {**DEFAULT_BINDINGS, **bound}
        sections[section] = settings(**given)
    return Config(
        **sections,
        start={key: value for (section, key), value in values.items() if section == "start"},
        files=tuple(paths),
        config_file=Path(config_file) if config_file is not None else None,
        overrides=tuple(overrides),
    )


def set_start_values(instrument, config: Config) -> None:
    """Give an instrument its tuning and its values at start, in one audio block.

    Raises
    ------
    ConfigError
        For a latent that the instrument's model has not.
    TuningError
        For a scale or a keyboard mapping that is missing or cannot be read.
    """
    with instrument.together():
        instrument.tune(config.tuning.scale, config.tuning.keyboard)
        for name, value in config.start.items():
            try:
                instrument.set(name, value)
            except ParameterError:
                model = f"model {instrument.decoder.name} has {instrument.latents} latents"
                raise ConfigError(f"config: start.{name}: {model}") from None


def _read(path: Path) -> dict:
    try:
        return files.read_toml(path)
    except OSError as error:
        raise ConfigError(f"config {files.shown(path)}: cannot be read ({error.strerror})") from None


def _flatten(path: Path, tables: dict):
    """The ``section.key`` names and values of a file; tables in a table (midi.cc) likewise."""
    for section, table in tables.items():
        if not isinstance(table, dict):
            raise _unknown(str(path), section)
        for key, value in table.items():
            if isinstance(value, dict):
                yield from ((f"{section}.{key}.{inner}", item) for inner, item in value.items())
            else:
                yield f"{section}.{key}", value


def _row(name: str):
    """The settings field or the parameter that ``section.key`` names; None when there is none."""
    section, _, key = name.partition(".")
    if section == "start":
        return parameter_table(MAX_LATENTS).get(key)
    if section == "midi" and key.startswith("cc."):
        key = "cc"
    for row in fields(SECTIONS[section]) if section in SECTIONS else ():
        if row.name == key:
            return row
    return None


def _known_names() -> list[str]:
    names = [f"{section}.{row.name}" for section, settings in SECTIONS.items() for row in fields(settings)]
    return names + [f"start.{name}" for name in parameter_table(8)]


def _unknown(where: str, name: str) -> ConfigError:
    nearest = difflib.get_close_matches(name, _known_names(), n=1, cutoff=0.0)[0]
    return ConfigError(f"config {where}: unknown key {name}, the nearest known one is {nearest}")


def _store(values: dict, where: str, name: str, value) -> None:
    row = _row(name)
    if row is None:
        raise _unknown(where, name)
    section, _, key = name.partition(".")
    if section == "start":
        values[section, key] = _check_parameter(where, name, row, value)
    elif key.startswith("cc."):
        values[section, key] = _check_binding(where, name, value)
    elif key == "cc":
        raise _refused(where, name, value, "a table: [midi.cc]")
    else:
        values[section, key] = _check(where, name, row, value)


def _refused(where: str, name: str, value, allowed: str) -> ConfigError:
    return ConfigError(f"config {where}: {name} is {literal(value)}, allowed is {allowed}")


def _check(where: str, name: str, row, value):
    facts = row.metadata
    if name == "audio.device" and type(value) is int:
        value = str(value)
    many = isinstance(default_value(row), list)
    items = value if many and isinstance(value, list) else [value]
    if (many and not isinstance(value, list)) or not all(_fits(facts, item) for item in items):
        raise _refused(where, name, value, allowed_text(row))
    return value


def _fits(facts, value) -> bool:
    if isinstance(value, str):
        return value in facts["choices"] if facts["choices"] else facts["kind"] is str
    if facts["kind"] is bool:
        return isinstance(value, bool)
    if facts["kind"] is str or isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    if facts["kind"] is int and not isinstance(value, int):
        return False
    if facts["zero"] and value == 0:
        return True
    return math.isfinite(value) and facts["minimum"] <= value <= facts["maximum"]


def _check_parameter(where: str, name: str, row, value):
    """A start value; controllers are clamped to the range, a file is told."""
    try:
        checked = row.check(value)
    except ParameterError:
        raise _refused(where, name, value, row.setting_text()) from None
    is_number = row.kind != "choice" and not isinstance(value, (str, bool))
    if is_number and not row.minimum <= value <= row.maximum:
        raise _refused(where, name, value, row.setting_text())
    return checked


def _check_binding(where: str, name: str, value):
    number = name.removeprefix("midi.cc.")
    try:
        parse_controller(number)
        return check_target(number, value)
    except ConfigError as error:
        raise ConfigError(f"config {where}: {error}") from None


def _environment_names(environment):
    """``(variable, section.key, text)`` of every variable that names one of our sections."""
    keys = {_variable(name): name for name in _known_names()}
    keys |= {_variable(f"start.{name}"): f"start.{name}" for name in parameter_table(MAX_LATENTS)}
    for variable, text in environment.items():
        section = variable.removeprefix("MANNED_").partition("_")[0].lower()
        if variable.startswith("MANNED_") and section in (*SECTIONS, "start"):
            key = variable.removeprefix("MANNED_")[len(section) + 1 :].lower()
            if section == "midi" and key.startswith("cc_"):
                key = "cc." + key[3:]
            yield variable, keys.get(variable, f"{section}.{key}"), text


def _variable(name: str) -> str:
    return "MANNED_" + name.upper().replace(".", "_").replace("/", "_")


def _parse(name: str, text: str):
    """The value that a text from the environment or the command line stands for, as in a TOML file."""
    row = _row(name)
    many = name.partition(".")[0] in SECTIONS and row is not None and isinstance(default_value(row), list)
    try:
        value = files.parse_toml(f"value = {text}")["value"]
    except files.TomlError:
        value = text
    if many and not isinstance(value, list):
        value = [_parse("", item.strip()) for item in text.split(",") if item.strip()]
    if not many and _is_text(name, row):
        value = value if isinstance(value, str) else text
    return value


def _is_text(name: str, row) -> bool:
    """Whether the key holds free text, which ``true`` and ``7`` are too."""
    return name.partition(".")[0] in SECTIONS and row is not None and row.metadata["kind"] is str
