"""Write the surfaces of this folder's neighbours: ``python examples/surfaces [FOLDER]``."""

from __future__ import annotations

import sys
from pathlib import Path

import max_patch
import open_stage_control
import pd_patch
import touchosc
from controls import controls

FOLDER = Path(__file__).parents[1]


def files() -> dict[str, bytes]:
    """Every file by its name below the folder."""
    shown = list(controls())
    texts = {
        "open-stage-control/manned.json": open_stage_control.session(shown),
        "max/manned-client.maxpat": max_patch.client(shown),
        "max/manned-client.maxhelp": max_patch.help_patch(),
        "pd/manned-client.pd": pd_patch.client(shown),
        "pd/manned-client-help.pd": pd_patch.help_patch(),
    }
    return {"touchosc/manned.tosc": touchosc.layout(shown)} | {name: text.encode() for name, text in texts.items()}


def main() -> None:
    """Write them."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    for name, content in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main()
