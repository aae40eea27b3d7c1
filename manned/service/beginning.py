"""What the instrument is set to when the program starts: as it was left, as the settings say, or a preset."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..config import Config, with_model_of
from ..errors import MannedError, StateError
from ..settings.names import START
from ..settings.sections import DEFAULT, LAST
from ..state import kept
from ..state.preset_folder import PresetFolder
from ..table.value import Value

if TYPE_CHECKING:
    from ..session import Session  # it loads the engine

log = logging.getLogger(__name__)

_MODEL, _SCALE, _KEYBOARD = "model.name", "tuning.scale", "tuning.keyboard"


@dataclass(frozen=True)
class Beginning:
    """How a run begins.

    Attributes
    ----------
    config : Config
        The settings, with the model that it begins with.
    preset : str, optional
        The preset that it begins with.
    last : Kept, optional
        How it was left.
    keeps : bool
        Whether this run is kept for the next one.
    remarks : tuple of str
        What could not be as it was left, a sentence each.
    """

    config: Config
    preset: str | None = None
    last: kept.Kept | None = None
    keeps: bool = False
    remarks: tuple[str, ...] = ()

    def set(self, session: Session) -> None:
        """Set a session that was opened with the settings and the preset as it was left; says what could not be."""
        remarks = list(self.remarks)
        if self.last is not None:
            with session.instrument.together():
                remarks += _set(session, self.config, self.last, self.preset is None)
        for remark in remarks:
            log.warning("state: %s", remark)
        session.instrument.history.clear()


def choose_beginning(config: Config, preset: str | None = None, scored: bool = False) -> Beginning:
    """How a run begins.  What was kept and cannot be had is no reason not to start.

    Parameters
    ----------
    config : Config
    preset : str, optional
        A preset that wins over ``state.start``.
    scored : bool
        Whether a score is played.  It begins as a render of it does, and leaves what was kept as it is.

    Raises
    ------
    PresetError
        When the preset of that name is missing or damaged; one of the settings is told of instead.
    """
    wanted, remarks, last = config.state.start, [], None
    keeps = wanted == LAST and not scored
    if preset is None and wanted not in (LAST, DEFAULT):
        try:
            PresetFolder(config.preset_folder, config.factory_folder).read(wanted)
            preset = wanted
        except MannedError as error:
            remarks.append(f"state.start: {error}")
    if preset is not None and not config.gives(_MODEL):
        config = with_model_of(config, preset)
    if keeps:
        try:
            last = kept.read(config.state_folder)
        except StateError as error:
            remarks.append(str(error).removeprefix("state "))
    if last is not None and preset is None and not _counts(_MODEL, config, last):
        config = _with_model(config, last)
    return Beginning(config, preset, last, keeps, tuple(remarks))


def settings_told(config: Config) -> dict[str, Value]:
    """What the settings say of all that is kept, by their names."""
    named = {_MODEL: config.model.name, _SCALE: config.tuning.scale, _KEYBOARD: config.tuning.keyboard}
    return {**named, **{START + name: value for name, value in config.start.items()}}


def _counts(name: str, config: Config, last: kept.Kept) -> bool:
    """Whether a setting counts more than what was kept: it is given on the command line, or has changed since."""
    former: Mapping[str, Value] = last.settings or {}
    return config.gives(name) or settings_told(config).get(name) != former.get(name)


def _with_model(config: Config, last: kept.Kept) -> Config:
    """The settings with the model that was played last; as they are when they mean it, or it is not there."""
    name, library = last.sound.model, config.library
    if name not in library.decoders() or library.read_decoder(config.model.name).name == name:
        return config
    return replace(config, model=replace(config.model, name=name))


def _set(session: Session, config: Config, last: kept.Kept, sound: bool) -> list[str]:
    instrument = session.instrument
    scale, keyboard = (
        None if _counts(name, config, last) else value
        for name, value in ((_SCALE, last.scale), (_KEYBOARD, last.keyboard))
    )
    remarks = kept.set_tuning(instrument, scale, keyboard)
    try:
        kept.set_instrument(instrument, last.values)
        if sound:
            remarks += kept.set_sound(session.presets, last.sound)
    except MannedError as error:
        remarks.append(f"what was kept cannot be set ({error})")
    for name, value in config.start.items():
        if _counts(START + name, config, last) and (sound or instrument.parameter(name).scope != "sound"):
            instrument.set(name, value)
    return remarks
