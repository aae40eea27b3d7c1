"""The user's folders, as the XDG Base Directory Specification has them.

A user without an account and without ``HOME`` has none of them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from .. import PROGRAM

DATA_HOME = "$XDG_DATA_HOME"
"""Stands in a setting for the folder of the user's data, also where the environment does not name it."""


def user_config_folder(environment: Mapping[str, str]) -> Path | None:
    """Folder of the user's settings, or None without a home."""
    return _program_folder(environment, "XDG_CONFIG_HOME", "~/.config")


def user_state_folder(environment: Mapping[str, str]) -> Path | None:
    """Folder of what the program keeps for the user, or None without a home."""
    return _program_folder(environment, "XDG_STATE_HOME", "~/.local/state")


def resolve(folder: str, environment: Mapping[str, str]) -> Path | None:
    """The folder that a setting names, with ``~`` and `DATA_HOME` at its beginning resolved.

    Returns
    -------
    Path or None
        None when there is no such home.
    """
    first, separator, rest = folder.partition("/")
    if first == DATA_HOME:
        folder = (environment.get("XDG_DATA_HOME") or "~/.local/share") + separator + rest
    path = os.path.expanduser(folder)
    return None if path.startswith("~") else Path(path)


def _program_folder(environment: Mapping[str, str], variable: str, default: str) -> Path | None:
    home = resolve(environment.get(variable) or default, environment)
    return None if home is None else home / PROGRAM
