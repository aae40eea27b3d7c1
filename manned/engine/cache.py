"""Where compiled code is kept between starts, and that a bad cache never ends a start.

numba notices a change in a function's own file, but not in the files of what it
calls.  So the folder's name holds a digest of all that is compiled in: another version,
or another processor, never meets old machine code.

Each file of the cache begins with a digest of the rest.  What is damaged is compiled again;
what cannot be kept, on a full disk for instance, is compiled at each start.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import pickle
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba
from numba.core import caching, ccallback, dispatcher

from ..table.parameters import CONTROLS

log = logging.getLogger(__name__)
settings: Any = numba.config  # its names are made when it is imported

UNUSED_DAYS = 30
"""After so many days folders of other versions are removed."""

_NOTHING_COMPILED = ("__init__.py", "cache.py", "compile_beside.py", "engine.py", "voices.py")
_CALLBACK = "callback.callback-*"
"""Files that are kept of the callback; a start that was ended early may have left others."""
_DIGEST_BYTES = 32
_said: set[str] = set()


def choose_cache() -> bool:
    """Point numba's cache at a folder of this version of the engine.

    The first writable one of ``$NUMBA_CACHE_DIR``, ``$CACHE_DIRECTORY`` (set by
    systemd), ``$XDG_CACHE_HOME/manned`` (``~/.cache/manned``) and a folder among
    the temporary files that nobody else can write to: what lies there is run.
    Without any, nothing is kept.

    Returns
    -------
    bool
        Whether the callback is still to be compiled, and with it nearly all.
    """
    for module in (dispatcher, ccallback):
        setattr(module, "FunctionCache", _cache_of)  # noqa: B010  # not declared where type checkers look
    name = f"engine-{_version()}"
    for candidate in _candidates(os.environ):
        folder = candidate / name
        if _is_usable(folder):
            settings.CACHE_DIR = str(folder)
            _remove_unused(candidate, name)
            first = not any(folder.rglob(_CALLBACK))
            if first:
                log.info("first start of this version: compiling the engine, which takes a quarter to a whole minute")
            return first
    settings.CACHE_DIR = ""
    log.warning("no folder can be written to that keeps compiled code: every start compiles the engine anew")
    return True


def _version() -> str:
    """Digest of all that is compiled in, and of the processor that it is compiled for."""
    digest = hashlib.sha256(numba.__version__.encode())
    digest.update(llvmlite.binding.get_host_cpu_name().encode())
    digest.update(" ".join(row.name for row in CONTROLS).encode())  # their places are compiled in
    package = Path(__file__).parent
    models = (f"model/harmonic/{name}.py" for name in ("latents", "scale", "topology"))
    compiled_in = ("limits.py", "events.py", *models)
    for source in (*(package.parent / name for name in compiled_in), *sorted(package.rglob("*.py"))):
        if source.name not in _NOTHING_COMPILED or source.parent != package:
            digest.update(os.fsencode(source))  # numba's cache knows functions by their file
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield folders that may hold the cache, best first."""
    for name in ("NUMBA_CACHE_DIR", "CACHE_DIRECTORY"):
        if environment.get(name):
            yield Path(environment[name])
    if environment.get("XDG_CACHE_HOME"):
        yield Path(environment["XDG_CACHE_HOME"]) / "manned"
    else:
        with contextlib.suppress(RuntimeError):  # an unknown user has no home
            yield Path.home() / ".cache" / "manned"
    temporary = Path(tempfile.gettempdir()) / f"manned-{os.getuid()}"
    if _is_ours_alone(temporary):
        yield temporary


def _is_ours_alone(folder: Path) -> bool:
    """Make a folder where everybody may make folders; False when somebody else could put code into it."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        facts = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid() and not facts.st_mode & 0o022


def _is_usable(folder: Path) -> bool:
    """Make a folder and note that it is used; False when nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
        tempfile.TemporaryFile(dir=folder).close()
        next(folder.iterdir(), None)
    except OSError:
        return False
    return True


def _remove_unused(parent: Path, used: str) -> None:
    """Remove the folders of other versions that nobody used for a while."""
    with contextlib.suppress(OSError):
        for folder in parent.glob("engine-*"):
            facts = folder.lstat()
            old = facts.st_mtime < time.time() - UNUSED_DAYS * 86400
            if folder.name != used and old and stat.S_ISDIR(facts.st_mode):
                shutil.rmtree(folder, ignore_errors=True)


def _say_once(sentence: str, *values: object) -> None:
    """Log a warning, the first time only."""
    if sentence not in _said:
        _said.add(sentence)
        log.warning(sentence, *values)


def _cache_of(function: Callable) -> caching.FunctionCache | caching.NullCache:
    """The cache of one compiled function: ours in our folder, numba's own where somebody else keeps it."""
    if not settings.CACHE_DIR:
        return caching.NullCache()
    try:
        return _ForgivingCache(function)
    except (OSError, RuntimeError) as error:  # RuntimeError: numba found no folder that it can write to
        _say_once("compiled code cannot be kept: %s", error)
        return caching.NullCache()


class _ForgivingCache(caching.FunctionCache):
    """numba's cache, but for errors, which end nothing: what cannot be read is compiled, what cannot be kept is not."""

    def __init__(self, function: Callable):
        super().__init__(function)
        locator = self._impl.locator
        if Path(self._cache_path).is_relative_to(settings.CACHE_DIR):
            self._cache_file = _CheckedFile(self._cache_path, self._impl.filename_base, locator.get_source_stamp())

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Load one compiled signature, or None."""
        try:
            return super().load_overload(sig, target_context)
        except Exception as error:
            _say_once("the cache of compiled code is damaged, it is compiled again: %s", error)
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep one compiled signature if that is possible."""
        try:
            super().save_overload(sig, data)
        except OSError as error:
            _say_once("compiled code cannot be kept: %s", error)


class _CheckedFile(caching.IndexDataCacheFile):
    """The files of one function: each begins with the SHA-256 of the rest, without which nothing in it is trusted."""

    def _load_index(self) -> dict:
        try:
            version, stamp, overloads = self._read(self._index_path)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            _say_once("the cache of compiled code is damaged, it is compiled again: %s", error)
            return {}
        return overloads if (version, stamp) == (self._version, self._source_stamp) else {}

    def _save_index(self, overloads: dict) -> None:
        self._write(self._index_path, (self._version, self._source_stamp, overloads))

    def _load_data(self, name: str) -> Any:
        return self._read(self._data_path(name))

    def _save_data(self, name: str, data: Any) -> None:
        self._write(self._data_path(name), data)

    def _read(self, path: str) -> Any:
        content = Path(path).read_bytes()
        if hashlib.sha256(content[_DIGEST_BYTES:]).digest() != content[:_DIGEST_BYTES]:
            raise ValueError(f"{path} is not what was written")
        return pickle.loads(content[_DIGEST_BYTES:])

    def _write(self, path: str, data: Any) -> None:
        content = self._dump(data)
        with self._open_for_write(path) as file:
            file.write(hashlib.sha256(content).digest() + content)
