"""Where compiled code is kept between starts.

numba notices a change in a function's own file, but not in the files of what it
calls.  So the folder's name holds a digest of the whole engine: another version
never meets old machine code.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from pathlib import Path

import numba

log = logging.getLogger(__name__)


def choose_cache() -> None:
    """Point numba's cache at a folder of this version of the engine.

    The first writable one of ``$NUMBA_CACHE_DIR``, ``$CACHE_DIRECTORY`` (set by
    systemd), ``$XDG_CACHE_HOME/manned``, ``~/.cache/manned`` and the folder for temporary files.
    """
    digest = hashlib.sha256(numba.__version__.encode())
    for source in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(source.read_bytes())
    environment = os.environ
    candidates = [
        environment.get("NUMBA_CACHE_DIR"),
        environment.get("CACHE_DIRECTORY"),
        Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "manned",
        Path(tempfile.gettempdir()) / f"manned-{os.getuid()}",
    ]
    for candidate in filter(None, candidates):
        folder = Path(candidate) / f"engine-{digest.hexdigest()[:16]}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            numba.config.CACHE_DIR = str(folder)
            if not any(folder.iterdir()):
                log.info("first start of this version: compiling the engine for this machine, which takes a minute")
            return
