"""The folders that decoders are looked for in."""

from __future__ import annotations

from pathlib import Path

from ..errors import ModelError
from .decoder_file import SUFFIX
from .encoder_file import ENCODER_SUFFIX

SHIPPED = Path(__file__).parents[1] / "decoders"
"""Folder of the decoders that come with the program."""


def list_decoders(folders) -> list[str]:
    """Names of the decoders in some folders; those of the first folder come first, each name once."""
    names = {}
    for folder in map(Path, folders):
        if folder.is_dir():
            files = (path for path in folder.glob("*" + SUFFIX) if not path.name.endswith(ENCODER_SUFFIX))
            names |= dict.fromkeys(sorted(path.stem for path in files))
    return list(names)


def find_decoder(name: str, folders) -> Path:
    """File of the decoder called ``name`` in the first of ``folders`` that has it, or at that path.

    Raises
    ------
    ModelError
        When no folder has it.
    """
    path = Path(name)
    if path.suffix == SUFFIX or path.parent != Path("."):
        return path
    for folder in folders:
        candidate = Path(folder) / (name + SUFFIX)
        if candidate.is_file():
            return candidate
    raise ModelError(f"model {name!r}: no such decoder in {', '.join(map(str, folders))}")
