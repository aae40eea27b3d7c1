"""Twenty-four notes of General MIDI, of all families, whose programs no fit of the kind harmonic may have heard."""

from __future__ import annotations

import numpy as np

from training.corpus.sources import fluidr3
from training.corpus.sources.patch import Patch, Played

NOTES = (
    (0, 60), (8, 72), (11, 65), (14, 60), (19, 48), (24, 52), (32, 36), (40, 69),
    (42, 48), (47, 43), (48, 60), (52, 60), (56, 67), (57, 50), (60, 53), (65, 58),
    (68, 74), (71, 62), (73, 76), (80, 60), (81, 57), (89, 60), (104, 55), (114, 64),
)  # fmt: skip
"""Program (from 0) and MIDI note of each."""

APART = tuple(f"fluidr3/{program:03d} *" for program, _ in NOTES)
"""Patterns of their patches, for `training.corpus.harmonic.corpus.build`."""

_HELD_S, _LENGTH_S, _VELOCITY = 1.9, 2.0, 100


def sounds(samplerate: int = 44100) -> list[tuple[Patch, int, np.ndarray]]:
    """Patch, note and sound [shape=(n,)] of each of `NOTES`: two seconds, dry, at velocity 100.

    Raises
    ------
    CorpusError
        When fluidsynth or its soundfont is not installed.
    """
    programs = {patch.settings["program"]: patch for patch in fluidr3.patches()}
    held, length = round(_HELD_S * samplerate), round(_LENGTH_S * samplerate)
    return [
        (
            programs[program],
            note,
            fluidr3.render(programs[program], [Played(note, _VELOCITY, held, length)], samplerate),
        )
        for program, note in NOTES
    ]
