"""Which pitch every key has."""

from __future__ import annotations

import math

from .model.pitch import hz_to_note, note_to_hz
from .model.scala import LAST_KEY, Keyboard, Scale

CHROMATIC = Scale("", "equal temperament", tuple(100.0 * degree for degree in range(1, 13)))
FROM_MIDDLE_C = Keyboard("", (), 0, LAST_KEY, 60, 60, note_to_hz(60), 0)
"""Where a scale lies without a keyboard mapping: its degree 0 is middle C, as it always was."""
KEYS = 132  # the highest drone, B9, is key 131
AUDIBLE = (-0.5, 135.0)  # note numbers: 8 Hz to 20 kHz


class Tuning:
    """The pitches of all keys: equal temperament, or those of a scale and a keyboard mapping.

    Parameters
    ----------
    scale : Scale, optional
        Without one, equal temperament.
    keyboard : Keyboard, optional
        Without one, degree 0 of the scale is middle C and every key is a
        degree.
    """

    def __init__(self, scale: Scale | None = None, keyboard: Keyboard | None = None):
        self.scale = scale
        self.keyboard = keyboard
        self._pitches = None
        if scale is not None or keyboard is not None:
            self._pitches = _pitches(scale or CHROMATIC, keyboard or FROM_MIDDLE_C)

    def pitch(self, note: float) -> float | None:
        """Note number, with fraction, in equal temperament at A4 = 440 Hz of a key's pitch; None when it has none.

        Parameters
        ----------
        note : float
            A key, 0–131.  A fraction goes on towards the pitch of the next key,
            or by semitones where one of the two has none.
        """
        if self._pitches is None:
            return note
        below = math.floor(note)
        fraction = note - below
        low = self._pitches[below]
        high = self._pitches[below + 1] if fraction else low
        if low is not None and high is not None:
            return low + fraction * (high - low)
        if fraction < 0.5:
            return None if low is None else low + fraction
        return None if high is None else high + fraction - 1.0

    @property
    def equal(self) -> bool:
        """Whether every key has its pitch of equal temperament."""
        return self._pitches is None

    def names(self) -> dict[str, str]:
        """Names of the scale and of the keyboard mapping; empty where there is none."""
        return {"scale": self.scale.name if self.scale else "", "keyboard": self.keyboard.name if self.keyboard else ""}


def _pitches(scale: Scale, keyboard: Keyboard) -> list[float | None]:
    reference = keyboard.cents(keyboard.reference, scale)
    assert reference is not None  # a mapping whose reference has no pitch is not read
    base = hz_to_note(keyboard.hertz) - reference / 100.0
    return [_pitch(key, scale, keyboard, base) for key in range(KEYS)]


def _pitch(key: int, scale: Scale, keyboard: Keyboard, base: float) -> float | None:
    if key < keyboard.first or keyboard.last < min(key, LAST_KEY):
        return float(key)
    cents = keyboard.cents(key, scale)
    pitch = None if cents is None else base + cents / 100.0
    return pitch if pitch is not None and AUDIBLE[0] <= pitch <= AUDIBLE[1] else None
