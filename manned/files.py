"""Files: written whole or not at all, read with bounds.

Every file that `manned` or `training` writes goes through `replacing`, and every
file of a stranger is read by `read_bytes`, `read_text` or `read_toml`.  What goes
wrong is an `OSError` whose ``strerror`` is a reason for people; the caller says
which file it was and what it was wanted for.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import stat
import sys
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PathLike = str | os.PathLike[str]

PART = ".part"
"""Suffix of a file that is being written.  Its name begins with a dot."""

MAX_TEXT_BYTES = 16 << 20
MAX_NAME = 48
"""Characters of a name under which something is kept; the longest in UTF-8 still makes a file name."""

NAMES_ALLOWED = f"1–{MAX_NAME} letters, digits, spaces, - and _"
_NAME = re.compile(r"\w(?:[\w -]*[\w-])?")
_BLOCK_BYTES = 1 << 20
FORMER = "~"
"""Put behind the name of a file that was replaced or deleted and is kept."""


# -- writing ----------------------------------------------------------------


@contextlib.contextmanager
def replacing(path: PathLike, mode: int = 0o644) -> Iterator[Path]:
    """Write a file whole or not at all.

    The block gets the path of an empty temporary file in the same folder and writes
    to it.  When the block ends, the file is brought to the disk and takes the place
    of ``path``.  When it raises, ``path`` stays as it was and nothing is left over.
    A process that was killed leaves its temporary file behind; the next one that
    writes to the folder removes it.

    Parameters
    ----------
    path : path
        Its folder must exist.
    mode : int
        Permissions of the file.

    Yields
    ------
    Path
        It keeps the suffix of ``path``, since some libraries choose the format by it.

    Raises
    ------
    OSError
        When the folder cannot be written to, or the disk is full.
    """
    path = Path(path)
    remove_leftovers(path.parent)
    handle, temporary = _new_part(path)
    try:
        yield temporary
        with open(temporary, "rb") as written:  # a library may have put another file under the name
            os.fchmod(written.fileno(), mode)
            os.fsync(written.fileno())
        os.replace(temporary, path)
        sync_folder(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)


def write_bytes(path: PathLike, content: bytes, mode: int = 0o644) -> None:
    """Write bytes whole or not at all, as `replacing` does."""
    with replacing(path, mode) as part:
        part.write_bytes(content)


def write_text(path: PathLike, text: str, mode: int = 0o644) -> None:
    """Write text in UTF-8 whole or not at all, as `replacing` does."""
    write_bytes(path, text.encode(), mode)


def keep_former(path: Path) -> None:
    """Keep a file under its name and ``~`` before it is replaced; a file that is not there is nothing to keep."""
    try:
        with replacing(former(path)) as part:
            part.write_bytes(path.read_bytes())
    except FileNotFoundError:
        pass


def former(path: Path) -> Path:
    """Where a file is kept that was replaced or deleted."""
    return path.with_name(path.name + FORMER)


def sync_folder(folder: Path) -> None:
    """Bring a folder's entries to the disk, as `os.fsync` does with a file's content."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):  # some file systems cannot, and need not
            os.fsync(handle)
    finally:
        os.close(handle)


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files that no living process writes."""
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            if name.startswith(".") and PART in Path(name).suffixes:
                _remove_leftover(Path(folder) / name)


def _remove_leftover(part: Path) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(part, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # who writes it holds the lock
            part.unlink()
        finally:
            os.close(handle)


def _new_part(path: Path) -> tuple[int, Path]:
    """An empty temporary file beside ``path``: its handle, which holds the lock, and its path."""
    prefix = f".{path.stem[:64]}."
    while True:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=prefix, suffix=PART + path.suffix)
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:  # nobody took it for a leftover before the lock was there
            return handle, Path(name)
        os.close(handle)


# -- reading ----------------------------------------------------------------


def read_bytes(path: PathLike, most: int = MAX_TEXT_BYTES, inside: Path | None = None) -> bytes:
    """Read a whole file.

    Parameters
    ----------
    path : path
    most : int
        The largest size in bytes.
    inside : Path, optional
        A folder that links may not lead out of.

    Raises
    ------
    OSError
        When it is missing, closed to us, no regular file, larger than ``most``, or outside of ``inside``.
    """
    if inside is not None and not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(inside)):
        raise _reason(errno.ELOOP, path, f"it leads out of {shown(inside)}")
    # A pipe would wait for a writer for ever, were it opened in the ordinary way.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    kind = os.fstat(handle).st_mode
    if not stat.S_ISREG(kind):
        os.close(handle)
        raise _reason(errno.EINVAL, path, "it is a folder" if stat.S_ISDIR(kind) else "it is no regular file")
    content = bytearray()
    with os.fdopen(handle, "rb") as file:
        while block := file.read(_BLOCK_BYTES):
            content += block
            if len(content) > most:
                raise _reason(errno.EFBIG, path, f"it is larger than {most} bytes")
    return bytes(content)


def read_text(path: PathLike, most: int = MAX_TEXT_BYTES, inside: Path | None = None) -> str:
    """Read a text in UTF-8, with or without a byte order mark; raises as `read_bytes`, and when it is no such text."""
    return decode(read_bytes(path, most, inside), path)


def decode(content: bytes, path: PathLike) -> str:
    """The text of a file's bytes, without its byte order mark; an `OSError` when it is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _reason(errno.EILSEQ, path, f"it is no text in UTF-8, see byte {error.start}") from None


