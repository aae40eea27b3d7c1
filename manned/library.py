"""The one place that finds decoders, encoders, scales, keyboard mappings and gestures.

Folders are looked through in their order, and what comes with the program comes
last.  A folder that is missing, or closed to this user, holds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from . import files
from .errors import GestureError, ModelError, TuningError
from .model.decoder_file import SUFFIX
from .model.encoder_file import ENCODER_SUFFIX
from .model.gesture import Gesture
from .model.gesture_file import GESTURE_SUFFIX, read_gesture
from .model.kinds import AnyDecoder, AnyEncoder, load_decoder, load_model
from .model.scala import KEYBOARD_SUFFIX, SCALE_SUFFIX, Keyboard, Scale, read_keyboard, read_scale

SHIPPED = Path(__file__).parent / "decoders"
"""Folder of the decoders that come with the program."""

SHIPPED_PRESETS = Path(__file__).parent / "presets"
"""Folder of the presets that come with the program, in folders by kind."""

SHIPPED_SCALES = Path(__file__).parent / "scales"
"""Folder of the scales that come with the program."""

SHIPPED_GESTURES = Path(__file__).parent / "gestures"
"""Folder of the gestures that come with the program."""


@dataclass(frozen=True)
class Library:
    """Where names of decoders, scales, keyboard mappings and gestures are looked up.

    Any thread: nothing here changes.

    Attributes
    ----------
    decoder_folders, scale_folders, gesture_folders : tuple of Path
        First folder first, without the shipped ones.
    """

    decoder_folders: tuple[Path, ...] = ()
    scale_folders: tuple[Path, ...] = ()
    gesture_folders: tuple[Path, ...] = ()

    # -- decoders -----------------------------------------------------------

    def decoders(self) -> list[str]:
        """Names of the decoders, those of the first folder first, each once."""
        encoder = ENCODER_SUFFIX.removesuffix(SUFFIX).lower()
        return [name for name in _names(self._decoders, SUFFIX) if not name.lower().endswith(encoder)]

    def find_decoder(self, name: str | int) -> Path:
        """File of a decoder: a name or number of `decoders`, or a path to a file.

        Raises
        ------
        ModelError
            When there is none.
        """
        if isinstance(name, int):
            names = self.decoders()
            if not 0 <= name < len(names):
                raise ModelError(f"model {name}: no such number, allowed are 0–{len(names) - 1}")
            name = names[name]
        path = _find(name, self._decoders, SUFFIX)
        if path is None:
            where = ", ".join(map(files.shown, self._decoders))
            raise ModelError(f"model {name!r}: no such decoder in {where}; the name of a file ends in {SUFFIX}")
        return path

    def read_decoder(self, name: str | int) -> AnyDecoder:
        """Read and check a decoder; raises `ModelError`."""
        return load_decoder(self.find_decoder(name))

    def read_encoder(self, name: str | int) -> tuple[AnyDecoder, AnyEncoder]:
        """Read a decoder and the encoder that lies beside it; raises `ModelError`."""
        return load_model(self.find_decoder(name))

    # -- tunings ------------------------------------------------------------

    def scales(self) -> list[str]:
        """Names of the Scala scales."""
        return _names(self._scales, SCALE_SUFFIX)

    def keyboards(self) -> list[str]:
        """Names of the Scala keyboard mappings."""
        return _names(self._scales, KEYBOARD_SUFFIX)

    def read_scale(self, name: str) -> Scale:
        """Read a scale by a name of `scales`, or a path; raises `TuningError`."""
        return read_scale(self._find_tuning(name, SCALE_SUFFIX))

    def read_keyboard(self, name: str) -> Keyboard:
        """Read a keyboard mapping by a name of `keyboards`, or a path; raises `TuningError`."""
        return read_keyboard(self._find_tuning(name, KEYBOARD_SUFFIX))

    def _find_tuning(self, name: str, suffix: str) -> Path:
        path = _find(name, self._scales, suffix)
        if path is None:
            where = ", ".join(map(files.shown, self._scales))
            raise TuningError(f"{name!r}: no such {suffix} file in {where}; the name of a file ends in {suffix}")
        return path

    # -- gestures -----------------------------------------------------------

    def gestures(self) -> list[str]:
        """Names of the gestures, those of the first folder first, each once."""
        return _names(self._gestures, GESTURE_SUFFIX)

    def read_gesture(self, name: str) -> Gesture:
        """Read a gesture by a name of `gestures`, or a path; raises `GestureError`."""
        path = _find(name, self._gestures, GESTURE_SUFFIX)
        if path is None:
            where = ", ".join(map(files.shown, self._gestures))
            raise GestureError(
                f"gesture {name!r}: no such gesture in {where}; the name of a file ends in {GESTURE_SUFFIX}"
            )
        return read_gesture(path)

    @property
    def _decoders(self) -> tuple[Path, ...]:
        return (*self.decoder_folders, SHIPPED)

    @property
    def _scales(self) -> tuple[Path, ...]:
        return (*self.scale_folders, SHIPPED_SCALES)

    @property
    def _gestures(self) -> tuple[Path, ...]:
        return (*self.gesture_folders, SHIPPED_GESTURES)


def _names(folders: Iterable[Path], suffix: str) -> list[str]:
    names: dict[str, None] = {}
    for folder in folders:
        stems = (files.stem(path, suffix) for path in files.entries(folder) if files.has_suffix(path, suffix))
        names |= dict.fromkeys(sorted(stems))
    return list(names)


def _find(name: str, folders: Iterable[Path], suffix: str) -> Path | None:
    """The file of a name in the first folder that has it; what is written as a path is one."""
    path = Path(name)
    if path.parent != Path(".") or (files.has_suffix(path, suffix) and files.is_file(path)):
        return path
    for folder in folders:
        exact = folder / (name + suffix)
        if files.is_file(exact):
            return exact
        for candidate in files.entries(folder):
            if files.has_suffix(candidate, suffix) and name in (files.stem(candidate, suffix), candidate.name):
                return candidate
    return path if files.has_suffix(path, suffix) else None
