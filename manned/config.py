"""Settings of the daemon: one table, read from TOML files, the environment and the command line.

Later sources win: built-in defaults, ``/etc/manned/manned.toml``,
``$XDG_CONFIG_HOME/manned/manned.toml``, the file of ``--config``, environment
variables ``MANNED_SECTION_KEY`` and ``--set section.key=value``.  A key that is
not in the table, or a value outside its range, is a `ConfigError`.

``python -m manned.config`` prints the commented file of all defaults.
"""

from __future__ import annotations

import difflib
import json
import math
import os
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

from .control.midi.bindings import DEFAULT_BINDINGS, check_target, parse_controller
from .errors import ConfigError, ParameterError
from .parameters import LATENT, MAX_LATENTS, PARAMETERS, parameter_table

SYSTEM_FILE = Path("/etc/manned/manned.toml")
SHIPPED_MODEL = "manned-gm"


def _setting(default, description: str, kind=None, minimum=None, maximum=None, unit="", choices=(), zero=""):
    """One row of the table.

    ``kind`` is the type of the value, or of a list's items; ``choices`` are the
    words allowed (beside the numbers, where there is a range); ``zero`` says
    what a number of 0, outside the range, means.
    """
    facts = {
        "description": description,
        "kind": kind or type(default),
        "minimum": minimum,
        "maximum": maximum,
        "unit": unit,
        "choices": choices,
        "zero": zero,
    }
    if isinstance(default, (list, dict)):
        return field(default_factory=default.copy, metadata=facts)
    return field(default=default, metadata=facts)


@dataclass(frozen=True)
class AudioSettings:
    """Where sound goes."""

    device: str = _setting(
        "",
        "Output device: a name as 'manned devices' lists it, a part of one, or its number. Empty takes JACK when a "
        'server runs, else the default output; "none" plays into silence.',
    )
    samplerate: int = _setting(
        0, "Sample rate.", minimum=8000, maximum=192000, unit="Hz", zero="the device's own"
    )
    blocksize: int = _setting(0, "Frames per block.", minimum=16, maximum=8192, zero="the device's own")
    channels: int = _setting(2, "Output channels; all carry the same sound.", minimum=1, maximum=64)
    latency: str = _setting(
        "low",
        "Latency asked of the device.",
        kind=float,
        minimum=0.001,
        maximum=2.0,
        unit="s",
        choices=("low", "high"),
    )
    record: str = _setting(
        "", "Sound file that gets what is heard: .wav (float), .w64 (float, beyond 4 GiB), .flac or .ogg."
    )


@dataclass(frozen=True)
class OscSettings:
    """Control by Open Sound Control."""

    enabled: bool = _setting(True, "Listen for OSC.")
    host: str = _setting("127.0.0.1", "Address to listen on; 0.0.0.0 opens it to the network.")
    port: int = _setting(57130, "UDP port.", minimum=1, maximum=65535)


@dataclass(frozen=True)
class MidiSettings:
    """Control by MIDI."""

    api: str = _setting(
        "auto", "MIDI system; auto takes ALSA where it is there, else JACK.", choices=("auto", "alsa", "jack", "none")
    )
    ports: list[str] = _setting(["*"], "Patterns of the port names to play from; * is any text.", kind=str)
    channels: list[int] = _setting([], "Channels to listen to; empty is all.", kind=int, minimum=1, maximum=16)
    virtual_port: bool = _setting(True, "Offer an input port of our own that other programs connect to.")
    cc: dict[str, str] = _setting(
        DEFAULT_BINDINGS,
        'Controller to parameter, e.g. 74 = "latent/1", or on MIDI channel 10 alone "10:74" = "latent/1". An empty name '
        "unbinds.",
        kind=str,
    )


@dataclass(frozen=True)
class ModelSettings:
    """What is played."""

    name: str = _setting(SHIPPED_MODEL, "Decoder to start with: a name as 'manned models' lists it, or a file.")
    folders: list[str] = _setting(
        ["~/.local/share/manned/decoders", "/var/lib/manned/decoders"],
        "Folders of decoders, looked through in this order; the shipped ones come last.",
        kind=str,
    )


@dataclass(frozen=True)
class LogSettings:
    """What the program says about itself."""

    level: str = _setting("info", "Least important messages shown.", choices=("debug", "info", "warning", "error"))


_SECTIONS = {
    "audio": AudioSettings,
    "osc": OscSettings,
    "midi": MidiSettings,
    "model": ModelSettings,
    "log": LogSettings,
}


