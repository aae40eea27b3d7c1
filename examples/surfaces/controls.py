"""What every surface shows, read from the tables of the program, and where it stands.

A frame is x, y, width and height in a window of `WIDTH` by `HEIGHT`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from manned.limits import OSC_PORT
from manned.model.pitch import CLASS_NAMES
from manned.table.macros import MACROS
from manned.table.parameters import parameter_table

WIDTH, HEIGHT = 1024, 640
LATENTS = 16
"""As many as the shipped decoder has."""
HOST, PORT = "127.0.0.1", OSC_PORT
METER_RATE = 20
"""Levels a second."""
RENEW_S = 10
"""A subscription is asked for so often: it lapses without packets, and manned may be started later, or anew."""
PRESETS = Path(__file__).parents[2] / "manned" / "presets"


@dataclass(frozen=True)
class Control:
    """One control.

    Attributes
    ----------
    look : str
        ``toggle``, ``steps``, ``fader``, ``pad``, ``button`` or ``meter``.
    address : str
        Sent to when it is moved; what comes back there is shown.
    label : str
    frame : tuple of int
    first, last : float
        What it sends at its ends.
    words : tuple of str
        Names of its steps.
    argument : str, int or None
        What a button sends.
    place : int
        Which of the numbers at its address a meter shows, from 0.
    """

    look: str
    address: str
    label: str
    frame: tuple[int, int, int, int]
    first: float = 0
    last: float = 1
    words: tuple[str, ...] = ()
    argument: str | int | None = None
    place: int = 0

    @property
    def name(self) -> str:
        """A name of its own among all controls."""
        return self.label if self.look in ("button", "meter") else self.address.strip("/").replace("/", "-")


def controls() -> Iterator[Control]:
    """Every control, row by row."""
    table = parameter_table(LATENTS)
    octave = table["octave"]
    yield Control("toggle", "/gate", "drone", (10, 20, 80, 60))
    yield Control("steps", "/chroma", "pitch class", (100, 20, 560, 60), 0, len(CLASS_NAMES) - 1, CLASS_NAMES)
    octaves = range(int(octave.minimum), int(octave.maximum) + 1)
    words = tuple(map(str, octaves))
    yield Control("steps", "/octave", "octave", (670, 20, 344, 60), octaves[0], octaves[-1], words)
    yield Control("pad", "/xy", "chart of sounds", (10, 110, 280, 280))
    for number in range(1, LATENTS + 1):
        row = table[f"latent/{number}"]
        frame = (300 + 45 * (number - 1), 110, 39, 280)
        yield Control("fader", row.address, f"latent {number}", frame, row.minimum, row.maximum)
    for number in range(1, MACROS + 1):
        row = table[f"macro/{number}"]
        frame = (10 + 57 * (number - 1), 420, 50, 200)
        yield Control("fader", row.address, f"macro {number}", frame, row.minimum, row.maximum)
    yield Control("button", "/preset/prev", "previous", (480, 420, 130, 44))
    yield Control("button", "/preset/next", "next", (620, 420, 130, 44))
    yield Control("button", "/dump", "show all", (760, 420, 130, 44))
    for place, preset in enumerate(presets()):
        frame = (480 + 140 * (place % 3), 472 + 38 * (place // 3), 130, 32)
        yield Control("button", "/preset/load", preset, frame, argument=preset)
    for place, label in enumerate(("left", "right")):
        yield Control("meter", "/meter", f"meter {label}", (920 + 50 * place, 420, 40, 200), place=place)


def presets() -> list[str]:
    """Names of the presets that have a button: the first of each folder."""
    folders = sorted(folder for folder in PRESETS.iterdir() if folder.is_dir())
    return [f"{folder.name}/{min(path.stem for path in folder.glob('*.json'))}" for folder in folders]
