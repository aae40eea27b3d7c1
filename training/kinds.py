"""Which kind of model a corpus or a fit is of: the paper's ``spectrum``, or ``harmonic``."""

from __future__ import annotations

import os
from pathlib import Path

from manned.model.decoder_file import KIND as SPECTRUM
from manned.model.harmonic.topology import KIND as HARMONIC
from training.files import read_json

KINDS = (SPECTRUM, HARMONIC)


def kind_of(folder: str | os.PathLike[str], facts: str) -> str:
    """Kind of a folder by its JSON file ``facts``; `SPECTRUM` when that says none or cannot be read.

    Whoever opens the folder then says what is wrong with it.
    """
    try:
        return str(read_json(Path(folder) / facts).get("kind", SPECTRUM))
    except (OSError, ValueError, AttributeError):
        return SPECTRUM
