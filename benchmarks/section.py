"""What one benchmark hands over for its page, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike


@dataclass
class Promise:
    """One thing that is promised of the instrument.

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
        """In the table of promises."""
        return "kept" if self.kept else "**not kept**"


@dataclass
class Section:
    """The promises of a benchmark, and the Markdown that stands below its title and method."""

    promises: list[Promise] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def promise(self, what: str, aim: str, found: str, kept: bool | np.bool_) -> None:
        """Add a promise, and whether it is kept."""
        self.promises.append(Promise(what, aim, found, bool(kept)))

    def text(self, paragraph: str) -> None:
        """Add a paragraph."""
        self._add(paragraph)

    def lines(self, lines: Iterable[str]) -> None:
        """Add lines that keep their spaces."""
        self._add("\n".join(["```", *lines, "```"]))

    def table(self, heads: Sequence[object], rows: Iterable[Sequence[object]]) -> None:
        """Add a table."""
        self._add(markdown_table(heads, rows))

    def picture(self, path: Path, caption: str) -> None:
        """Add a picture, which lies in a folder beside the page."""
        self._add(f"![{caption}]({path.parent.name}/{path.name})\n\n*{caption}*")

    def _add(self, part: str) -> None:
        print(part + "\n", flush=True)
        self.parts.append(part)


def markdown_table(heads: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown, one line per row."""
    lines = ["| " + " | ".join(map(str, line)) + " |" for line in (heads, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(heads), *lines[1:]])


def quantiles(values: ArrayLike, scale: float = 1.0) -> str:
    """``median / p95 / max`` of some values, scaled."""
    median, high, most = np.quantile(np.asarray(values) * scale, [0.5, 0.95, 1.0])
    return f"{median:.2f} / {high:.2f} / {most:.2f}"
