"""Real recordings: notes of Debian's FluidR3 soundfont, played dry by FluidSynth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from manned.model.pitch import note_to_hz
from training.corpus.sources import fluidr3
from training.corpus.sources.patch import Played

from .signals import FFT, RATE

HELD_S = 1.5
TAIL_S = 0.5
VELOCITY = 100
# Program and note: what each instrument plays most.
SOUNDS = {
    0: 60,
    33: 40,
    38: 40,
    39: 43,
    40: 69,
    52: 64,
    53: 60,
    56: 67,
    73: 76,
    80: 60,
    81: 57,
    88: 60,
    89: 55,
    95: 62,
}


class Recording(NamedTuple):
    """One note.

    Attributes
    ----------
    name : str
        Of the soundfont's program.
    note : int
    signal : np.ndarray [shape=(n,)]
        A window of silence, the note, its tail and silence again, so that its first frame is silent.
    """

    name: str
    note: int
    signal: np.ndarray

    @property
    def hz(self) -> float:
        """Frequency of the note."""
        return note_to_hz(self.note)


def recordings() -> list[Recording]:
    """The fourteen sounds, without the offset that FluidSynth leaves."""
    patches = {patch.settings["program"]: patch for patch in fluidr3.patches()}
    found = []
    for program, note in SOUNDS.items():
        held, spacing = round(HELD_S * RATE), round((HELD_S + TAIL_S) * RATE)
        signal = fluidr3.render(patches[program], [Played(note, VELOCITY, held, spacing)], RATE).astype(np.float64)
        signal -= signal.mean()
        fade = np.minimum(1.0, np.arange(len(signal))[::-1] / (0.02 * RATE))
        padded = np.concatenate([np.zeros(FFT), signal * fade, np.zeros(2 * FFT)])
        found.append(Recording(patches[program].name.split(" ", 1)[1], note, padded / np.abs(padded).max()))
    return found
