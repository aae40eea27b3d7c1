"""Presets: what the instrument is set to, kept under a name and called back in one audio block."""

from __future__ import annotations

import contextlib
import os
import random
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import ParameterError, PresetError
from ..table.macros import DEFAULT_MACROS, MACRO_NAMES, Macro
from ..table.value import Value
from .links import weights_of_class
from .macros import checked
from .preset import Preset
from .preset_folder import PresetFolder
from .tree import Source

if TYPE_CHECKING:
    from ..instrument import Instrument

SCOPE = "sound"
"""What presets hold, and morphs move: the parameters of this scope."""

_NONE_YET = "presets: there are none yet, /preset/save keeps one"

CURRENT = "preset/load"
"""Name under which the tree holds the preset that was loaded or saved last."""


class Presets(PresetFolder):
    """The presets of an instrument.  Control thread only, but for `keep`, `PresetFolder.write` and `delete`.

    Parameters
    ----------
    instrument : manned.instrument.Instrument
    folder, shipped : path, optional
        As `PresetFolder` has them.
    """

    def __init__(
        self,
        instrument: Instrument,
        folder: str | os.PathLike[str] | None = None,
        shipped: str | os.PathLike[str] | None = None,
    ):
        super().__init__(folder, shipped)
        self.instrument = instrument
        self._unwritten: dict[str, Preset] = {}
        instrument.tree.put(CURRENT, "")

    @property
    def current(self) -> str:
        """The preset that was loaded or saved last; empty when there was none."""
        return self.instrument.tree.get(CURRENT)

    def snapshot(self, name: str | float) -> Preset:
        """The instrument as it is, under a name.  It can be read at once; `keep` writes it.

        Under the name of one that is there it keeps what is said of that for people.
        """
        name = self.find(name)
        self.path(name)  # there must be a folder
        former = None
        with contextlib.suppress(PresetError):
            former = self.read(name)
        preset = self.sound(name)
        if former is not None:
            preset = replace(preset, author=former.author, comment=former.comment, kinds=former.kinds)
        self._unwritten[name] = preset
        self.instrument.tree.put(CURRENT, name)
        return preset

    def sound(self, name: str) -> Preset:
        """What the instrument is set to, as a preset of a name; nothing is kept."""
        instrument = self.instrument
        weights = tuple(instrument.chroma_weights())
        return Preset(
            name,
            instrument.decoder.name,
            instrument.latents,
            {**instrument.tree.snapshot(SCOPE), **instrument.tree.snapshot_texts()},
            weights if weights != weights_of_class(instrument.get("chroma")) else (),
            instrument.macros.all(),
            whole=True,
        )

    def keep(self, preset: Preset) -> None:
        """Write what `snapshot` made.  Any thread."""
        try:
            self.write(preset)
        finally:
            if self._unwritten.get(preset.name) is preset:
                del self._unwritten[preset.name]

    def read(self, name: str | float) -> Preset:
        """Read a preset by name or number; one that is missing or damaged is a `PresetError`."""
        name = self.find(name)
        return self._unwritten.get(name) or super().read(name)

    def load(self, name: str | float) -> tuple[Preset, str]:
        """Set the instrument to a preset, all in one audio block.

        Returns
        -------
        preset : Preset
        remark : str
            What of it could not be; empty when everything could.

        Raises
        ------
        PresetError
            When there is none or its file is damaged; then nothing was changed.
        """
        preset = self.read(name)
        return preset, self.apply(preset)

    def apply(self, preset: Preset) -> str:
        """Set the instrument to a preset that was read, as `load`; returns the remark."""
        instrument = self.instrument
        try:
            values = self._values(preset)
            macros = macros_of(preset)
        except ParameterError as error:
            raise PresetError(f"preset {preset.name!r}: {error}") from None
        remarks = [preset.remark(instrument.decoder.name, instrument.latents)]
        with instrument.together(source=Source("preset", preset.name)):
            instrument.tree.restore_all({key: value for key, value in values.items() if key not in MACRO_NAMES})
            if preset.weights:
                instrument.set_chroma_weights(preset.weights)
            instrument.macros.restore(macros or instrument.macros.all(), values)
            remarks += instrument.tree.set_texts(self._texts(preset))
            instrument.tree.put(CURRENT, preset.name)
        return "; ".join(filter(None, remarks))

    def _values(self, preset: Preset) -> dict[str, Value]:
        """The parameters that a preset sets, checked; of macros only what it names."""
        values = {}
        for key, row in self.instrument.parameters.items():
            value = preset.value(row) if row.scope == SCOPE and key not in MACRO_NAMES else preset.values.get(key)
            if row.scope == SCOPE and value is not None:
                values[key] = row.check(value)
        return values

    def _texts(self, preset: Preset) -> dict[str, str]:
        """The texts that a preset sets."""
        texts = {}
        for name, held in self.instrument.tree.texts.items():
            text = preset.values.get(name, held.default if preset.whole else None)
            if isinstance(text, str):
                texts[name] = text
        return texts

    def any(self, names: list[str]) -> str:
        """One of some presets by chance, another one than the current.  It depends on the audio sample alone."""
        others = [name for name in names if name != self.current] or names
        if not others:
            raise PresetError(_NONE_YET)
        now = self.instrument.tree.when
        return random.Random(self.instrument.clock.now if now is None else now).choice(others)

    def beside(self, steps: int) -> str:
        """Name of the preset so many places behind the current one, round in a circle."""
        names = self.names()
        if not names:
            raise PresetError(_NONE_YET)
        if self.current in names:
            return names[(names.index(self.current) + steps) % len(names)]
        return names[0 if steps > 0 else -1]


def macros_of(preset: Preset) -> tuple[Macro, ...]:
    """The macros of a preset with their bindings as their parameters take them; none where it says nothing of them.

    Raises
    ------
    ParameterError
        For values that a parameter cannot take.
    """
    macros = preset.macros or (DEFAULT_MACROS if preset.whole else ())
    return tuple(map(checked, macros))
