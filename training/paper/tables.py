"""The paper's tables and figures on the page, with our results beside them."""

from __future__ import annotations

from typing import Any

from manned.model.pitch import CLASS_NAMES
from training.measure.posterior import verdict as posterior_verdict
from training.paper.markdown import (
    Result,
    Titles,
    count_cell,
    each_cell,
    error_cell,
    numbers,
    ratio_cell,
    result_keys,
    row_of,
    share_cell,
    tried,
)
from training.paper.results import by_class, gain, held_and_lacked, mean, value

Rows = list[dict[str, Any]]
Results = dict[str, Result]

_POINTS = ("classes of the corpus", "unheard classes", "test sounds")

_CONTENT = (
    "The mean is over the classes that the corpus holds; unheard classes are the others. A class can also be hit by a "
    "lump of noise, which no musician would call a note, or by one lone partial, which has no timbre. So the next "
    "table tells what share of the energy lies on harmonics of one note of the class, vibrato allowed for, and on how "
    "many of them: the effective number of partials, 1 for a lone one (`training/network/harmonics.py`). Both are "
    "means over all points, and beside them those of the test sounds."
)


def section(name: str, table: dict[str, Any], titles: Titles, kept: dict[str, Any]) -> str | None:
    """A table or figure of the paper with its heading; None when there is nothing to show."""
    results = kept["results"]
    shown = [results[key] for row in table["rows"] for key in result_keys(row["model"], titles) if key in results]
    tabulate = {"errors": _errors, "matches": _matches, "collapse": _collapse}.get(table["shows"])
    body = [tabulate(table["rows"], titles, results)] if tabulate and shown else []
    body += [
        f"**{titles[recipe].capitalize()}**\n\n![{table['title']}, {titles[recipe]}]({figure['file']})"
        for recipe in titles
        if (figure := kept["figures"].get(f"{name}/{recipe}"))
    ]
    return "\n\n".join([f"## {table['title']}", f"`{command(name, shown)}`", *body]) if body else None


def command(name: str, results: list[Result]) -> str:
    """The command that makes a table or figure again; with fewer epochs where all these results had so few."""
    cut = {result["epochs"] if result["epochs"] < result["whole_epochs"] else None for result in results}
    rounded = any(result.get("mixed_bfloat16") for result in results)
    return (
        f"manned-train reproduce {name}"
        + (f" --epochs {cut.pop()}" if len(cut) == 1 and cut != {None} else "")
        + (" --mixed-bfloat16" if rounded else "")
    )


def _errors(rows: Rows, titles: Titles, results: Results) -> str:
    titles = tried(titles, {recipe for row in rows for recipe in titles if f"{row['model']}/{recipe}" in results})
    heading = ["", "paper", *titles.values(), "best ÷ paper's recipe", "epochs", "minutes (paper's first)"]
    lines = [row_of(heading), row_of(["---"] + ["--:"] * (len(heading) - 1))]
    for row in rows:
        ours = [results.get(key) for key in result_keys(row["model"], titles)]
        errors = [value(result, "error") for result in ours]
        lines.append(
            row_of(
                [
                    row["label"],
                    error_cell(row["error"]),
                    *map(error_cell, errors),
                    ratio_cell(gain(errors)),
                    each_cell(ours, lambda result: str(result["epochs"])),
                    f"{row['minutes']}, " + each_cell(ours, lambda result: f"{value(result, 'minutes'):.1f}"),
                ]
            )
        )
    return "\n".join(lines)


def _matches(rows: Rows, titles: Titles, results: Results) -> str:
    heading = ["", "", "mesh", *CLASS_NAMES, "mean", "unheard classes", "epochs"]
    matches = [row_of(heading), row_of(["---", "---"] + ["--:"] * (len(heading) - 2))]
    contents = [
        row_of(["", "", *(f"{what}, {of}" for what in ("on harmonics", "partials") for of in _POINTS)]),
        row_of(["---", "---"] + ["--:"] * 2 * len(_POINTS)),
    ]
    for row in rows:
        matches.append(
            row_of(
                [
                    row["label"],
                    "paper",
                    row["mesh"],
                    *map(share_cell, row["match"]),
                    share_cell(mean(row["match"])),
                    "–",
                    300,
                ]
            )
        )
        for recipe in titles:
            result = results.get(f"{row['model']}/{recipe}")
            if not result:
                continue
            evaluation = result["evaluation"]
            matches.append(
                row_of([
                    "", titles[recipe], evaluation["mesh"]["length"], *map(share_cell, by_class(result, "matches")),
                    *map(share_cell, held_and_lacked(result, "matches")), result["epochs"],
                ])
            )  # fmt: skip
            contents.append(
                row_of([
                    row["label"], titles[recipe],
                    *map(share_cell, held_and_lacked(result, "harmonic_shares")),
                    share_cell(evaluation.get("test_harmonic_share")),
                    *map(count_cell, held_and_lacked(result, "partials_of")),
                    count_cell(evaluation.get("test_partials")),
                ])
            )  # fmt: skip
    return "\n".join([*matches, "", _CONTENT, "", *contents])


def _collapse(rows: Rows, titles: Titles, results: Results) -> str:
    heading = ["", "test error", "active latents", "divergence in nats", "sweeps that change the class", "epochs"]
    lines = [row_of(heading), row_of(["---"] + ["--:"] * (len(heading) - 1))]
    messages, collapsed = [], 0
    for row in rows:
        for recipe in titles:
            result = results.get(f"{row['model']}/{recipe}")
            if not result:
                continue
            measures = result["evaluation"]["posterior"]
            active = measures["active"]
            collapsed += not all(active)
            changes = [share for share, alive in zip(measures["class_changes"], active) if alive]
            lines.append(
                row_of([
                    row["label"], error_cell(value(result, "error")), f"{sum(active)} of {len(active)}",
                    numbers(measures["divergence_nats"]), share_cell(mean(changes)), result["epochs"],
                ])
            )  # fmt: skip
            messages.append(f"- {row['label']}: {posterior_verdict(measures)}.")
    found = (
        f"The paper saw posterior collapse in all of its models: here {collapsed} of {len(messages)} have it. It also "
        "saw that varying any one latent of a model without conditioning changes the note class: here the table says "
        "how many of the sweeps along active latents do that."
    )
    return "\n".join([*lines, "", *messages, "", found])
