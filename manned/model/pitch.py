"""Pitch classes, octaves and frequencies of notes, in one place."""

from __future__ import annotations

import math
import re

from ..errors import ParameterError

CLASS_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLATS = {"Db": 1, "Eb": 3, "Fb": 4, "Gb": 6, "Ab": 8, "Bb": 10, "Cb": 11, "E#": 5, "B#": 0}


def note_to_hz(note: float, a4_hz: float = 440.0) -> float:
    """Frequency in Hertz of a MIDI note number (69 = A4); fractions are microtones."""
    return a4_hz * 2.0 ** ((note - 69.0) / 12.0)


def hz_to_note(frequency_hz: float, a4_hz: float = 440.0) -> float:
    """MIDI note number, with fraction, of a frequency in Hertz (> 0)."""
    return 69.0 + 12.0 * math.log2(frequency_hz / a4_hz)


def class_and_octave(note: float) -> tuple[int, int]:
    """Pitch class 0–11 (C = 0) and octave (60 = C4) of the semitone nearest to ``note``."""
    nearest = math.floor(note + 0.5)
    return nearest % 12, nearest // 12 - 1


def parse_class(text: str) -> int | None:
    """Pitch class of a name such as ``C``, ``f#`` or ``Db``; None when it is no name."""
    name = text.strip()
    name = name[:1].upper() + name[1:].replace("♯", "#").replace("♭", "b")
    if name in CLASS_NAMES:
        return CLASS_NAMES.index(name)
    return _FLATS.get(name)


def parse_note(text: str) -> int:
    """MIDI note of a number 0–127, or of a name and octave such as ``A4`` or ``Eb3``."""
    number = int(text) if re.fullmatch(r"\d{1,3}", text) else -1
    if name := re.fullmatch(r"([A-Ga-g][#b♯♭]?)(-?\d)", text):
        pitch_class = parse_class(name[1])
        number = -1 if pitch_class is None else pitch_class + 12 * (int(name[2]) + 1)
    if not 0 <= number <= 127:
        raise ParameterError(f"note {text!r}: no note, allowed are 0–127, or a name with its octave such as A4 or Eb3")
    return number


def note_name(pitch_class: int, octave: int) -> str:
    """A note for people, e.g. ``A4``."""
    return f"{CLASS_NAMES[pitch_class]}{octave}"


def note_text(note: float) -> str:
    """A note number with its fraction for people, e.g. ``A4 -12 cents``."""
    cents = round(100.0 * (note - math.floor(note + 0.5)))
    return note_name(*class_and_octave(note)) + (f" {cents:+d} cents" if cents else "")
