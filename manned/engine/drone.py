"""What the drone plays: its pitch class and octave, or a mixture of pitch classes."""

from __future__ import annotations

import numpy as np

from ..limits import CLASSES
from .native import native
from .record import Record

DRONE_CONTROLS = np.dtype(
    [
        ("pitch_class", "i4"),
        ("octave", "i4"),
        ("tuning", "f8"),  # semitones that the scale adds
        ("mixture", "i4"),  # whether several classes sound, by their weights
        ("weights", "f4", CLASSES),
    ],
    align=True,
)


@native
def set_class(drone: Record, pitch_class: int) -> None:
    """Let one class sound alone."""
    drone.pitch_class = pitch_class
    drone.mixture = 0
    for k in range(CLASSES):
        drone.weights[k] = 1.0 if k == pitch_class else 0.0


@native
def weigh_class(drone: Record, pitch_class: int, weight: float) -> None:
    """Weigh one class; one class alone is the drone's plain class, and none leaves the last one."""
    drone.weights[pitch_class] = weight
    count, last = 0, 0
    for k in range(CLASSES):
        if drone.weights[k] > 0:
            count += 1
            last = k
    drone.mixture = 1 if count > 1 else 0
    if count == 1:
        drone.pitch_class = last


@native
def drone_note(drone: Record) -> float:
    """Note number of the drone."""
    return drone.pitch_class + 12 * (drone.octave + 1) + drone.tuning
