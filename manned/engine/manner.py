"""How frames are made into sound: what a voice finds at its hop, and a note at its onset."""

from __future__ import annotations

import numpy as np

from ..limits import NOISE_DB
from ..table.parameters import control_index
from .controls import hop_samples, phase_method
from .modulation import NOISE, moved_by
from .native import native
from .record import Record

MANNER = np.dtype(
    [
        ("phase", "i4"),  # index into limits.PHASES
        ("hop", "i4"),  # samples from one frame to the next
        ("formant", "f8"),  # share by which the spectral envelope stays where it was
        ("harmonic", "f8"),  # gains of harmonics and noise, of frames that tell them apart
        ("noise", "f8"),
    ],
    align=True,
)

_FORMANT, _HARMONIC, _NOISE = (control_index(name) for name in ("formant", "harmonic/level", "noise/level"))


@native
def find_manner(controls: Record, tone: Record, now: int, manner: Record) -> None:
    """Write what the controls say of a voice at sample ``now``."""
    manner.phase = phase_method(controls)
    manner.hop = hop_samples(controls)
    manner.formant = controls.values[_FORMANT]
    manner.harmonic = controls.values[_HARMONIC]
    manner.noise = controls.values[_NOISE]
    moved = moved_by(controls, tone, NOISE, now)
    if moved != 0.0:
        manner.noise *= 10.0 ** (NOISE_DB * moved / 20.0)
