"""Rows and cells of the page's tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

Result = dict[str, Any]
"""One kept result, see `training.paper.reproduce`."""

Titles = dict[str, str]
"""Titles of the recipes by name; the paper's comes first."""


def row_of(cells: Iterable[object]) -> str:
    """A row of a table."""
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def error_cell(number: float | None) -> str:
    """An error × 10⁻⁴."""
    return "–" if number is None else f"{number * 1e4:.3f}"


def ratio_cell(number: float | None) -> str:
    """A ratio, and its difference from 1 in per cent."""
    return "–" if number is None else f"{number:.2f} ({round(number - 1, 2) + 0.0:+.0%})".replace("-", "−")


def share_cell(number: float | None) -> str:
    """A share, 0–1."""
    return "–" if number is None or math.isnan(number) else f"{number:.3f}"


def count_cell(number: float | None) -> str:
    """A number of partials."""
    return "–" if number is None or math.isnan(number) else f"{number:.1f}"


def numbers(ratios: Iterable[float]) -> str:
    """Several ratios."""
    return ", ".join(f"{ratio:.2f}" for ratio in ratios)


def each_cell(results: Iterable[Result | None], text: Callable[[Result], str]) -> str:
    """One text of each result."""
    return ", ".join(text(result) if result else "–" for result in results)


def result_keys(model: str, titles: Iterable[str]) -> list[str]:
    """Keys of a model's results by each recipe."""
    return [f"{model}/{recipe}" for recipe in titles]


def tried(titles: Titles, recipes: set[str]) -> Titles:
    """Titles of the first recipe, and of those others that are among ``recipes``."""
    first = next(iter(titles))
    return {recipe: title for recipe, title in titles.items() if recipe == first or recipe in recipes}
