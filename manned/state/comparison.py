"""A preset as it was kept and the sound as it is now, heard in turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..errors import PresetError
from .preset import Preset
from .presets import CURRENT, Presets
from .tree import Change, Source

COMPARE = "preset/compare"
"""Name under which the tree holds whether the kept one is heard."""


class Comparison:
    """Holds the sound of now while the preset is heard that it came from.  Control thread only.

    What is moved meanwhile belongs to the kept sound and goes with it.  Another preset or model ends the comparison;
    then the sound of before is a step of ``/undo``.

    Parameters
    ----------
    presets : Presets
    leave : callable()
        Told that the sound is elsewhere: a morph ends.
    """

    def __init__(self, presets: Presets, leave: Callable[[], None]):
        self._presets = presets
        self._leave = leave
        self._held: Preset | None = None
        tree = presets.instrument.tree
        tree.put(COMPARE, False)
        tree.listen(self._told)

    def begin(self) -> tuple[Preset, str]:
        """Hear the preset that was loaded or saved last; returns as `Presets.load`.

        Raises
        ------
        PresetError
            When there is none, or it cannot be read; then nothing changes.
        """
        name = self._presets.current
        if not name:
            raise PresetError("nothing to compare with: no preset was loaded or saved")
        kept = self._presets.read(name)
        if self._held is not None:
            return kept, ""
        held = self._presets.sound(name)
        remark = self._set(kept, True)
        self._held = held
        return kept, remark

    def end(self) -> tuple[Preset, str] | None:
        """Hear again what was set before; returns as `begin`, None when nothing was compared."""
        held, self._held = self._held, None
        return None if held is None else (held, self._set(held, False))

    def _set(self, preset: Preset, on: bool) -> str:
        instrument = self._presets.instrument
        with instrument.together(source=Source("preset", preset.name)):  # so that who asked is told, too
            remark = self._presets.apply(preset)
            instrument.tree.put(COMPARE, on)
        self._leave()
        return remark

    def _told(self, changes: Sequence[Change]) -> None:
        """Another preset was loaded or saved, or another model: what is held belongs to the past."""
        held = self._held
        if held is not None and any(
            one.name == "model" or (one.name == CURRENT and one.value != held.name) for one in changes
        ):
            self._held = None
            self._presets.instrument.tree.put(COMPARE, False)
