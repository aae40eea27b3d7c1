"""An argument of a command: a row that knows its type, its range and its words."""

from __future__ import annotations

from dataclasses import dataclass

from .value import Kind, ValueType

_TAGS_SHOWN = {
    "float": "f",
    "value": "f, or s",
    "text": "s",
    "name": "s, or i",
    "choice": "s, or i",
    "class": "i, or s",
}


@dataclass(frozen=True)
class Argument(ValueType):
    """One argument, or several of one type in a row.

    Attributes
    ----------
    name : str
        What it is, in a word or two; error sentences begin with it.
    kind : Kind
    minimum, maximum : float
        Inclusive range; numbers outside are clamped to it.
    unit : str
    choices : tuple of str
    optional : bool
        Whether it may be left out, with all that follow.
    least, most : int
        How many of it there are; 1 and 1 is the usual.
    meaning : str
        More about it, for the page of addresses; often the name says enough.
    """

    name: str
    kind: Kind = "float"
    minimum: float = 0.0
    maximum: float = 1.0
    unit: str = ""
    choices: tuple[str, ...] = ()
    optional: bool = False
    least: int = 1
    most: int = 1
    meaning: str = ""

    @property
    def subject(self) -> str:
        """What an error sentence begins with: its name."""
        return self.name

    @property
    def text(self) -> str:
        """The argument for people, e.g. ``f velocity 0–127`` or ``[i id]``."""
        count = "" if self.most == 1 else f" × {self.least}" + (f"…{self.most}" if self.most > self.least else "")
        words = [f"{_TAGS_SHOWN.get(self.kind, 'i')}{count}", self.name, self.range_text(), self.meaning]
        text = " ".join(filter(None, words))
        return f"[{text}]" if self.optional else text