@dataclass(frozen=True)
class Config:
    """All settings, checked.

    Attributes
    ----------
    audio, osc, midi, model, log : dataclass
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
    start: dict[str, float | int | bool | str] = field(default_factory=dict)
    log: LogSettings = field(default_factory=LogSettings)
    files: tuple[Path, ...] = field(default=(), compare=False)
    config_file: Path | None = field(default=None, compare=False)
    overrides: tuple[str, ...] = field(default=(), compare=False)

    def reload(self) -> Config:
        """Read the same sources again.  Raises `ConfigError` as `load_config` does."""
        return load_config(self.config_file, self.overrides)

    @property
    def model_folders(self) -> list[Path]:
        """Folders of decoders with ``~`` resolved."""
        return [Path(os.path.expanduser(folder)) for folder in self.model.folders]


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
    paths = [path for path in (SYSTEM_FILE, Path(home) / "manned" / "manned.toml") if path.is_file()]
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
    for section, settings in _SECTIONS.items():
        given = {key: value for (where, key), value in values.items() if where == section}
        if section == "midi":
            bound = {key[3:]: given.pop(key) for key in [*given] if key.startswith("cc.")}
            given["cc"] = {number: name for number, name in {**DEFAULT_BINDINGS, **bound}.items() if name}
        sections[section] = settings(**given)
    return Config(
        **sections,
        start={key: value for (section, key), value in values.items() if section == "start"},
        files=tuple(paths),
        config_file=Path(config_file) if config_file is not None else None,
        overrides=tuple(overrides),
    )


def _read(path: Path) -> dict:
    try:
        with open(path, "rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise ConfigError(f"config {path}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"config {path}: not valid TOML ({error})") from None


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
    for row in fields(_SECTIONS[section]) if section in _SECTIONS else ():
        if row.name == key:
            return row
    return None


def _known_names() -> list[str]:
    names = [f"{section}.{row.name}" for section, settings in _SECTIONS.items() for row in fields(settings)]
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
    return ConfigError(f"config {where}: {name} is {_literal(value)}, allowed is {allowed}")


def _check(where: str, name: str, row, value):
    facts = row.metadata
    if name == "audio.device" and type(value) is int:
        value = str(value)
    many = isinstance(_default(row), list)
    items = value if many and isinstance(value, list) else [value]
    if (many and not isinstance(value, list)) or not all(_fits(facts, item) for item in items):
        raise _refused(where, name, value, _allowed(row))
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
        raise _refused(where, name, value, _parameter_range(row)) from None
    if not isinstance(value, (str, bool)) and not row.minimum <= value <= row.maximum:
        raise _refused(where, name, value, _parameter_range(row))
    return checked


def _check_binding(where: str, name: str, value):
    number = name.removeprefix("midi.cc.")
    try:
        parse_controller(number)
        return value if value == "" else check_target(number, value)
    except ConfigError as error:
        raise ConfigError(f"config {where}: {error}") from None


def _environment_names(environment):
    """``(variable, section.key, text)`` of every variable that names one of our sections."""
    keys = {_variable(name): name for name in _known_names()}
    keys |= {_variable(f"start.{name}"): f"start.{name}" for name in parameter_table(MAX_LATENTS)}
    for variable, text in environment.items():
        section = variable.removeprefix("MANNED_").partition("_")[0].lower()
        if variable.startswith("MANNED_") and section in (*_SECTIONS, "start"):
            key = variable.removeprefix("MANNED_")[len(section) + 1 :].lower()
            if section == "midi" and key.startswith("cc_"):
                key = "cc." + key[3:]
            yield variable, keys.get(variable, f"{section}.{key}"), text


def _variable(name: str) -> str:
    return "MANNED_" + name.upper().replace(".", "_").replace("/", "_")


def _parse(name: str, text: str):
    """The value that a text from the environment or the command line stands for, as in a TOML file."""
    row = _row(name)
    many = name.partition(".")[0] in _SECTIONS and row is not None and isinstance(_default(row), list)
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    if many and not isinstance(value, list):
        value = [_parse("", item.strip()) for item in text.split(",") if item.strip()]
    if not many and _is_text(name, row):
        value = value if isinstance(value, str) else text
    return value


def _is_text(name: str, row) -> bool:
    """Whether the key holds free text, which ``true`` and ``7`` are too."""
    return name.partition(".")[0] in _SECTIONS and row is not None and row.metadata["kind"] is str


def _default(row):
    return row.default if row.default is not MISSING else row.default_factory()


def _allowed(row) -> str:
    facts = row.metadata
    words = [_literal(choice) for choice in facts["choices"]]
    if facts["minimum"] is not None:
        number = "a whole number " if facts["kind"] is int else "a number "
        unit = f" {facts['unit']}" if facts["unit"] else ""
        words.append(f"{number}{facts['minimum']:g}–{facts['maximum']:g}{unit}")
        if facts["zero"]:
            words.append(f"0 ({facts['zero']})")
    elif not words:
        words.append({bool: "true or false", str: "a text"}[facts["kind"]])
    text = " or ".join(words)
    return f"a list of {text}" if isinstance(_default(row), list) else text


def _parameter_range(row) -> str:
    return "true or false" if row.kind == "bool" else row.range_text()


def _literal(value) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def default_file() -> str:
    """The text of ``configs/manned.toml``: every setting with its meaning, range and default, commented out."""
    lines = [
        "# Settings of manned. Every line here is a default: uncomment what you change.",
        "# Read in this order, later ones win: /etc/manned/manned.toml, ~/.config/manned/manned.toml,",
        "# the file of --config, environment variables such as MANNED_OSC_PORT, and --set osc.port=57131.",
    ]
    for section, settings in _SECTIONS.items():
        if section == "log":
            lines += _start_lines()
        lines += ["", f"# {settings.__doc__}", f"[{section}]"]
        for row in fields(settings):
            if row.name == "cc":
                lines += ["", f"# {row.metadata['description']}", "[midi.cc]"]
                lines += [f"#{number} = {_literal(name)}" for number, name in DEFAULT_BINDINGS.items()]
            else:
                allowed = "" if row.metadata["kind"] in (str, bool) and not row.metadata["choices"] else _allowed(row)
                lines += ["", f"# {row.metadata['description']}", *([f"# Allowed: {allowed}."] if allowed else [])]
                lines.append(f"#{row.name} = {_literal(_default(row))}")
    return "\n".join(lines) + "\n"


def _start_lines() -> list[str]:
    lines = ["", "# Parameter values at start.", "[start]"]
    for row in (LATENT, *PARAMETERS):
        name = row.name.replace("{i}", "1")
        lines += ["", f"# {row.description}", f"# Allowed: {_parameter_range(row)}."]
        lines.append(f"#{json.dumps(name) if '/' in name else name} = {_literal(row.default)}")
    return lines


if __name__ == "__main__":
    print(default_file(), end="")
