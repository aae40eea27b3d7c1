"""Scales and keyboard mappings as files of the program Scala: ``.scl`` and ``.kbm``.

The formats are those of https://www.huygens-fokker.org/scala/scl_format.html
and https://www.huygens-fokker.org/scala/help.htm#mappings.  What they do not
allow is refused rather than guessed at: a scale that is read wrong is heard
only when it is too late.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, localcontext
from pathlib import Path

from .. import files
from ..errors import TuningError
from ..files import PathLike

SCALE_SUFFIX, KEYBOARD_SUFFIX = ".scl", ".kbm"
LONGEST_FILE = 1 << 16  # bytes
MOST_DEGREES = 1024
MOST_CENTS = 100_000.0
LAST_KEY = 127

_LINE_END = re.compile(r"\r\n|\r|\n")
_PITCH = re.compile(
    r"(?P<cents>[-+]?(?:\d+\.\d*|\.\d+))(?=\s|!|$)"
    r"|(?P<over>\d+)(?:\s*/\s*(?P<under>\d+))?(?=\s|!|$)(?!\s*/)",
    re.ASCII,
)
_DIGITS = 50
"""That ratios are worked out with; numbers of a file may have any length, and commas are small."""

_PITCHES_ALLOWED = "a ratio such as 3/2, or cents with a point such as 701.955"


@dataclass(frozen=True)
class Scale:
    """One period of a scale.

    Attributes
    ----------
    name : str
    description : str
    cents : tuple of float
        Degree 1 and up, from degree 0; the last one is the period.
    """

    name: str
    description: str
    cents: tuple[float, ...]

    def degree_cents(self, degree: int) -> float:
        """Cents from degree 0 to any degree, also in other periods (``degree`` below 0 or beyond the last)."""
        periods, degree = divmod(degree, len(self.cents))
        return periods * self.cents[-1] + (self.cents[degree - 1] if degree else 0.0)


@dataclass(frozen=True)
class Keyboard:
    """Which key plays which degree of a scale, and how high.

    Attributes
    ----------
    name : str
    degrees : tuple of int or None
        Degree of each key of the pattern that begins at key ``middle``; None
        for keys without a pitch.  Empty: every key is the next degree.
    first, last : int
        Keys that are retuned; the others keep equal temperament.
    middle : int
    reference : int
        Key whose frequency is ``hertz``.
    hertz : float
    octave : int
        Degree by which the pattern moves from one repetition to the next; 0 is
        the period of the scale.
    """

    name: str
    degrees: tuple[int | None, ...]
    first: int
    last: int
    middle: int
    reference: int
    hertz: float
    octave: int

    def cents(self, key: int, scale: Scale) -> float | None:
        """Cents from degree 0 of a scale at key ``middle``; None for a key without a pitch."""
        if not self.degrees:
            return scale.degree_cents(key - self.middle)
        repetitions, place = divmod(key - self.middle, len(self.degrees))
        degree = self.degrees[place]
        if degree is None:
            return None
        return repetitions * scale.degree_cents(self.octave or len(scale.cents)) + scale.degree_cents(degree)


def read_scale(path: PathLike) -> Scale:
    """Read a ``.scl`` file.

    Raises
    ------
    TuningError
        When it cannot be read; names file, line, what was found and what is
        allowed.
    """
    lines = _Lines("scale", path)
    description = lines.take("the scale's description", blank=True).strip()
    count = lines.whole("the number of notes", 1, MOST_DEGREES)
    return Scale(Path(path).stem, description, tuple(_pitch_cents(lines) for _ in range(count)))


def _pitch_cents(lines: _Lines) -> float:
    text = lines.take("a pitch").strip()
    match = _PITCH.match(text)
    if match is None:
        raise lines.refused(text, _PITCHES_ALLOWED)
    if match["cents"]:
        cents = float(match["cents"])
    else:
        over, under = Decimal(match["over"]), Decimal(match["under"] or 1)
        if not over or not under:
            raise lines.refused(text, _PITCHES_ALLOWED)
        with localcontext() as context:
            context.prec = _DIGITS
            cents = float(1200 * (over / under).ln() / Decimal(2).ln())
    if abs(cents) > MOST_CENTS:
        raise lines.refused(text, f"{-MOST_CENTS:.0f} to {MOST_CENTS:.0f} cents")
    return cents


def read_keyboard(path: PathLike) -> Keyboard:
    """Read a ``.kbm`` file.

    Raises
    ------
    TuningError
        When it cannot be read, or its reference key has no pitch; names file,
        line, what was found and what is allowed.
    """
    lines = _Lines("keyboard mapping", path)
    size = lines.whole("the size of the map", 0, MOST_DEGREES)
    first = lines.whole("the first key", 0, LAST_KEY)
    last = lines.whole("the last key", first, LAST_KEY)
    middle = lines.whole("the middle key", 0, LAST_KEY)
    reference = lines.whole("the reference key", 0, LAST_KEY)
    hertz = lines.hertz("the reference frequency")
    octave = lines.whole("the degree of the octave", 0, MOST_DEGREES)
    degrees = []
    while len(degrees) < size and not lines.at_end():
        degrees.append(lines.degree())
    degrees += [None] * (size - len(degrees))  # those at the end may be left out
    if degrees and degrees[(reference - middle) % size] is None:
        raise TuningError(f"{lines.where}: its reference key {reference} has no degree, allowed is a key that has one")
    return Keyboard(Path(path).stem, tuple(degrees), first, last, middle, reference, hertz, octave)


class _Lines:
    """The lines of a file that are no comments, one after the other."""

    def __init__(self, what: str, path):
        self.where = f"{what} {path}"
        try:
            content = files.read_bytes(path, LONGEST_FILE)
        except OSError as error:
            raise TuningError(f"{self.where}: cannot be read ({error.strerror})") from None
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("latin-1")
        lines = enumerate(_LINE_END.split(text), 1)
        self._left = [(number, line) for number, line in lines if not line.startswith("!")][::-1]
        self._number = 0

    def take(self, what: str, blank: bool = False) -> str:
        """The next line; empty ones, and remarks behind spaces, count only where ``blank`` says so."""
        if not blank:
            self._skip_blank()
        if not self._left:
            raise TuningError(f"{self.where}: ends where {what} should be")
        self._number, line = self._left.pop()
        return line

    def at_end(self) -> bool:
        """Whether nothing but empty lines is left."""
        self._skip_blank()
        return not self._left

    def _skip_blank(self) -> None:
        while self._left and (not (line := self._left[-1][1].strip()) or line.startswith("!")):
            self._left.pop()

    def refused(self, found: str, allowed: str) -> TuningError:
        """What is wrong with the line that was taken last."""
        return TuningError(f"{self.where}, line {self._number}: found {found[:64]!r}, allowed is {allowed}")

    def _word(self, what: str) -> str:
        """The first word of the next line; what follows it is somebody's note."""
        return self.take(what).split()[0]

    def whole(self, what: str, minimum: int, maximum: int) -> int:
        word = self._word(what)
        number = _whole(word)
        if number is None or not minimum <= number <= maximum:
            raise self.refused(word, f"{what}, a whole number {minimum}–{maximum}")
        return number

    def hertz(self, what: str) -> float:
        word = self._word(what)
        if not re.fullmatch(r"(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", word, re.ASCII) or not 1 <= float(word) <= 20e3:
            raise self.refused(word, f"{what}, 1–20000 Hz")
        return float(word)

    def degree(self) -> int | None:
        word = self._word("a degree")
        if word in "xX":
            return None
        number = _whole(word)
        if number is None or number > MOST_DEGREES:
            raise self.refused(word, f"a degree 0–{MOST_DEGREES}, or x for a key without a pitch")
        return number


def _whole(word: str) -> int | None:
    """A whole number of any length; None for anything else, and for one above all that is allowed anywhere."""
    if not re.fullmatch(r"\d+", word, re.ASCII):
        return None
    digits = word.lstrip("0") or "0"
    return int(digits) if len(digits) < 10 else None
