"""The page of results: what the paper reports beside what was measured here, and what of its findings holds.

Everything on it follows from two tables, the paper's (``paper.toml``) and the
results kept so far; nothing is typed in by hand.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from training.paper.findings import findings, improvement
from training.paper.markdown import Result, Titles, error_cell, ratio_cell, row_of
from training.paper.results import best_known
from training.paper.tables import section


def render_page(paper: dict[str, Any], titles: Titles, kept: dict[str, Any]) -> str:
    """The page in Markdown.

    Parameters
    ----------
    paper : dict
        ``paper.toml``: the tables and figures by name, and ``findings``.
    titles : dict
        Of the recipes, by name; the paper's comes first.
    kept : dict
        ``corpora``: frames and sounds by name; ``results``: by ``model/recipe`` what `training.paper.task.perform`
        gave, with ``epochs`` and ``whole_epochs``; ``figures``: files by name.
    """
    results = {"/".join(key): kept["results"][chosen] for key, chosen in best_known(kept["results"]).items()}
    shown = {**kept, "results": results}
    sections = [_introduction(results)]
    sections += [
        shown_section
        for name, table in paper.items()
        if name != "findings" and (shown_section := section(name, table, titles, shown))
    ]
    sections += [
        findings(paper, titles, results),
        improvement(paper, titles, results),
        _rounding(titles, kept["results"]),
        _corpora(kept["corpora"]),
    ]
    return "\n\n".join(filter(None, sections)) + "\n"


def _introduction(results: dict[str, Result]) -> str:
    lines = [
        "# The paper's results, and ours",
        "",
        "Written by `manned-train reproduce`. Errors are mean squared errors on test sets, × 10⁻⁴. The paper's "
        "recordings were never published, so the sounds here are others, and so are the test patches: compare the "
        "order and the ratios of the rows, not the errors themselves. Minutes are wall-clock time, whatever else the "
        "machine had to do.",
    ]
    cut = [result for result in results.values() if result["epochs"] < result["whole_epochs"]]
    if cut:
        lines += [
            "",
            f"**Epochs were cut:** {len(cut)} of the {len(results)} fits on this page had fewer epochs than their "
            "recipe asks for; the column of epochs says how many, and `--epochs` with that number makes one again. "
            "Their errors are higher than they would become.",
        ]
    rounded = sum(result.get("mixed_bfloat16", False) for result in results.values())
    if rounded:
        lines += [
            "",
            f"{rounded} of the {len(results)} fits computed their wide layers in bfloat16 (`--mixed-bfloat16`), with "
            "weights and updates in float32.",
        ]
    devices = Counter(" and ".join(result.get("devices", [])) for result in results.values())
    lines += [
        line
        for names, count in devices.items()
        if names not in ("", "cpu")
        for line in ("", f"{count} of the {len(results)} fits were trained on this device: {names}.")
    ]
    return "\n".join(lines)


def _rounding(titles: Titles, results: dict[str, Result]) -> str | None:
    """The models that were trained both in float32 and in bfloat16, as long."""
    pairs = [
        (key, results[key], results[f"{key}/bfloat16"])
        for key in results
        if f"{key}/bfloat16" in results and results[key]["epochs"] == results[f"{key}/bfloat16"]["epochs"]
    ]
    if not pairs:
        return None
    lines = ["## Float32 and bfloat16", "", row_of(["model", "recipe", "float32", "bfloat16", "bfloat16 ÷ float32"])]
    lines.append(row_of(["---", "---", "--:", "--:", "--:"]))
    for key, exact, rounded in pairs:
        model, recipe = key.split("/")
        errors = [result["evaluation"]["test_mse"] for result in (exact, rounded)]
        lines.append(row_of([model, titles[recipe], *map(error_cell, errors), ratio_cell(errors[1] / errors[0])]))
    return "\n".join(lines)


def _corpora(corpora: dict[str, Any]) -> str:
    lines = [
        "## The corpora",
        "",
        row_of(["corpus", "frames to train on", "validation", "test", "from", "sounds and their licences"]),
        row_of(["---", "--:", "--:", "--:", "---", "---"]),
    ]
    for name, facts in corpora.items():
        sounds = "; ".join(f"{source} ({origin['licence']})" for source, origin in facts["origins"].items())
        lines.append(row_of([name, *facts["frames"].values(), ", ".join(facts["sources"]), sounds or "–"]))
    return "\n".join(lines)
