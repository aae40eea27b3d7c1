"""What holds of the paper's findings, and how far the other recipes go beyond it."""

from __future__ import annotations

from typing import Any

from training.paper.markdown import Result, Titles, numbers, result_keys, row_of, tried
from training.paper.results import gain, paper_ratios, ratios_of, value

CLOSE = 0.03
"""Ratios nearer to 1 than this are called too close to tell."""

TARGET = 0.7
"""Of the error by the paper's recipe: what the other recipes aim at."""

HARMONIC_TARGET = 0.95
"""Share of the energy on harmonics of the class asked for: what the other recipes aim at."""


def findings(paper: dict[str, Any], titles: Titles, results: dict[str, Result]) -> str:
    """What the paper found, and what holds here."""
    reported = {}
    for name, table in paper.items():
        if name != "findings":
            for row in table["rows"]:
                reported.setdefault(row["model"], {}).update(row)
    claims = [(finding["says"], finding["measure"], finding["pairs"]) for finding in paper["findings"]]
    found = {recipe: [ratios_of(results, recipe, *what) for _, *what in claims] for recipe in titles}
    shown = tried(titles, {recipe for recipe in titles if any(found[recipe])})
    lines = [
        "## What the paper found, and what holds here",
        "",
        f"Each finding is a set of comparisons; a ratio below 1 agrees with the paper. Ratios within {CLOSE:.0%} of 1 "
        "are called too close to tell. Each model was trained from one seed, and another may change its error by more. "
        "Only models trained for as many epochs are compared.",
        "",
        row_of(["finding", "in the paper", *shown.values()]),
        row_of(["---"] * (2 + len(shown))),
    ]
    for number, (says, *what) in enumerate(claims):
        in_paper = numbers(paper_ratios(reported, *what)) or "in words"
        lines.append(row_of([says, in_paper, *(verdict(found[recipe][number]) for recipe in shown)]))
    return "\n".join(lines)


def verdict(ratios: list[float]) -> str:
    """What some ratios, below 1 where they agree with the paper, say of its finding."""
    if not ratios:
        return "not measured"
    agree = sum(ratio < 1 - CLOSE for ratio in ratios)
    against = sum(ratio > 1 + CLOSE for ratio in ratios)
    if not agree and not against:
        word = "**too close to tell**"
    elif not against:
        word = "**holds**"
    elif not agree:
        word = "**does not hold**"
    else:
        word = f"**holds in part**: {agree} agree, {against} disagree, {len(ratios) - agree - against} too close"
    return f"{word} ({numbers(ratios)})"


def improvement(paper: dict[str, Any], titles: Titles, results: dict[str, Result]) -> str:
    """How many models the other recipes improve and by how much, and how many sound their notes."""
    models = dict.fromkeys(key.split("/")[0] for key in results)
    gains = {model: gain([value(results.get(key), "error") for key in result_keys(model, titles)]) for model in models}
    gains = {model: ratio for model, ratio in gains.items() if ratio}
    lines = ["## Better than the paper's recipe", ""]
    if not gains:
        return "\n".join([*lines, "The recipes have not been compared yet."])
    reached = sum(ratio <= TARGET for ratio in gains.values())
    first = [results[result_keys(model, titles)[0]] for model in gains]
    cut = sum(result["epochs"] < result["whole_epochs"] for result in first)
    lines.append(
        f"The best of the other recipes has {min(gains.values()):.2f} to {max(gains.values()):.2f} times the error of "
        f"the paper's recipe, model by model on the same test sets; {reached} of {len(gains)} models are at least "
        f"{1 - TARGET:.0%} better. By the paper's recipe {cut} of these had fewer epochs than it asks for."
    )
    sampled = [
        row["model"] for table in paper.values() if isinstance(table, dict) for row in table["rows"] if "match" in row
    ]
    keys = [key for model in sampled for key in result_keys(model, titles)[1:]]
    shares = [results[key]["evaluation"]["mesh"]["harmonic_share"] for key in keys if key in results]
    if shares:
        lines.append(
            f"In their meshes of Table V, {min(shares):.1%} to {max(shares):.1%} of the energy lies on harmonics of "
            f"the class asked for, over all twelve classes; {sum(share >= HARMONIC_TARGET for share in shares)} of "
            f"{len(shares)} meshes reach {HARMONIC_TARGET:.0%}."
        )
    return "\n".join(lines)
