"""`manned.files` for training: what goes wrong is a `TrainingError` that names the file."""

from __future__ import annotations

import fcntl
import glob
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from manned import files
from manned.errors import TrainingError

MAX_BYTES = 256 << 20
"""Largest JSON file that is read."""


def make_folder(folder: Path) -> None:
    """Make a folder and those above it; raises `TrainingError` when that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrainingError(f"{files.shown(folder)}: cannot be made a folder ({error.strerror})") from None


def refuse_existing(path: Path) -> None:
    """Raise `TrainingError` when something stands where a result is to be written."""
    if path.exists():
        raise TrainingError(f"{files.shown(path)}: exists already, delete it or choose another name")


@contextmanager
def working_folder(path: Path) -> Iterator[Path]:
    """A new, empty folder beside a path, where what belongs there is made.

    It is gone when the block ends, unless the block has moved it.  A process that was
    killed leaves its folder behind; the next one for the same path removes it.

    Parameters
    ----------
    path : Path
        Its folder must exist.

    Raises
    ------
    OSError
        When no folder can be made there.
    """
    for left in path.parent.glob(f".{glob.escape(path.name)}.*{files.PART}"):
        with suppress(OSError):
            handle = _locked(left)
            shutil.rmtree(left, ignore_errors=True)
            os.close(handle)
    folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=files.PART, dir=path.parent))
    handle = _locked(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _locked(folder: Path) -> int:
    """Handle of a folder that no other process holds; an `OSError` when one does."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write a file whole or not at all, as `manned.files.replacing`; raises `TrainingError` when that fails."""
    try:
        with files.replacing(path) as part:
            yield part
    except OSError as error:
        raise TrainingError(f"{files.shown(path)}: cannot be written ({error.strerror or error})") from None


def write_text(path: Path, text: str) -> None:
    """Write text in UTF-8 whole or not at all; raises `TrainingError`.

    Bytes of a name that are no UTF-8 are written as ``\\udcfb``, as JSON has it.
    """
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8", errors="backslashreplace")


def write_json(path: Path, value: Any) -> None:
    """Write plain values as JSON whole or not at all; raises `TrainingError`."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False))


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises
    ------
    OSError
        When it cannot be read; `FileNotFoundError` when it is missing.
    ValueError
        When it is no JSON.
    """
    return json.loads(files.read_text(path, MAX_BYTES))
