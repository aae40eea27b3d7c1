"""All settings together: read from their sources, checked, and given to an instrument.

Later sources win: built-in defaults, ``/etc/manned/manned.toml``,
``$XDG_CONFIG_HOME/manned/manned.toml``, the file of ``--config``, environment
variables ``MANNED_SECTION_KEY`` and ``--set section.key=value``.  A key that is
not in the table of `manned.settings`, or a value outside its range, is a
`ConfigError`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import ConfigError, ParameterError
from .library import SHIPPED_PRESETS, Library
from .settings import (
    SECTIONS,
    AudioSettings,
    LogSettings,
    MidiSettings,
    ModelSettings,
    OscSettings,
    StateSettings,
    TuningSettings,
    WebSettings,
)
from .settings.folders import resolve, user_state_folder
from .settings.names import BINDING, CONTROLLER, START
from .settings.sources import read_all, settings_files
from .state.preset_folder import PresetFolder
from .table.bindings import DEFAULT_BINDINGS

if TYPE_CHECKING:
    from .instrument import Instrument  # it loads the engine, which most commands do without

A4 = "tuning/a4"
GESTURES = "gestures"
"""Name of the folder of gestures in the state folder."""


@dataclass(frozen=True)
class Config:
    """All settings, checked.

    Attributes
    ----------
    audio, osc, web, midi, model, tuning, state, log : dataclass
        One attribute per key of the section.
    start : dict
        Parameter values at start, by parameter name.
    files : tuple of path
        The files that were read, in order.
    """

    audio: AudioSettings = field(default_factory=AudioSettings)
    osc: OscSettings = field(default_factory=OscSettings)
    web: WebSettings = field(default_factory=WebSettings)
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

    @property
    def library(self) -> Library:
        """Where names of decoders, scales, keyboard mappings and gestures are looked up."""
        state = self._state_folder()
        gestures = () if state is None else (state / GESTURES,)
        return Library(_resolved(self.model.folders), _resolved(self.tuning.folders), gestures)

    @property
    def controller_folders(self) -> tuple[Path, ...]:
        """Folders of the user's templates of controllers."""
        return _resolved(self.midi.folders)

    @property
    def preset_folder(self) -> Path:
        """Folder of the user's own presets.

        Raises
        ------
        ConfigError
            When it would lie in the home of a user who has none.
        """
        return self._kept("presets")

    @property
    def state_folder(self) -> Path:
        """Folder of all that is kept; raises `ConfigError` as `preset_folder` does."""
        return self.preset_folder.parent

    @property
    def recording_folder(self) -> Path:
        """Folder of the recordings that controllers ask for; raises `ConfigError` as `preset_folder` does."""
        named = resolve(self.audio.recordings, os.environ) if self.audio.recordings else None
        return named or self._kept("recordings")

    @property
    def gesture_folder(self) -> Path:
        """Folder of the user's gestures; raises `ConfigError` as `preset_folder` does."""
        return self._kept(GESTURES)

    def _kept(self, what: str) -> Path:
        folder = self._state_folder()
        if folder is None:
            named = self._state_name()
            where = f"state.folder is {named}" if named else "state.folder is empty"
            raise ConfigError(f"config: {where}, and this user has no home: set HOME or state.folder to a folder")
        return folder / what

    def _state_folder(self) -> Path | None:
        named = self._state_name()
        return resolve(named, os.environ) if named else user_state_folder(os.environ)

    def _state_name(self) -> str:
        return self.state.folder or os.environ.get("STATE_DIRECTORY", "").partition(":")[0]

    def gives(self, name: str) -> bool:
        """Whether a setting, e.g. ``model.name``, is given on the command line."""
        return any(override.partition("=")[0].strip() == name for override in self.overrides)

    @property
    def factory_folder(self) -> Path | None:
        """Folder of the presets that come with the program; None when they are not offered."""
        return SHIPPED_PRESETS if self.state.factory else None


def _resolved(folders: Iterable[str]) -> tuple[Path, ...]:
    """Folders with ``~`` and ``$XDG_DATA_HOME`` resolved; those in a home that is not there are left out."""
    found = (resolve(folder, os.environ) for folder in folders)
    return tuple(folder for folder in found if folder is not None)


def load_config(
    config_file: str | os.PathLike[str] | None = None,
    overrides: Iterable[str] = (),
    environment: Mapping[str, str] | None = None,
) -> Config:
    """Read the settings from all their sources.

    Parameters
    ----------
    config_file : str or path, optional
        A file on top of the system's and the user's; it must exist.
    overrides : iterable of str
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
    config_file = None if config_file is None else Path(config_file)
    overrides = tuple(overrides)
    paths = settings_files(config_file, environment)
    values = read_all(paths, environment, overrides)
    bindings = DEFAULT_BINDINGS | _under(BINDING, values)
    sections: dict[str, Any] = {}
    for section, settings in SECTIONS.items():
        keys = {key.name for key in fields(settings)}
        given = {key: value for key, value in _under(f"{section}.", values).items() if key in keys}
        tables = {"cc": bindings, "controllers": _under(CONTROLLER, values)} if section == "midi" else {}
        sections[section] = settings(**given, **tables)
    return Config(
        **sections,
        start=_under(START, values),
        files=tuple(paths),
        config_file=config_file,
        overrides=overrides,
    )


def _under(prefix: str, values: dict[str, Any]) -> dict[str, Any]:
    """The values whose names have a prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}


def with_model_of(config: Config, preset: str) -> Config:
    """The settings with the model that a preset was made on, if there is one of that name.

    Raises
    ------
    PresetError
        When there is no such preset.
    """
    made_on = PresetFolder(config.preset_folder, config.factory_folder).read(preset).model
    if made_on not in config.library.decoders():
        return config
    return replace(config, model=replace(config.model, name=made_on))


def set_start_values(instrument: Instrument, config: Config) -> None:
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
