"""What figures of fits of every kind share: their files and the names of fits."""

from __future__ import annotations

import os
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from manned import files
from manned.errors import TrainingError
from training.files import make_folder, replacing

FORMATS = ("svg", "png")


def save(figure: Figure, path: str | os.PathLike[str]) -> Path:
    """Write a figure as the suffix of ``path`` says, the same bytes for the same figure; raises `TrainingError`."""
    path = Path(path)
    kind = path.suffix[1:].lower()
    if kind not in FORMATS:
        raise TrainingError(f"{files.shown(path)}: a figure is written as {' or '.join(FORMATS)}, found {kind!r}")
    make_folder(path.parent)
    with matplotlib.rc_context({"svg.hashsalt": "manned"}):
        metadata = {"Date": None} if kind == "svg" else {"Software": None}
        with replacing(path) as part:
            figure.savefig(part, format=kind, dpi=160, metadata=metadata)
    return path


def names_of(folders: list[Path]) -> list[str]:
    """The name of each folder, with as many of its parents as tell it from the others."""
    parts = [folder.resolve().parts[1:] for folder in folders]
    names: list[str] = []
    for depth in range(1, max(map(len, parts)) + 1):
        names = ["-".join(part[-depth:]) for part in parts]
        if len(set(names)) == len(set(parts)):
            break
    return names
