"""Presets: what the instrument is set to, kept under a name and called back in one audio block."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..errors import ParameterError, PresetError
from .links import weights_of_class
from .preset_folder import Preset, PresetFolder
from .tree import Source

if TYPE_CHECKING:
    from ..instrument import Instrument

SCOPE = "sound"
"""What presets hold, and morphs move: the parameters of this scope."""

CURRENT = "preset/load"
"""Name under which the tree holds the preset that was loaded or saved last."""


class Presets(PresetFolder):
    """The presets of an instrument.  Control thread only, but for `keep`, `PresetFolder.write` and `delete`.

    Parameters
    ----------
    instrument : manned.instrument.Instrument
    folder : path, optional
    """

    def __init__(self, instrument: Instrument, folder: str | os.PathLike[str] | None = None):
        super().__init__(folder)
        self.instrument = instrument
        self._unwritten: dict[str, Preset] = {}
        instrument.tree.put(CURRENT, "")

    @property
    def current(self) -> str:
        """The preset that was loaded or saved last; empty when there was none."""
        return self.instrument.tree.get(CURRENT)

    def snapshot(self, name: str | float) -> Preset:
        """The instrument as it is, under a name.  It can be read at once; `keep` writes it."""
        instrument = self.instrument
        values = instrument.tree.snapshot(SCOPE)
        name, weights = self.find(name), tuple(instrument.chroma_weights())
        mixes = weights != weights_of_class(instrument.get("chroma"))
        preset = Preset(name, instrument.decoder.name, instrument.latents, values, weights if mixes else ())
        self.path(name)  # there must be a folder
        self._unwritten[name] = preset
        instrument.tree.put(CURRENT, name)
        return preset

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
        instrument = self.instrument
        values = {}
        for key, value in preset.values.items():
            row = instrument.parameters.get(key)
            if row is not None and row.scope == SCOPE:
                try:
                    values[key] = row.check(value)
                except ParameterError as error:
                    raise PresetError(f"preset {preset.name!r}: {error}") from None
        with instrument.together(source=Source("preset", preset.name)):
            # The time that the latents take is the preset's own.
            for key in sorted(values, key=lambda key: key != "glide"):
                instrument.set(key, values[key])
            if preset.weights:
                instrument.set_chroma_weights(preset.weights)
            instrument.tree.put(CURRENT, preset.name)
        return preset, preset.remark(instrument.decoder.name, instrument.latents)

    def beside(self, steps: int) -> str:
        """Name of the preset so many places behind the current one, round in a circle."""
        names = self.names()
        if not names:
            raise PresetError("presets: there are none yet, /preset/save keeps one")
        if self.current in names:
            return names[(names.index(self.current) + steps) % len(names)]
        return names[0 if steps > 0 else -1]