def read_toml(path: PathLike, most: int = MAX_TEXT_BYTES) -> dict[str, Any]:
    """Read a TOML file; raises as `read_text`, and when it is not valid TOML."""
    try:
        return parse_toml(read_text(path, most))
    except TomlError as error:
        raise _reason(errno.EINVAL, path, f"it is not valid TOML: {error}") from None


TomlError = tomllib.TOMLDecodeError


def parse_toml(text: str) -> dict[str, Any]:
    """The tables of a text; a `TomlError`, and nothing else, when it is not valid TOML."""
    try:
        return tomllib.loads(text)
    except TomlError:
        raise
    except (ValueError, RecursionError):  # Python's own limits: of digits, of what is inside of each other
        raise TomlError("a number of too many digits, or lists too deep inside of each other") from None


# -- looking ----------------------------------------------------------------


def entries(folder: PathLike) -> list[Path]:
    """Regular files of a folder by name; none when it is missing or closed to us."""
    found = []
    try:
        with os.scandir(folder) as entered:
            for entry in entered:
                with contextlib.suppress(OSError):
                    if entry.is_file():
                        found.append(Path(entry.path))
    except OSError:
        return []
    return sorted(found)


def is_file(path: PathLike) -> bool:
    """Whether a regular file is there that we may look at."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def has_suffix(path: PathLike, suffixes: str | Iterable[str]) -> bool:
    """Whether the name of a file ends in one of some suffixes, in upper or lower case."""
    suffixes = (suffixes,) if isinstance(suffixes, str) else tuple(suffixes)
    return os.fspath(path).lower().endswith(tuple(suffix.lower() for suffix in suffixes))


def stem(path: Path, suffix: str) -> str:
    """The name of a file without a suffix, which it may have in upper or lower case."""
    return path.name[: -len(suffix)] if has_suffix(path, suffix) else path.name


def shown(path: PathLike) -> str:
    """A path for people; bytes that are no UTF-8 are written as ``\\xfb``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def proper_name(name: str) -> str | None:
    """A name as it is kept, such as a preset's; None for a path, or what else no file should be called."""
    name = unicodedata.normalize("NFC", name)
    return name if len(name) <= MAX_NAME and _NAME.fullmatch(name) else None


def _reason(number: int, path: PathLike, reason: str) -> OSError:
    return OSError(number, reason, os.fspath(path))
