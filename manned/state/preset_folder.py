"""A preset as a small JSON file, and the folder that holds such files."""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path

from .. import files
from ..errors import PresetError
from ..limits import CLASSES
from ..table.value import Value

FORMAT = 1
SUFFIX = ".json"
MAX_PRESETS = 256  # their names fit into one packet
MAX_BYTES = 65_536
_RENAMED = {("atlas", 3): "atlas-spectrum"}
"""Models that have another name than in version 0.1: name and latents there, name here."""


@dataclass(frozen=True)
class Preset:
    """Some parameters and their values.

    Attributes
    ----------
    name : str
    model : str
        Name of the decoder that it was made on.
    latents : int
        How many latents that has.
    values : dict
        By parameter name.  A preset need not hold them all: what it does not
        name stays as it is when it is loaded.
    weights : tuple of float
        Of the pitch classes that the drone mixes, C first; empty when it plays one.
    """

    name: str
    model: str
    latents: int
    values: dict[str, Value]
    weights: tuple[float, ...] = ()

    def point(self, others: list[float]) -> list[Value]:
        """Its latents for a model with ``len(others)`` of them; those that it does not know are as in ``others``."""
        return [self.values.get(f"latent/{i}", other) for i, other in enumerate(others, 1)]

    def remark(self, name: str, latents: int) -> str:
        """What becomes of its latents on a model of that name with so many; empty when all is as it was."""
        if self.latents > latents:
            return f"made on {self.model} with {self.latents} latents, {name} takes the first {latents}"
        if self.latents < latents:
            return f"made on {self.model} with {self.latents} latents, the others of {name} stay as they were"
        if self.model != name:
            return f"made on {self.model}, played by {name}"
        return ""


class PresetFolder:
    """The presets of a folder, one file each.

    Parameters
    ----------
    folder : path or None
        It is made when the first preset is written.  None holds none and takes none.
    """

    def __init__(self, folder: str | os.PathLike[str] | None):
        self.folder = None if folder is None else Path(folder)

    def names(self) -> list[str]:
        """Names of the presets, in alphabetical order."""
        try:
            found = [path.name for path in self.folder.iterdir()] if self.folder is not None else []
        except (FileNotFoundError, NotADirectoryError):
            found = []
        except OSError as error:
            raise PresetError(f"presets {self.folder}: cannot be read ({error.strerror})") from None
        names = (name.removesuffix(SUFFIX) for name in found if name.endswith(SUFFIX))
        names = (name for name in names if files.proper_name(name) == name)
        return sorted(names, key=lambda name: (name.casefold(), name))[:MAX_PRESETS]

    def find(self, name: str | float) -> str:
        """The name that a name or a number of `names`, from 0, means; it need not exist if it is a name."""
        if isinstance(name, str):
            return checked_name(name)
        names = self.names()
        if isinstance(name, bool) or name != name // 1 or not 0 <= name < len(names):
            allowed = f"0–{len(names) - 1}" if names else "none, there are no presets"
            raise PresetError(f"preset {name}: no such number, allowed are {allowed}")
        return names[int(name)]

    def read(self, name: str | float) -> Preset:
        """Read a preset by name or number; one that is missing or damaged is a `PresetError`."""
        name = self.find(name)
        path = self.path(name)
        try:
            content = files.read_bytes(path, MAX_BYTES, inside=self.folder)
        except FileNotFoundError:
            raise PresetError(f"preset {name!r}: no such preset") from None
        except OSError as error:
            raise PresetError(f"preset {path}: cannot be read ({error.strerror})") from None
        return _parse(name, path, content)

    def write(self, preset: Preset) -> None:
        """Keep a preset: whole and on the disk, or not at all.

        One that it takes the place of stays beside it, under its name and ``~``.
        """
        name = checked_name(preset.name)
        path = self.path(name)
        content: dict[str, object] = {
            "format": FORMAT,
            "model": preset.model,
            "latents": preset.latents,
            "values": preset.values,
        }
        if preset.weights:
            content["chroma weights"] = preset.weights
        data = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False).encode()
        if not path.exists() and len(self.names()) >= MAX_PRESETS:
            raise PresetError(f"preset {name!r}: there are {MAX_PRESETS} presets already, no more are kept")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with files.replacing(path) as part:
                part.write_bytes(data)
                files.keep_former(path)
        except OSError as error:
            raise PresetError(f"preset {path}: cannot be written ({error.strerror})") from None

    def delete(self, name: str | float) -> str:
        """Take a preset out of the list; its file stays, under its name and ``~``.  Returns its name."""
        name = self.find(name)
        path = self.path(name)
        try:
            os.replace(path, files.former(path))
        except FileNotFoundError:
            raise PresetError(f"preset {name!r}: no such preset") from None
        except OSError as error:
            raise PresetError(f"preset {path}: cannot be deleted ({error.strerror})") from None
        return name

    def path(self, name: str) -> Path:
        """File of a preset; a `PresetError` when there is no folder."""
        if self.folder is None:
            raise PresetError(f"preset {name!r}: this instrument has no folder for presets")
        return self.folder / (name + SUFFIX)


def checked_name(name: str) -> str:
    """A preset's name as it is kept; a path, or what else no file should be called, is a `PresetError`."""
    proper = files.proper_name(name)
    if proper is None:
        raise PresetError(f"preset {name[:64]!r}: no name, allowed are {files.NAMES_ALLOWED}")
    return proper


def _parse(name: str, path: Path, content: bytes) -> Preset:
    try:
        found = json.loads(content)
        if found["format"] != FORMAT:
            raise PresetError(f"preset {path}: format {found['format']!r}, this version reads format {FORMAT}")
        values = dict(found["values"])
        if not all(isinstance(key, str) and _plain(value) for key, value in values.items()):
            raise ValueError("a value is neither a number nor a word")
        weights = tuple(map(float, found.get("chroma weights", ())))
        if weights and not (
            len(weights) == CLASSES and all(0.0 <= weight <= 1.0 for weight in weights) and any(weights)
        ):
            raise ValueError(f"its chroma weights are not {CLASSES} numbers 0–1")
        model, latents = str(found["model"]), int(found["latents"])
        preset = Preset(name, _RENAMED.get((model, latents), model), latents, values, weights)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise PresetError(f"preset {path}: cannot be read ({type(error).__name__}: {error})") from None
    return preset


def _plain(value: object) -> bool:
    return isinstance(value, (bool, str)) or (isinstance(value, (int, float)) and math.isfinite(value))
