"""The folders that hold presets: the user's own, and the one that comes with the program."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from .. import files
from ..errors import PresetError
from .preset import Preset, read_preset, write_preset

SUFFIX = ".json"
MAX_PRESETS = 4096  # of one user
MAX_BYTES = 65_536


class PresetFolder:
    """The presets of a folder, one file each, and read-only ones beside them.

    A preset may lie in a folder inside of it, and its name says so: ``bells/Glass``.  One of
    the user's own takes the place of a shipped one of the same name.

    Parameters
    ----------
    folder : path or None
        Where they are written.  It is made when the first preset is.  None holds none and takes none.
    shipped : path, optional
        A folder that is only read.
    """

    def __init__(self, folder: str | os.PathLike[str] | None, shipped: str | os.PathLike[str] | None = None):
        self.folder = None if folder is None else Path(folder)
        self.shipped = None if shipped is None else Path(shipped)
        self._seen: dict[Path, tuple[tuple[int, int], Preset]] = {}

    # -- names --------------------------------------------------------------

    def names(self) -> list[str]:
        """Names of the presets: those in no folder first, then folder by folder, in alphabetical order."""
        return sorted(self._own() | self._shipped(), key=_order)

    def _own(self) -> set[str]:
        try:
            return set(_names(self.folder))
        except OSError as error:
            raise PresetError(f"presets {self.folder}: cannot be read ({error.strerror})") from None

    def _shipped(self) -> set[str]:
        with contextlib.suppress(OSError):  # closed to us: it holds nothing
            return set(_names(self.shipped))
        return set()

    def of_kind(self, kind: str) -> list[str]:
        """Names of the presets that lie in a folder or have a kind of that name, upper or lower case.

        Reads every file that is new to it; one that is damaged has no kind.

        Raises
        ------
        PresetError
            When there is none; it tells the kinds there are.
        """
        presets = self.all()
        names = [preset.name for preset in presets if preset.is_of(kind)]
        if not names:
            known = sorted({kind for preset in presets for kind in (preset.folder, *preset.kinds) if kind})
            raise PresetError(f"presets: none is of the kind {kind[:64]!r}, allowed are {', '.join(known) or 'none'}")
        return names

    def all(self) -> list[Preset]:
        """Every preset that can be read, in the order of `names`."""
        found = []
        for name in self.names():
            with contextlib.suppress(PresetError):
                found.append(self._look(name))
        return found

    def find(self, name: str | float) -> str:
        """The name that a name or a number of `names`, from 0, means; it need not exist if it is a name."""
        if isinstance(name, str):
            return checked_name(name)
        names = self.names()
        if isinstance(name, bool) or name != name // 1 or not 0 <= name < len(names):
            allowed = f"0–{len(names) - 1}" if names else "none, there are no presets"
            raise PresetError(f"preset {name}: no such number, allowed are {allowed}")
        return names[int(name)]

    # -- files --------------------------------------------------------------

    def read(self, name: str | float) -> Preset:
        """Read a preset by name or number; one that is missing or damaged is a `PresetError`."""
        name = self.find(name)
        for folder in (self.folder, self.shipped):
            if folder is not None:
                with contextlib.suppress(FileNotFoundError):
                    return _read(name, folder)
        if self.folder is None and self.shipped is None:
            self.path(name)
        raise PresetError(f"preset {name!r}: no such preset")

    def _look(self, name: str) -> Preset:
        """As `read`, from memory when the file has not changed."""
        for folder in (self.folder, self.shipped):
            if folder is not None:
                path = _file(folder, name)
                try:
                    told = path.stat()
                except OSError:
                    continue
                stamp = told.st_mtime_ns, told.st_size
                if self._seen.get(path, (None,))[0] != stamp:
                    self._seen[path] = stamp, self.read(name)
                return self._seen[path][1]
        return self.read(name)

    def write(self, preset: Preset) -> None:
        """Keep a preset: whole and on the disk, or not at all.

        One of the user's own that it takes the place of stays beside it, under its name and ``~``.
        """
        name = checked_name(preset.name)
        path = self.path(name)
        data = write_preset(preset)
        if not path.exists() and len(self._own()) >= MAX_PRESETS:
            raise PresetError(f"preset {name!r}: there are {MAX_PRESETS} presets already, no more are kept")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with files.replacing(path) as part:
                part.write_bytes(data)
                files.keep_former(path)
        except OSError as error:
            raise PresetError(f"preset {path}: cannot be written ({error.strerror})") from None

    def delete(self, name: str | float) -> str:
        """Take one of the user's own presets out of the list; its file stays, under its name and ``~``.

        Returns
        -------
        str
            Its name.

        Raises
        ------
        PresetError
            When there is none, or it comes with the program.
        """
        name = self.find(name)
        path = self.path(name)
        try:
            os.replace(path, files.former(path))
        except FileNotFoundError:
            if name in self._shipped():
                raise PresetError(
                    f"preset {name!r}: it comes with the program and cannot be deleted; one of yours of that name "
                    "takes its place"
                ) from None
            raise PresetError(f"preset {name!r}: no such preset") from None
        except OSError as error:
            raise PresetError(f"preset {path}: cannot be deleted ({error.strerror})") from None
        return name

    def path(self, name: str) -> Path:
        """File that a preset is written to; a `PresetError` when there is no folder."""
        if self.folder is None:
            raise PresetError(f"preset {name!r}: this instrument has no folder for presets")
        return _file(self.folder, name)


def checked_name(name: str) -> str:
    """A preset's name as it is kept; a path, or what else no file should be called, is a `PresetError`."""
    parts = [files.proper_name(part) for part in name.split("/")]
    if len(parts) > 2 or None in parts:
        raise PresetError(
            f"preset {name[:64]!r}: no name, allowed are {files.NAMES_ALLOWED}, behind a folder and / or not"
        )
    return "/".join(filter(None, parts))


def _is_name(part: str) -> bool:
    return files.proper_name(part) == part


def _order(name: str) -> tuple[str, str, str, str]:
    folder, _, last = name.rpartition("/")
    return folder.casefold(), folder, last.casefold(), last


def _names(folder: Path | None) -> Iterator[str]:
    """Names of the presets of a folder and of the folders in it; an `OSError` when the first cannot be read."""
    if folder is None:
        return
    yield from _stems(folder)
    for inner in _inside(folder):
        if _is_name(inner.name) and inner.is_dir():
            with contextlib.suppress(OSError):
                yield from (f"{inner.name}/{name}" for name in _stems(Path(inner.path)))


def _stems(folder: Path) -> Iterator[str]:
    names = (path.name.removesuffix(SUFFIX) for path in _inside(folder) if path.name.endswith(SUFFIX))
    return filter(_is_name, names)


def _inside(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _file(folder: Path, name: str) -> Path:
    return folder / (name + SUFFIX)


def _read(name: str, folder: Path) -> Preset:
    """Read a preset of a folder; a `FileNotFoundError` when it is not there, a `PresetError` when it is damaged."""
    path = _file(folder, name)
    try:
        return read_preset(name, files.read_bytes(path, MAX_BYTES, inside=folder))
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(name) from None
    except OSError as error:
        raise PresetError(f"preset {path}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise PresetError(f"preset {path}: {error}") from None
