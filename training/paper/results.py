"""Numbers of the kept results, by model and recipe: what the page sets side by side."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from manned.model.pitch import CLASS_NAMES

Measure = str | Sequence[str]
"""A measure of `value`, or two of them: one for each of a pair of models."""

Pairs = Iterable[Sequence[str]]
"""Pairs of models, by their names."""

_EMBEDDING = {"correlation": "largest_correlation", "evenness": "evenness"}


def best_known(results: dict) -> dict[tuple[str, str], str]:
    """Key of the result to show of each model and recipe: the longest fit, in float32 rather than in bfloat16."""
    chosen = {}
    for key in sorted(results, key=lambda key: (results[key]["epochs"], not key.endswith("/bfloat16"))):
        model, recipe, *_ = key.split("/")
        chosen[model, recipe] = key
    return chosen


def value(result: dict | None, measure: str) -> float | None:
    """One measure of a result; None when there is none.

    ``error`` is that of the test set, ``minutes`` those of training, ``match`` the mean over the classes in the corpus;
    ``mismatch_at_boundary`` and ``mismatch_inside`` the shares of these points that sound another one, near the
    boundary of the space and elsewhere; ``correlation`` and ``evenness`` are of the embedding (see
    `training.measure.embedding.embedding_statistics`).
    """
    if result is None:
        return None
    evaluation = result["evaluation"]
    if measure == "error":
        return evaluation["test_mse"]
    if measure == "minutes":
        return result["seconds"] / 60
    if measure in _EMBEDDING:
        return evaluation["embedding"][_EMBEDDING[measure]]
    if "mesh" not in evaluation:
        return None
    match = held_and_lacked(result, "matches")[0]
    if measure == "match":
        return match
    if "boundary" not in evaluation["mesh"]:
        return None
    share, at_boundary = evaluation["mesh"]["boundary"], held_and_lacked(result, "matches_at_boundary")[0]
    mismatches = {"mismatch_at_boundary": 1.0 - at_boundary}
    if share < 1.0:
        mismatches["mismatch_inside"] = max(0.0, 1.0 - (match - share * at_boundary) / (1.0 - share))
    return mismatches.get(measure)


def gain(errors: list[float | None]) -> float | None:
    """Lowest error of the other recipes, of that of the first."""
    first, others = errors[0], [error for error in errors[1:] if error]
    return min(others) / first if first and others else None


def held_and_lacked(result: dict, table: str) -> list[float]:
    """Means of a table of the mesh over the classes that the corpus holds, and over those that it lacks."""
    pairs = list(zip(by_class(result, table), _held(result)))
    return [mean([value for value, known in pairs if known == held]) for held in (True, False)]


def by_class(result: dict, table: str) -> list[float]:
    """A table of the mesh, of all octaves together; not numbers where an older version measured without it."""
    octaves = result["evaluation"]["mesh"].get(table, [[math.nan] * len(CLASS_NAMES)])
    return [mean(values) for values in zip(*octaves)]


def _held(result: dict[str, Any]) -> list[bool]:
    """Whether the corpus holds each class."""
    return [error is not None for error in result["evaluation"]["train_mse_per_class"]]


def ratios_of(results: dict[str, Any], recipe: str, measure: Measure, pairs: Pairs) -> list[float]:
    """Ratios of the pairs of models that were trained for as many epochs, and on the same sounds if on the same corpus.

    A pair of measures compares these two of a pair of models.
    """
    fits = [[results.get(f"{model}/{recipe}") for model in pair] for pair in pairs]
    measures = [measure] * 2 if isinstance(measure, str) else measure
    values = [[value(*of) for of in zip(pair, measures)] for pair in fits if _alike(*pair)]
    return [less / more for less, more in values if less and more]


def _alike(one: dict[str, Any] | None, other: dict[str, Any] | None) -> bool:
    """Whether two results stand and can be compared."""
    if one is None or other is None:
        return False
    same_sounds = one["corpus"] != other["corpus"] or one["digest"] == other["digest"]
    return same_sounds and one["epochs"] == other["epochs"]


def paper_ratios(reported: dict[str, Any], measure: Measure, pairs: Pairs) -> list[float]:
    """The same of what the paper reports; none where it only says so in words."""

    def number(model: str) -> float | None:
        found = reported[model].get(measure) if isinstance(measure, str) else None
        return mean(found) if isinstance(found, list) else found

    values = [[number(model) for model in pair] for pair in pairs]
    return [less / more for less, more in values if less and more]


def mean(values: Iterable[float]) -> float:
    """Mean of those that are numbers; not a number when none is."""
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan
