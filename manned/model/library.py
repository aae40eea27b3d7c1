"""The folders that decoders, scales and keyboard mappings are looked for in."""

from __future__ import annotations

from pathlib import Path

from ..errors import ModelError, TuningError
from .decoder_file import SUFFIX
from .encoder_file import ENCODER_SUFFIX

SHIPPED = Path(__file__).parents[1] / "decoders"
"""Folder of the decoders that come with the program."""

SHIPPED_SCALES = Path(__file__).parents[1] / "scales"
"""Folder of the scales that come with the program."""


def list_decoders(folders) -> list[str]:
    """Names of the decoders in some folders; those of the first folder come first, each name once."""
    encoder = ENCODER_SUFFIX.removesuffix(SUFFIX)
    return [name for name in list_names(folders, SUFFIX) if not name.endswith(encoder)]


def list_names(folders, suffix: str) -> list[str]:
    """Names of the files with a suffix in some folders; those of the first folder come first, each name once."""
    names = {}
    for folder in map(Path, folders):
        if folder.is_dir():
            names |= dict.fromkeys(sorted(path.stem for path in folder.glob("*" + suffix)))
    return list(names)


def find_decoder(name: str, folders) -> Path:
    """File of the decoder called ``name`` in the first of ``folders`` that has it, or at that path.

    Raises
    ------
    ModelError
        When no folder has it.
    """
    path = _find(name, folders, SUFFIX)
    if path is None:
        raise ModelError(
            f"model {name!r}: no such decoder in {', '.join(map(str, folders))}; the name of a file ends in {SUFFIX}"
        )
    return path


def find_tuning(name: str, folders, suffix: str) -> Path:
    """File of a scale (``.scl``) or keyboard mapping (``.kbm``), found as `find_decoder` does.

    Raises
    ------
    TuningError
        When no folder has it.
    """
    path = _find(name, folders, suffix)
    if path is None:
        raise TuningError(
            f"{name!r}: no such {suffix} file in {', '.join(map(str, folders))}; the name of a file ends in {suffix}"
        )
    return path


def _find(name: str, folders, suffix: str) -> Path | None:
    path = Path(name)
    if path.suffix == suffix or path.parent != Path("."):
        return path
    for folder in folders:
        candidate = Path(folder) / (name + suffix)
        if candidate.is_file():
            return candidate
    return None
