"""Where compiled code is kept between starts.

numba notices a change in a function's own file, but not in the files of what it
calls.  So the folder's name holds a digest of the whole engine: another version
never meets old machine code.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import stat
import tempfile
from pathlib import Path

import numba

from ..table.parameters import CONTROLS

log = logging.getLogger(__name__)


def choose_cache() -> None:
    """Point numba's cache at a folder of this version of the engine.

    The first writable one of ``$NUMBA_CACHE_DIR``, ``$CACHE_DIRECTORY`` (set by
    systemd), ``$XDG_CACHE_HOME/manned`` (``~/.cache/manned``) and a folder among
    the temporary files that nobody else can write to: what lies there is run.
    """
    digest = hashlib.sha256(numba.__version__.encode())
    digest.update(" ".join(row.name for row in CONTROLS).encode())  # their places are compiled in
    package = Path(__file__).parent
    for source in (package.parent / "limits.py", package.parent / "events.py", *sorted(package.rglob("*.py"))):
        digest.update(os.fsencode(source))  # Numba's cache knows functions by their file
        digest.update(source.read_bytes())
    for candidate in _candidates(os.environ):
        folder = candidate / f"engine-{digest.hexdigest()[:16]}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            numba.config.CACHE_DIR = str(folder)
            if not any(folder.iterdir()):
                log.info("first start of this version: compiling the engine for this machine, which takes a minute")
            return


def _candidates(environment):
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
