"""Makes the factory bank: ``python -m benchmarks.bank.make``, with names to make some of it anew.

Each sound of ``sounds.toml`` is recorded from the FluidR3 soundfont, encoded by the shipped decoder, and kept as a
gesture and a preset.  Its level is set so that all are equally loud.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import soundfile
import tomllib

from manned.encode.gesture import make_gesture
from manned.encode.recording import encode
from manned.library import SHIPPED_GESTURES, SHIPPED_PRESETS, Library
from manned.model.gesture_file import GESTURE_SUFFIX, write_gesture
from manned.state.preset import Preset, write_preset
from manned.table.macros import DEFAULT_MACROS, Macro, MacroBinding
from manned.table.value import Value
from training.corpus.sources import fluidr3
from training.corpus.sources.patch import Played

from .played import LOUDNESS_DB, loudness_db, probe

SOUNDS = Path(__file__).with_name("sounds.toml")
MODEL = "atlas"
RATE = 44100
AUTHOR = "manned"


@dataclass(frozen=True)
class Sound:
    """One preset, and the note that it is made from.

    Attributes
    ----------
    name : str
        With its folder.
    program, note, velocity : int
        What is recorded: a program of General MIDI, from 0.
    held, seconds : float
        How long its key is down, and the whole recording; a key that is never let go is held to the end.
    still : bool
        Whether only the mean of its loud moments is taken.
    probe : int
        Note that it is measured at.
    values : dict
    macros : dict
        By number, what is not as at first.
    kinds : list of str
    comment : str
    """

    name: str
    program: int
    note: int
    comment: str
    kinds: list[str]
    probe: int
    velocity: int = 100
    held: float = 0.0
    seconds: float = 3.0
    still: bool = False
    values: dict[str, Value] = field(default_factory=dict)
    macros: dict[str, dict] = field(default_factory=dict)

    @property
    def gesture(self) -> str:
        """Name of its gesture."""
        return re.sub(r"[^a-z]+", "-", self.name.partition("/")[2].lower())


def sounds() -> list[Sound]:
    """All sounds of the table, with what their folders say."""
    table = tomllib.loads(SOUNDS.read_text())
    found = []
    for row in table["sounds"]:
        folder = table["folders"][row["name"].partition("/")[0]]
        values = folder["values"] | row.get("values", {})
        macros = folder.get("macros", {}) | row.get("macros", {})
        found.append(Sound(**{"probe": folder["probe"]} | row | {"values": values, "macros": macros}))
    return found


def record(sound: Sound, path: Path) -> None:
    """Record the note of a sound."""
    (patch,) = (patch for patch in fluidr3.patches() if patch.settings["program"] == sound.program)
    frames = round(sound.seconds * RATE)
    held = round(sound.held * RATE) if sound.held else frames - RATE // 20
    audio = fluidr3.render(patch, [Played(sound.note, sound.velocity, held, frames)], RATE)
    soundfile.write(path, audio, RATE, subtype="FLOAT")


def make(sound: Sound) -> str:
    """Make one preset and its gesture; returns a line about it."""
    decoder, encoder = Library().read_encoder(MODEL)
    with tempfile.TemporaryDirectory(prefix="manned-bank-") as folder:
        path = Path(folder, "note.wav")
        record(sound, path)
        found = encode(path, encoder, decoder, sound.note)
        facts = {
            "source": f"General MIDI program {sound.program} of the FluidR3 soundfont, note {sound.note}",
            "licence": "MIT",
            "author": "Frank Wen and others",
        }
        made = make_gesture(path, found, sound.gesture, MODEL, facts=facts)
    values = dict(sound.values)
    if sound.still:
        values = {key: value for key, value in values.items() if not key.startswith("gesture/")}
        told = "still"
    else:
        write_gesture(made.gesture, SHIPPED_GESTURES / f"{sound.gesture}{GESTURE_SUFFIX}")
        values["gesture"] = sound.gesture
        told = "loops" if made.sustains else "decays"
    values |= {f"latent/{i}": round(float(value), 4) for i, value in enumerate(made.gesture.anchor, 1)}
    preset = Preset(
        sound.name,
        MODEL,
        decoder.latent_count,
        values,
        macros=_macros(sound),
        whole=True,
        author=AUTHOR,
        comment=sound.comment,
        kinds=(sound.name.partition("/")[0], *sound.kinds),
    )
    level = round(min(max(LOUDNESS_DB - loudness_db(probe(preset, sound.probe)), -24.0), 12.0), 1)
    preset = replace(preset, values=preset.values | {"level": level})
    path = SHIPPED_PRESETS / f"{sound.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(write_preset(preset))
    return f"{sound.name}: {told}, level {level:+.1f} dB"


def _macros(sound: Sound) -> tuple[Macro, ...]:
    macros = list(DEFAULT_MACROS)
    for number, row in sound.macros.items():
        macros[int(number) - 1] = Macro(row["name"], tuple(MacroBinding(*binding) for binding in row["bind"]))
    return tuple(macros)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the sounds that the command line names, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bank.make", description=__doc__)
    parser.add_argument("names", nargs="*", help="folder/name of a sound, or a folder")
    parser.add_argument("--jobs", type=int, default=1, help="how many at a time [%(default)s]")
    options = parser.parse_args(arguments)
    chosen = [
        sound
        for sound in sounds()
        if not options.names or {sound.name, sound.name.partition("/")[0]} & set(options.names)
    ]
    with ProcessPoolExecutor(options.jobs) as pool:
        for line in pool.map(make, chosen):
            print(line, flush=True)


if __name__ == "__main__":
    main()
