"""What a row of the page hands over, and its Markdown."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

PICTURES = "sound"  # the folder beside the page


@dataclass
class Promise:
    """One thing that is promised of the sound.

    Attributes
    ----------
    what, aim, found : str
        What is promised, how much of it, and what was measured.
    kept : bool
    """

    what: str
    aim: str
    found: str
    kept: bool

    @property
    def verdict(self) -> str:
        return "kept" if self.kept else "**not kept**"


@dataclass
class Section:
    """A row's promises and the Markdown that stands below its title and method."""

    promises: list[Promise] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def promise(self, what: str, aim: str, found: str, kept) -> None:
        self.promises.append(Promise(what, aim, found, bool(kept)))

    def text(self, paragraph: str) -> None:
        self.parts.append(paragraph)

    def table(self, heads, rows) -> None:
        self.parts.append(markdown_table(heads, rows))

    def picture(self, path: Path, caption: str) -> None:
        self.parts.append(f"![{caption}]({PICTURES}/{path.name})\n\n*{caption}*")


def markdown_table(heads, rows) -> str:
    """A table in Markdown, one line per row."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
